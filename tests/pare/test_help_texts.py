"""What editors read beside the fields of the forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField
from django.urls import reverse
from wagtail.admin.panels import FieldPanel, Panel, get_edit_handler
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.contrib.settings.views import get_setting_edit_handler
from wagtail.models import DraftStateMixin
from wagtail.snippets.models import get_snippet_models

from core.registry import page_types
from tests.factories import ResourcePageFactory
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.one_engine
EXPLAINED = {"title", "slug", "seo_title", "search_description", "show_in_menus", "summary"} | {
    *("themes", "audiences", "territory", "territory_scope")
}
"""The fields that several types share."""
WITH_LENGTH = {"title": "60", "seo_title": "60", "search_description": "155"}


def panels(panel: Panel) -> Iterator[FieldPanel]:
    """Yield the panels of fields, at any depth."""
    if isinstance(panel, FieldPanel):
        yield panel
    for child in getattr(panel, "children", []):
        yield from panels(child)


@pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
def test_the_fields_that_types_share_are_explained(model: type[Any]) -> None:
    helps = {
        panel.field_name: str(panel.help_text or panel.db_field.help_text)
        for panel in panels(get_edit_handler(model))
    }

    # The home page has a summary of its own.
    own = {"summary"} if model.__name__ == "HomePage" else set()
    assert [name for name in (EXPLAINED - own) & set(helps) if not helps[name]] == []
    for name, length in WITH_LENGTH.items():
        assert f"{length} caractères" in helps[name]


@pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
def test_the_length_of_titles_and_summaries_is_counted(model: type[Any]) -> None:
    advised = {
        panel.field_name: panel.attrs.get("data-advised-length")
        for panel in panels(get_edit_handler(model))
    }

    for name, length in WITH_LENGTH.items():
        assert advised[name] == length
    # What is read in a mailbox after the subject is called an abstract too.
    if model.__name__ != "NewsletterIssuePage" and "summary" in advised:
        assert advised["summary"] == "300"


@pytest.mark.django_db
def test_the_editor_counts_lengths(client: Client) -> None:
    client.force_login(member("Relecture"))
    address = reverse("wagtailadmin_pages:edit", args=[ResourcePageFactory().pk])

    content = client.get(address).content.decode()

    assert 'data-advised-length="60"' in content
    assert "{count} sur {advised}" in content
    assert "js/lengths.js" in content


@pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
def test_fields_come_in_the_order_of_the_work(model: type[Any]) -> None:
    tab = get_edit_handler(model).children[0]
    order = list(names(tab))
    what = [name for name in ("title", "resource_type", "body") if name in order]
    when = [each.field_name for each in panels(tab) if isinstance(each.db_field, DateField)]
    people = [name for name in ("authors", "speakers", "dates", "registration") if name in order]

    assert [name for name in order if name in what] == what
    # The title of an issue is followed by its number.
    assert order.index("summary") < 5
    assert all(order.index("body") < order.index(name) for name in when + people)


def names(panel: Panel) -> Iterator[str]:
    """Yield the names of the fields and relations of a form, in their order."""
    if name := getattr(panel, "field_name", "") or getattr(panel, "relation_name", ""):
        yield name
    else:
        for child in getattr(panel, "children", []):
            yield from names(child)


def edit_handlers() -> dict[str, Panel]:
    """Return the panels of every form of ours."""
    found = {m.__name__: get_edit_handler(m) for m in [*page_types(), *get_snippet_models()]}
    found |= {model.__name__: get_setting_edit_handler(model) for model in settings_registry}
    return found


def test_every_field_is_explained() -> None:
    handlers = edit_handlers()
    assert {"SiteSettings", "Structure", "NewsletterIssuePage"} <= handlers.keys()

    bare = {
        f"{name}.{panel.field_name}"
        for name, handler in handlers.items()
        for panel in panels(handler)
        if not (panel.help_text or help_of(handler, panel))
    }

    assert bare == set()


def help_of(handler: Panel, panel: FieldPanel) -> str:
    """Return the help of a field: of its column, or of the form. Wagtail's explain themselves."""
    if hasattr(DraftStateMixin, panel.field_name):
        return "of Wagtail"
    field = handler.get_form_class().base_fields[panel.field_name]
    try:
        owner = panel.db_field.model.__module__
    except FieldDoesNotExist:
        owner = ""
    return "of Wagtail" if owner.startswith("wagtail.") else str(field.help_text)
