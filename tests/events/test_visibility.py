"""What the public sees of an event, and what nobody sees of its join link."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.registry import listing_for
from events.models import EventIndexPage, EventPage
from tests.answers import read_text
from tests.factories.events import (
    SECRET,
    TrainingPageFactory,
    WebinarPageFactory,
    agenda,
    only_session,
    training_date,
)

pytestmark = pytest.mark.django_db

FACTORIES = [TrainingPageFactory, WebinarPageFactory]
HIDDEN = ["draft", "expired", "private", "scheduled"]


def page_path(page: EventPage) -> str:
    return f"/agenda/{page.slug}/"


def places(page: EventPage) -> dict[str, str]:
    """Return every address that shows something of a live event, by what it is."""
    month = f"{timezone.localtime(page.first_at):%Y-%m}"
    every = "when=upcoming&when=past"
    return {
        "page": page_path(page),
        "agenda": f"/agenda/?{every}",
        "month": f"/agenda/?calendar={month}",
        "list": f"/api/v1/events/?{every}&facets=true",
        "detail": f"/api/v1/events/{page.pk}/",
        "calendar": f"/api/v1/events/calendar/?calendar={month}",
        "feed": "/api/v1/events.ics",
        "file": f"/api/v1/events/{page.pk}.ics",
        "resolve": f"/api/v1/resolve/?path={page_path(page)}",
        "v2": f"/api/v2/pages/{page.pk}/?fields=*",
        "v2 list": f"/api/v2/pages/?type=events.{type(page).__name__}&fields=*",
        "sitemap": "/sitemap.xml",
        "register": reverse("events:register", args=[only_session(page).uuid]),
        "received": reverse("events:received", args=[only_session(page).uuid]),
        "openapi": "/api/v1/openapi.json",
    }


def read(address: str) -> str:
    return read_text(address).replace("\r\n ", "")


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_join_link_is_nowhere_public(factory: Any) -> None:
    page = factory(title="Événement témoin", registration="here")

    data = {name: read(address) for name, address in places(page).items()}

    assert only_session(page).join_url == SECRET
    assert [name for name, text in data.items() if SECRET in text] == []
    assert [name for name, text in data.items() if "join_url" in text] == []
    # The test looks where the event is: otherwise it would prove nothing.
    silent = {"openapi", "sitemap"}
    assert [n for n, text in data.items() if page.title not in text and n not in silent] == []
    assert page.slug in data["sitemap"]


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_join_link_is_not_searched(factory: Any) -> None:
    from wagtail.search.backends import get_search_backend

    page = factory()

    rows = []
    for model in apps.get_models():
        if "indexentry" in model.__name__.lower():
            rows += [str(list(model.objects.values()))]
    fields = [field.field_name for field in type(page).get_search_fields()]

    assert rows
    assert "secret-a-ne-pas-dire" not in "".join(rows)
    assert "join_url" not in fields
    assert not get_search_backend().search("visio.example.org", type(page)).count()
    assert Client().get("/api/v1/events/?q=visio.example.org").json()["count"] == 0


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_join_link_is_not_in_a_preview(factory: Any, editor_client: Client) -> None:
    page = factory()

    response = editor_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))

    assert response.status_code == 200
    assert page.title in response.content.decode()
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_event_is_nowhere(factory: Any, hidden: str) -> None:
    page = factory(title="Événement caché", **{hidden: True})
    shown = WebinarPageFactory(title="Événement montré")
    month = f"{timezone.localtime(page.first_at):%Y-%m}"

    for address in (
        f"/agenda/{page.slug}/",
        f"/api/v1/events/{page.pk}/",
        f"/api/v1/events/{page.pk}.ics",
        f"/api/v1/resolve/?path=/agenda/{page.slug}/",
        f"/api/v2/pages/{page.pk}/",
    ):
        expected = {404, 302} if hidden == "private" and address.startswith("/agenda") else {404}
        assert Client().get(address).status_code in expected, address
    for address in (
        "/agenda/?when=upcoming&when=past",
        f"/agenda/?calendar={month}",
        "/api/v1/events/?when=upcoming&when=past&facets=true",
        f"/api/v1/events/calendar/?calendar={month}",
        "/api/v1/events.ics",
        "/api/v1/events/?q=caché",
        "/sitemap.xml",
    ):
        text = read(address)
        assert page.title not in text, address
        assert page.slug not in text, address
    assert shown.title in read("/agenda/")


def test_a_date_added_in_a_draft_is_no_session_yet() -> None:
    page = TrainingPageFactory()
    page.dates.add(training_date(60, place="Nantes"))
    page.save_revision()

    assert page.sessions.count() == 1
    assert "Nantes" not in read(f"/api/v1/events/{page.pk}/")


def test_the_home_page_shows_what_is_next_in_the_agenda() -> None:
    past, late, soon = (WebinarPageFactory(days=days) for days in (-5, 20, 2))

    shown = listing_for(EventIndexPage).latest_ids(agenda(), 5)

    assert shown == [soon.pk, late.pk]
    assert past.pk not in shown
