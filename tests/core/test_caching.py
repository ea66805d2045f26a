"""A response is kept for as long as its content is current, and not one change longer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection

from core.models import ContentVersion, Territory, Theme
from home.models import HomePage, SiteSettings
from tests.factories import (
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    UserFactory,
    publish,
    resource_index,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

RESOURCES = "/api/v1/resources/"
READ = ["/api/v1/resources/", "/api/v1/site/", "/api/v1/resolve/?path=/", "/"]


@pytest.fixture(autouse=True)
def _cached(settings: Any) -> Iterator[None]:
    settings.RESPONSE_CACHE_SECONDS = 300
    SiteSettings.load()  # The first reader of a new site has them made.
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.mark.parametrize("path", READ)
class TestConditionalRequests:
    def test_a_second_reader_gets_the_same_without_asking_for_it_again(
        self, client: Client, count_queries: Callable[..., int], path: str
    ) -> None:
        first = client.get(path)

        second: list[Any] = []
        cost = count_queries(lambda: second.append(client.get(path)))

        assert second[0].content == first.content
        assert second[0]["ETag"] == first["ETag"]
        assert cost <= (1 if path.startswith("/api/") else 6)  # The version; a page is found first.

    def test_what_a_reader_has_already_is_not_sent_again(self, client: Client, path: str) -> None:
        etag = client.get(path)["ETag"]

        response = client.get(path, headers={"if-none-match": etag})

        assert response.status_code == 304
        assert response.content == b""
        assert response["ETag"] == etag
        assert response["Cache-Control"]

    def test_no_other_cache_answers_in_our_place(self, client: Client, path: str) -> None:
        response = client.get(path)

        assert response["Cache-Control"] == "public, no-cache"
        assert ("Authorization" if path.startswith("/api/") else "Cookie") in response["Vary"]
        assert not response.cookies

    def test_a_cache_in_front_may_keep_it_as_long_as_it_is_set(
        self, client: Client, path: str, settings: Any
    ) -> None:
        settings.SHARED_CACHE_SECONDS = 30

        response = client.get(path)

        assert response["Cache-Control"] == "public, max-age=0, s-maxage=30"

    def test_a_publication_is_seen_at_once(self, client: Client, home: HomePage, path: str) -> None:
        before = client.get(path)

        home.title = "Un autre titre"
        publish(home)
        after = client.get(path, headers={"if-none-match": before["ETag"]})

        assert after.status_code == 200
        assert after["ETag"] != before["ETag"]


def test_one_reader_s_address_is_not_another_s(client: Client) -> None:
    ResourcePageFactory(title="Guide")

    pages = [
        client.get(RESOURCES + query).content for query in ("", "?limit=1", "?facets=true", "?q=x")
    ]

    assert len(set(pages)) == 4


@pytest.mark.parametrize("path,header", [(RESOURCES, "authorization"), ("/", "cookie")])
def test_who_signs_in_is_never_answered_from_the_cache_nor_kept(
    client: Client, count_queries: Callable[..., int], path: str, header: str
) -> None:
    ResourcePageFactory()
    client.get(path)

    response = Client().get(path, headers={header: "Bearer x"})
    cost = count_queries(lambda: Client().get(path, headers={header: "Bearer x"}))

    assert response["Cache-Control"] == "private, no-cache"
    assert "ETag" not in response
    assert cost > 1


def test_errors_are_not_kept(client: Client) -> None:
    page = StandardPageFactory(draft=True, slug="bientot")
    for address in (page.url or "/bientot/", f"/api/v1/pages/{page.pk}/"):
        assert client.get(address).status_code == 404

    publish(page)

    for address in ("/bientot/", f"/api/v1/pages/{page.pk}/"):
        assert client.get(address).status_code == 200


def test_nothing_is_kept_when_told_so(client: Client, settings: Any) -> None:
    settings.RESPONSE_CACHE_SECONDS = 0

    response = client.get(RESOURCES)

    assert response["Cache-Control"] == "private, no-cache"
    assert "ETag" not in response


def test_another_release_has_a_cache_of_its_own(client: Client, settings: Any) -> None:
    settings.RELEASE = "a"
    first = client.get(RESOURCES)["ETag"]
    settings.RELEASE = "b"

    assert client.get(RESOURCES)["ETag"] != first


class TestTheClock:
    def test_a_page_that_expires_leaves_lists_soon_even_if_no_task_runs(
        self, client: Client, settings: Any
    ) -> None:
        now = timezone.now()
        ResourcePageFactory(title="Éphémère", expire_at=now + dt.timedelta(seconds=30))
        with time_machine.travel(now, tick=False):
            assert client.get(RESOURCES).json()["count"] == 1

        late = now + dt.timedelta(seconds=30 + settings.RESPONSE_CACHE_SECONDS)
        with time_machine.travel(late, tick=False):
            assert client.get(RESOURCES).json()["count"] == 0

    def test_the_page_itself_ends_on_time(self, client: Client) -> None:
        now = timezone.now()
        page = ResourcePageFactory(expire_at=now + dt.timedelta(seconds=30))
        with time_machine.travel(now, tick=False):
            assert client.get(page.url).status_code == 200

        with time_machine.travel(now + dt.timedelta(seconds=31), tick=False):
            assert client.get(page.url).status_code == 404


def _term(page: Any) -> None:
    term = Theme.objects.get(slug="soin")
    term.label = "Renommé"
    term.save()


def _setting(page: Any) -> None:
    SiteSettings(pk=SiteSettings.load().pk, contact_email="autre@example.org").save()


def _image(page: Any) -> None:
    page.cover.title = "Renommée"
    page.cover.save()


def _document(page: Any) -> None:
    page.document.title = "Renommé"
    page.document.save()


CHANGES: dict[str, Callable[[Any], Any]] = {
    "publish": publish,
    "unpublish": lambda page: page.unpublish(),
    "delete": lambda page: page.delete(),
    "move": lambda page: page.move(resource_index(), pos="first-child"),
    "move elsewhere": lambda page: resource_index().move(HomePage.objects.get(), "first-child"),
    "copy": lambda page: page.copy(update_attrs={"slug": "copie"}),
    "slug": lambda page: (setattr(page, "slug", "autre"), page.save()),
    "term": _term,
    "term added": lambda page: (page.themes.add(Theme.objects.get(slug="soin")), page.save()),
    "tag": lambda page: (page.tags.add("neuf"), page.save()),
    "author": lambda page: (page.authors.create(name="Autrice"), page.save()),
    "territory": lambda page: Territory.objects.get(code="59").save(),
    "image": _image,
    "document": _document,
    "settings": _setting,
    "emergency number": lambda page: EmergencyNumberFactory(),
    "funder": lambda page: FunderFactory(),
    "privacy": lambda page: page.view_restrictions.create(restriction_type="login"),
    "privacy lifted": lambda page: (
        page.get_parent().view_restrictions.create(restriction_type="login").delete()
    ),
    "redirect": lambda page: Redirect.add_redirect("/ancien", page),
    "collection": lambda page: Collection.get_first_root_node().add_child(name="Autre"),
    "site": lambda page: page.get_site().save(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_public_changes_the_version(change: str) -> None:
    page = ResourcePageFactory(
        cover=ImageFactory(), document=DocumentFactory(), slug="avant", title="Avant"
    )
    ResourcePageFactory()
    page = type(page).objects.get(pk=page.pk)
    before = ContentVersion.current()

    CHANGES[change](page)

    assert ContentVersion.current() > before


def test_what_is_not_public_changes_nothing(editor_client: Client) -> None:
    before = ContentVersion.current()

    UserFactory()
    editor_client.get("/admin/")

    assert ContentVersion.current() == before


def test_a_document_that_was_read_changes_the_version(
    django_capture_on_commit_callbacks: Any,
) -> None:
    document = DocumentFactory()
    before = ContentVersion.current()

    from core.tasks import read_document

    read_document.call(document.pk)

    assert ContentVersion.current() > before


def test_what_surrounds_a_page_that_is_not_there_is_kept_until_it_changes(
    client: Client, count_queries: Callable[..., int]
) -> None:
    first = count_queries(lambda: client.get("/pas-la/"))

    second = count_queries(lambda: client.get("/pas-la/"))
    EmergencyNumberFactory(label="Une ligne de plus")

    assert second < first
    response = client.get("/pas-la/")
    assert response.status_code == 404
    assert "Une ligne de plus" in response.content.decode()
    english = client.get("/en/pas-la/")
    assert english.context["site"].locale == "en"


def test_who_signed_in_keeps_nothing_of_what_surrounds_a_page_for_others(
    client: Client, editor_client: Client
) -> None:
    with transaction.atomic():
        EmergencyNumberFactory(label="Une ligne qui n'est pas publique")
        editor_client.get("/pas-la/")
        transaction.set_rollback(True)
    # Counts as far as the change that was taken back.
    ContentVersion.bump()

    assert "Une ligne qui" not in client.get("/pas-la/").content.decode()
