"""The public reads what was admitted: not what rows have now, and the same once built anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import models
from django.test import Client
from modelcluster.models import get_all_child_relations
from wagtail.fields import StreamField
from wagtail.models import Page

from core.registry import registered_models, schema_for
from pare.api import api
from published.models import Item
from tests.answers import read_text
from tests.factories import DocumentFactory, ImageFactory, NewsPageFactory, full_body
from tests.factories.newsletter import NewsletterIssuePageFactory, archive, section, sections
from tests.home.test_api import golden_pages
from tests.pare.test_parity import (
    events,
    news,
    resources,
    rich_training,
    rich_webinar,
    structures,
)
from tests.resources.test_api import golden_resource, rich_news

if TYPE_CHECKING:
    from collections.abc import Iterator

    from home.models import HomePage

pytestmark = pytest.mark.django_db

WORD = "xylophone"
NOW = "2026-11-27T12:00:00+01:00"
KEPT = {"path", "content_type", "translation_key", "aliases", "kind", "key", "format"}
"""Columns that are no words: where a row stands, and what is derived."""
SEARCHES = ("ressource", WORD, "structure", "webinaire")


@pytest.fixture
def addresses(home: HomePage) -> Iterator[list[str]]:
    """Make a site with something of every type, and return every address that gives some of it."""
    with time_machine.travel(NOW, tick=False):
        shown = dict.fromkeys(something_of_every_type(home))
        yield [*shown, *api_addresses(), *other_addresses()]


def something_of_every_type(home: HomePage) -> Iterator[str]:
    """Make pages and structures of every type, rich ones, and yield their addresses."""
    yield from (page.url for page in golden_pages(home).values())
    yield from (
        golden_resource().url,
        rich_news(body=full_body(ImageFactory(), DocumentFactory(), home)).url,
        rich_training().url,
        rich_webinar().url,
    )
    for section_of in (resources, news, events, structures):
        yield from section_of(home, rows=2)
    yield "/reseau/departements/59/"
    issue = NewsletterIssuePageFactory(
        sections=sections(section("À lire", NewsPageFactory(), notes=("Un mot.",)))
    )
    yield from (issue.url, archive().url)


def api_addresses() -> list[str]:
    """Return the lists and details of the API, of every item that there is."""
    lists = [
        path
        for path, methods in api.get_openapi_schema()["paths"].items()
        if "get" in methods and "{" not in path
    ]
    lists = [path for path in lists if not path.endswith(("resolve/", "suggest/", "calendar/"))]
    return [
        *lists,
        *(f"{path}?facets=true" for path in ("/api/v1/resources/", "/api/v1/structures/")),
        *(f"/api/v1/search/?facets=true&q={words}" for words in SEARCHES),
        *(f"/api/v1/search/suggest/?q={words[:4]}" for words in SEARCHES),
        *(f"/api/v1/resolve/?path={path}" for path in Item.objects.values_list("path", flat=True)),
        "/api/v1/events/calendar/?calendar=2026-12",
    ]


def other_addresses() -> list[str]:
    return [
        "/sitemap.xml",
        "/flux/actualites.atom",
        "/flux/ressources.atom",
        "/flux/lettre.atom",
        *(f"/recherche/?q={words}" for words in SEARCHES),
    ]


def read_all(addresses: list[str]) -> dict[str, str]:
    return {address: in_order(address, read_text(address, Client())) for address in addresses}


def in_order(address: str, text: str) -> str:
    """Return an answer, without the order of what was found.

    PostgreSQL's ranks depend on how long titles are on average, at the moment of indexing.
    """
    if address.startswith("/api/v1/search/"):
        data = json.loads(text)
        return json.dumps(data | {"items": sorted(data["items"], key=json.dumps)})
    return "\n".join(sorted(text.splitlines())) if "/recherche/?" in address else text


def write_word(model: type[models.Model]) -> None:
    """Write a word into every text that rows of a model have, without saving any of them."""
    texts = {}
    for field in model._meta.concrete_fields:
        if field.name in KEPT or field.remote_field or field.unique or field.choices:
            continue
        if isinstance(field, StreamField):
            name = next(iter(field.stream_block.child_blocks))
            texts[field.name] = f'[{{"type": "{name}", "value": "{WORD}"}}]'
        elif isinstance(field, (models.CharField, models.TextField)):
            texts[field.name] = WORD[: field.max_length]
    if model._meta.label == "network.Structure":
        texts.pop("external_id")  # Two rows may not share one.
    if texts:
        model._default_manager.update(**texts)


def write_everywhere() -> None:
    for model in registered_models():
        write_word(model)
        for relation in get_all_child_relations(model):
            write_word(relation.related_model)
    write_word(Page)


def published_rows() -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in Item.objects.values()}


def test_the_public_reads_what_was_admitted_alone(addresses: list[str]) -> None:
    """Together, since the site and the walks are long: what rows have, what is built anew."""
    assert_every_type_has_an_item_with_its_content()
    before, rows = read_all(addresses), published_rows()

    call_command("rebuild_items", verbosity=0)

    for key, row in published_rows().items():
        assert row == rows[key], row["path"]

    write_everywhere()

    after = read_all(addresses)
    for address in addresses:
        assert after[address] == before[address], address
    assert not any(WORD in text for address, text in after.items() if WORD not in address)


def assert_every_type_has_an_item_with_its_content() -> None:
    kinds = set(Item.objects.values_list("kind", flat=True))

    assert kinds == {schema_for(model).type_name() for model in registered_models()}
    for item in Item.objects.filter(is_alias=False):
        model: Any = item.content_type.model_class()
        row = model._default_manager.get(pk=item.thing_id)

        assert row.with_content_json(item.content).serializable_data().keys() == item.content.keys()
