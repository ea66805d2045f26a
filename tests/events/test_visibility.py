"""What the public sees of an event, and what nobody sees of its join link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.registry import listing_for
from core.web.signed_links import signed_path
from events import emails
from events.models import EventIndexPage, EventPage, TrainingPage
from events.session_sync import cancel_session
from events.tokens import CANCEL, TAKE_PART
from published.models import Item
from published.rebuilding import rebuild_item
from tests.answers import read_text
from tests.factories.events import (
    SECRET,
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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


WAYS: dict[str, Callable[[Any], object]] = {
    "save": lambda page: page.save(),
    "update": lambda page: (
        type(page)
        .objects.filter(pk=page.pk)
        .update(
            title=page.title,
            draft_title=page.title,
            summary=page.summary,
            search_description=page.summary,
            slug=page.slug,
            registration=page.registration,
            external_registration_url=page.external_registration_url,
            first_at=None,
            last_at=None,
        )
    ),
    "bulk_update": lambda page: type(page).objects.bulk_update(
        [page], ["title", "summary", "slug", "registration", "external_registration_url"]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_not_admitted_is_read_nowhere(way: str) -> None:
    page: Any = TrainingPageFactory(title="Événement témoin", summary="Résumé admis")
    registration = RegistrationFactory(session=only_session(page), has_attended=True)
    # The API that is Wagtail's own reads rows: it is not for the public.
    addresses = {name: path for name, path in places(page).items() if "v2" not in name}
    addresses |= {use.route: signed_path(use, registration.uuid) for use in (TAKE_PART, CANCEL)}
    before = {name: read(address) for name, address in addresses.items()}

    page.title = page.summary = "Mots interdits"
    page.slug, page.registration = "mots-interdits", "external"
    page.external_registration_url = "https://mots-interdits.example.org/"
    page.dates.set([training_date(70, place="Mots interdits")])
    WAYS[way](page)

    after = {name: read(address) for name, address in addresses.items()}
    for kind in emails.EMAILS:
        emails.send(registration, emails.EMAILS[kind])
    letters = "".join(message.message().as_string() + message.body for message in mail.outbox)
    for text in (*after.values(), letters):
        assert "interdits" not in text.lower()
    assert "Événement témoin" in letters
    assert after["detail"] == before["detail"]


def test_a_withdrawn_event_keeps_its_title_for_those_who_registered() -> None:
    page: Any = TrainingPageFactory(title="Formation admise")
    registration = RegistrationFactory(session=only_session(page))
    page.unpublish()
    page.title = "Mots interdits"
    page.save()

    shown = read(signed_path(TAKE_PART, registration.uuid))
    emails.send(registration, emails.EMAILS["cancelled"])
    emails.send(registration, emails.EMAILS["confirmed"])

    cancelled, confirmed = mail.outbox
    assert "Formation admise" in shown
    assert 'href="/agenda/' not in shown
    assert "Formation admise" in cancelled.subject
    assert "/agenda/" not in cancelled.body
    attached = confirmed.attachments[0].content
    assert "SUMMARY:Formation admise" in attached
    assert "URL" not in attached
    for text in (shown, cancelled.body, confirmed.body, attached):
        assert "interdits" not in text


def test_a_preview_shows_the_sessions_that_are_planned(editor_client: Client) -> None:
    page: Any = TrainingPageFactory(title="Formation admise", dates=[training_date(20)])
    page.title = "Titre du brouillon"
    page.dates.add(training_date(60, place="Nantes"))
    page.save_revision()

    draft = page.to_schema("")
    shown = editor_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))

    assert [session.place for session in draft.sessions] == ["Lille", "Nantes"]
    assert [bool(session.registration_url) for session in draft.sessions] == [True, False]
    assert draft.next_session.place == "Lille"
    assert "Nantes" in shown.content.decode()
    assert "Titre du brouillon" in shown.content.decode()
    new = TrainingPage(title="Neuve", locale=page.locale, dates=[training_date(5)])
    assert [session.id for session in new.to_schema("").sessions] == [0]


def test_an_alias_leads_to_the_sessions_of_its_source(get_json: Any) -> None:
    page: Any = WebinarPageFactory(title="Webinaire source")
    alias = page.create_alias(update_slug="ailleurs")

    listed = get_json("/api/v1/events/")["items"]

    assert {item["id"] for item in listed} == {page.pk, alias.pk}
    urls = {item["sessions"][0]["registration_url"] for item in listed}
    assert urls == {f"http://testserver/inscriptions/{only_session(page).uuid}/"}
    assert read("/api/v1/events.ics").count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("factory", FACTORIES)
def test_building_an_item_anew_changes_nothing(factory: Any) -> None:
    page = factory()
    cancel_session(only_session(page).pk)
    type(page).objects.filter(pk=page.pk).update(title="Mots interdits", first_at=None)

    def written() -> Any:
        item = Item.objects.get(page=page.pk)
        values = Item.objects.filter(pk=item.pk).values().get()
        return values, set(item.facets.values_list("name", "value"))

    before = written()
    rebuild_item(Item.objects.get(page=page.pk))

    assert written() == before
    month = f"{timezone.localtime(page.get_period()[0]):%Y-%m}"
    assert ("month", month) in before[1]


def test_a_date_added_in_a_draft_is_no_session_yet() -> None:
    page = TrainingPageFactory()
    page.dates.add(training_date(60, place="Nantes"))
    page.save_revision()

    assert page.sessions.count() == 1
    assert "Nantes" not in read(f"/api/v1/events/{page.pk}/")


def test_the_home_page_shows_what_is_next_in_the_agenda() -> None:
    past, late, soon = (WebinarPageFactory(days=days) for days in (-5, 20, 2))

    shown = listing_for(EventIndexPage).latest_ids("/agenda/", "fr", 5)

    assert shown == [soon.pk, late.pk]
    assert past.pk not in shown
