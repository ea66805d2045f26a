"""What the site shows, the API says: each page is rendered again from the API's JSON alone.

The HTML that a reader gets is compared, byte for byte, with that of the same template given
nothing but its own address and what an app could have read over HTTP: ``resolve/``, ``site/``,
and the list of an index page.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.template import Context
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pydantic import TypeAdapter

from core.registry import page_types, schema_for
from home.models import HomePage
from home.schemas import SiteInfo
from newsletter.schemas import NewsletterList
from pare.resolving import Resolved
from resources.schemas import NewsList, ResourceList
from tests.factories import (
    CampaignPageFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    news_index,
    resource_index,
)
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    archive,
    section,
    sections,
)
from tests.home.test_api import golden_pages
from tests.resources.test_api import golden_news, golden_resource, rich_news, rich_resource

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

LISTS: dict[str, Any] = {
    "resource_index": ResourceList,
    "news_index": NewsList,
    "newsletter_index": NewsletterList,
}
"""For each index page's ``type``, the shape of its list."""


def resources(home: HomePage) -> list[str]:
    for number in range(14):
        rich_resource(title=f"Ressource {number:02}", slug=f"r-{number:02}")
    address = resource_index().url
    return [
        address,
        f"{address}?offset=12",
        f"{address}?theme=fugue&theme=soin&territory=R32&format=document",
        f"{address}?q=ressource&order=title",
        f"{address}?theme=handicap",
        f"{address}?year=1999&tag=inconnu",
    ]


def news(home: HomePage) -> list[str]:
    for number in range(14):
        rich_news(title=f"Actualité {number:02}", slug=f"a-{number:02}")
    address = news_index().url
    return [address, f"{address}?offset=12", f"{address}?theme=fugue&q=actualite"]


EXAMPLES: dict[str, Callable[[HomePage], list[str]]] = {
    "home": lambda home: [golden_pages(home)["home"].url],
    "standard": lambda home: [golden_pages(home)["standard"].url, StandardPageFactory().url],
    "campaign": lambda home: [golden_pages(home)["campaign"].url, CampaignPageFactory().url],
    "team": lambda home: [golden_pages(home)["team"].url, TeamPageFactory().url],
    "resource_index": resources,
    "resource": lambda home: [
        golden_resource().url,
        ResourcePageFactory().url,
        ResourcePageFactory(external_url="https://example.org/x", is_demo=True).url,
        ResourcePageFactory(video_url="https://video.example.org/1", video_duration="12:30").url,
    ],
    "news_index": news,
    "news": lambda home: [golden_news().url, NewsPageFactory().url],
    "newsletter_index": lambda home: [
        archive().url,
        *(NewsletterIssuePageFactory() and archive().url for _ in range(14)),
        f"{archive().url}?offset=12",
    ],
    "newsletter": lambda home: [
        NewsletterIssuePageFactory(
            period="été 2026",
            sections=sections(
                section("À lire", golden_news(), NewsPageFactory(), notes=("Un mot.",)),
                section("Le réseau", text="<p>Des nouvelles : <b>deux</b>.</p>"),
            ),
        ).url,
        NewsletterIssuePageFactory(editorial="", summary="").url,
    ],
}
"""For each type of page of these apps, the addresses of a rich page and of a bare one.

Other apps bring their own, in a fixture called ``parity_<type>``.
"""


def read(client: Client, address: str, **query: Any) -> bytes:
    response = client.get(address, query)
    assert response.status_code == 200, (address, response.content[:500])
    return response.content


def from_the_api(address: str) -> str:
    """Render the page at an address from nothing but what the API says of it."""
    client = Client()
    parts = urlsplit(address)
    resolved = TypeAdapter(Resolved).validate_json(
        read(client, "/api/v1/resolve/", path=parts.path)
    )
    page = resolved.page
    context: dict[str, Any] = {
        "page": page,
        "site": SiteInfo.model_validate_json(read(client, "/api/v1/site/", locale=page.locale)),
    }
    if page.type in LISTS:
        question = f"{parts.query}&" if parts.query else ""
        listed = f"{urlsplit(page.list_url).path}?{question}facets=true&limit=12"
        context["list"] = LISTS[page.type].model_validate_json(read(client, listed))
    (model,) = [m for m in page_types() if schema_for(m).type_name() == page.type]
    # Neither user nor session, nor any context processor.
    alone = Context(context)
    alone.request = alone["request"] = RequestFactory().get(address)
    with CaptureQueriesContext(connection) as queries:
        html: str = get_template(model.template).template.render(alone)
    assert len(queries) == 0, queries.captured_queries[0]
    return html


@pytest.fixture
def surroundings(home: HomePage) -> None:
    EmergencyNumberFactory(number="119", is_prominent=True, note="gratuit, 24 h/24")
    EmergencyNumberFactory(number="114", channel="sms", label="Urgences", sort_order=1)
    FunderFactory(name="Ministère", url="https://example.org/", logo=ImageFactory())
    FunderFactory(name="Fondation")


def test_every_type_of_page_has_an_example() -> None:
    ours = {"home", "core", "resources", "newsletter"}
    types = {schema_for(m).type_name() for m in page_types() if m._meta.app_label in ours}

    assert types == set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_site_shows_what_the_api_says(home: HomePage, surroundings: None, kind: str) -> None:
    for address in EXAMPLES[kind](home):
        shown = read(Client(), address).decode()

        said = from_the_api(address)

        difference = "\n".join(
            difflib.unified_diff(
                shown.splitlines(), said.splitlines(), "site", "API", lineterm="", n=1
            )
        )
        assert shown == said, f"{address}\n{difference[:3000]}"
