"""The door: who lets words in, what is kept of it, and what takes them out again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale, Page

from published.admission import AdmissionRefused, admit
from published.models import FormerSlug, Item, LedgerEntry, LedgerIsAppendOnly
from published.publishing import settle_copies
from published.rebuilding import admit_live, keep_former_slugs
from resources.models import NewsPage
from review.actors import Actor, acting
from review.content import canonical_hash
from tests.factories import NewsPageFactory, StandardPageFactory, news_index, publish
from tests.factories.contributions import member
from tests.factories.translations import publish_translation, translate_with_parents

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from home.models import HomePage

pytestmark = pytest.mark.django_db

NEWS = "/api/v1/news/"


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination", "coordinatrice")


@pytest.fixture
def reviewer(db: None) -> User:
    return member("Relecture", "relectrice")


@pytest.fixture
def draft(db: None) -> NewsPage:
    page: NewsPage = NewsPageFactory(title="Journée", draft=True)
    page.save_revision()
    return page


def entries() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(kind="news").order_by("pk"))


def test_publishing_admits_in_the_name_of_who_did_it(draft: NewsPage, coordinator: User) -> None:
    draft.get_latest_revision().publish(user=coordinator)

    (entry,) = entries()
    assert (entry.act, entry.user, entry.thing_id) == ("admit", coordinator, draft.pk)
    assert entry.content_hash == canonical_hash(draft.get_latest_revision().content)
    assert Item.objects.get(page=draft).content_hash == entry.content_hash


def test_nobody_is_nobody(draft: NewsPage) -> None:
    with pytest.raises(AdmissionRefused):
        draft.get_latest_revision().publish()

    assert not entries()
    assert not Page.objects.get(pk=draft.pk).live, "refused before anything was written"


def test_a_right_to_publish_is_asked_for_even_where_permissions_are_skipped(
    draft: NewsPage, reviewer: User
) -> None:
    with pytest.raises(AdmissionRefused):
        draft.get_latest_revision().publish(user=reviewer, skip_permission_checks=True)

    assert not entries()


def test_a_reason_of_the_program_is_one_that_is_known(draft: NewsPage) -> None:
    with acting(system="because"), pytest.raises(AdmissionRefused):
        draft.get_latest_revision().publish()

    with acting(system="demonstration"):
        draft.get_latest_revision().publish()

    assert [entry.reason for entry in entries()] == ["demonstration"]


def test_two_pages_never_share_an_address(coordinator: User) -> None:
    first = NewsPageFactory(title="Première", slug="meme")
    NewsPage.objects.filter(pk=first.pk).update(slug="autre")
    second = NewsPageFactory(slug="meme", draft=True)
    second.save_revision()

    with pytest.raises(AdmissionRefused, match=r"Première.* est déjà en ligne à cette adresse"):
        second.get_latest_revision().publish(user=coordinator)


def test_the_ledger_only_grows(draft: NewsPage) -> None:
    publish(draft)
    (entry,) = entries()

    for change in (
        entry.save,
        entry.delete,
        LedgerEntry.objects.all().delete,
        lambda: LedgerEntry.objects.update(reason=""),
        lambda: LedgerEntry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(LedgerIsAppendOnly):
            change()


def unpublish(page: NewsPage) -> None:
    page.unpublish()


def delete(page: NewsPage) -> None:
    page.delete()


def expire(page: NewsPage) -> None:
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - dt.timedelta(seconds=1))


def restrict(page: NewsPage) -> None:
    page.get_parent().view_restrictions.create(restriction_type="login")


def end_by_sql(page: NewsPage) -> None:
    NewsPage.objects.filter(pk=page.pk).update(live=False)


@pytest.mark.parametrize("end", [unpublish, delete, expire, restrict, end_by_sql])
def test_what_ends_is_in_no_answer(end: Callable[[NewsPage], None]) -> None:
    page = NewsPageFactory(title="Belvédère", slug="belvedere")
    NewsPageFactory(title="Autre")

    end(page)

    client = Client()
    assert client.get(f"{NEWS}{page.pk}/").status_code == 404
    assert client.get("/actualites/belvedere/").status_code != 200
    for address in (NEWS, f"{NEWS}?facets=true", "/api/v1/search/?q=belvedere", "/sitemap.xml"):
        answer = client.get(address).content.decode()
        assert "Belv" not in answer, address
        assert "/belvedere/" not in answer, address


@pytest.mark.parametrize("end", [unpublish, delete])
def test_what_is_withdrawn_is_in_the_ledger(end: Callable[[NewsPage], None]) -> None:
    page = NewsPageFactory()

    end(page)

    assert [entry.act for entry in entries()] == ["admit", "withdraw"]
    assert not Item.objects.filter(kind="news").exists()


def test_what_is_live_no_longer_is_withdrawn_by_the_schedule() -> None:
    page = NewsPageFactory()
    end_by_sql(page)

    call_command("publish_scheduled", verbosity=0)

    assert [(e.act, e.reason) for e in entries()][-1] == ("withdraw", "no longer live")


def test_one_refusal_does_not_stop_the_schedule(coordinator: User, reviewer: User) -> None:
    soon = timezone.now() + dt.timedelta(hours=1)
    pages: list[Any] = []
    for slug in ("prise", "libre"):
        page = NewsPageFactory(slug=slug, draft=True, go_live_at=soon)
        page.save_revision().publish(user=coordinator)
        pages.append(page)
    taken = NewsPageFactory(title="Déjà là", slug="deja")
    Item.objects.filter(page=taken).update(path="/actualites/prise/")

    with time_machine.travel(soon + dt.timedelta(minutes=1)):
        call_command("publish_scheduled", verbosity=0)

    assert [Page.objects.get(pk=page.pk).live for page in pages] == [False, True]


def test_a_page_that_moves_keeps_its_words_and_changes_its_address() -> None:
    section = StandardPageFactory(slug="avant")
    page = StandardPageFactory(slug="page", parent=section)
    below = StandardPageFactory(slug="sous", parent=page)
    other = StandardPageFactory(slug="apres")

    page.move(other, pos="last-child")

    paths = dict(Item.objects.filter(kind="standard").values_list("page", "path"))
    assert paths[page.pk] == "/apres/page/"
    assert paths[below.pk] == "/apres/page/sous/"
    assert Client().get("/apres/page/sous/").status_code == 200


def test_another_slug_moves_what_is_below() -> None:
    page = StandardPageFactory(slug="avant")
    below = StandardPageFactory(slug="sous", parent=page)
    page = type(page).objects.get(pk=page.pk)

    page.slug = "après"
    publish(page)

    assert Item.objects.get(page=below).path == "/apr%C3%A8s/sous/"
    assert Client().get("/apr%C3%A8s/sous/").status_code == 200


def test_a_copy_that_stays_live_is_admitted_by_who_may(coordinator: User, reviewer: User) -> None:
    page = NewsPageFactory(title="Originale")

    copy = page.copy(update_attrs={"slug": "copie"}, user=coordinator)
    other = page.copy(update_attrs={"slug": "autre"}, keep_live=False, user=coordinator)
    Page.objects.filter(pk=other.pk).update(live=True)
    settle_copies(Page.objects.get(pk=other.pk), Actor(user=reviewer))

    assert Item.objects.get(page=copy).path == "/actualites/copie/"
    assert not Page.objects.get(pk=other.pk).live
    assert not Item.objects.filter(page=other).exists()


def test_an_alias_has_the_words_of_its_source() -> None:
    page = NewsPageFactory(title="Avant")
    section = news_index()
    alias = page.create_alias(parent=section, update_slug="ailleurs")
    assert Client().get("/actualites/ailleurs/").status_code == 200

    page.title = "Après"
    publish(page)

    assert Item.objects.get(page=alias).title == "Après"
    assert "Après" in Client().get("/actualites/ailleurs/").content.decode()


def test_admitting_again_changes_one_item() -> None:
    page = NewsPageFactory(title="Avant")
    page.title = "Après"

    admit(page, Actor(system="demonstration"))

    assert Item.objects.get(page=page).title == "Après"
    assert Item.objects.filter(kind="news").count() == 1


def test_what_waits_for_its_hour_leaves_the_site_as_it_is(home: HomePage) -> None:
    director = Actor(user=member("Direction", "directrice"))
    assert home.live_revision is None
    shown = Client().get("/").content

    home.summary, home.go_live_at = "Demain", timezone.now() + dt.timedelta(days=1)
    revision = home.save_revision(user=director.user)
    with acting(user=director.user):
        revision.publish(user=director.user)

    home.refresh_from_db()
    assert home.live
    assert home.latest_revision == revision
    assert Client().get("/").content == shown
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        call_command("publish_scheduled", verbosity=0)
        assert "Demain" in Client().get("/").content.decode()


def test_the_slug_of_a_draft_is_in_no_address_below_it() -> None:
    section = StandardPageFactory(draft=True, slug="brouillon")
    below = StandardPageFactory(parent=section, slug="dessous")
    path = f"/-{section.pk}/dessous/"

    assert Item.objects.get(page=below).path == path
    assert Client().get(path).status_code == 200
    assert Client().get("/api/v1/resolve/", {"path": path}).status_code == 200
    assert Client().get("/brouillon/dessous/")["Location"] == path

    section.refresh_from_db()
    publish(section)
    assert Item.objects.get(page=below).path == "/brouillon/dessous/"


def test_what_is_below_a_section_that_is_not_translated_has_its_name_in_french(
    coordinator: User,
) -> None:
    page = NewsPageFactory(slug="journee")
    arabic = Locale.objects.create(language_code="ar")
    publish_translation(translate_with_parents(page, arabic), coordinator)

    translated = page.get_translation(arabic)
    assert not translated.get_parent().live
    assert Item.objects.get(page=translated).path == "/ar/actualites/journee/"
    assert Client().get("/ar/actualites/journee/").status_code == 200


def test_what_is_below_a_withdrawn_page_keeps_its_address() -> None:
    section = StandardPageFactory(slug="rubrique")
    below = StandardPageFactory(parent=section, slug="dessous")

    Page.objects.get(pk=section.pk).specific.unpublish()
    Page.objects.filter(pk=section.pk).update(slug="secret")
    admit(Page.objects.get(pk=below.pk).specific, Actor(system="demonstration"))

    assert Item.objects.get(page=below).path == "/rubrique/dessous/"


def test_what_was_unpublished_before_there_were_items_keeps_its_name() -> None:
    section = StandardPageFactory(slug="rubrique")
    below = StandardPageFactory(parent=section, slug="dessous")
    draft = StandardPageFactory(slug="brouillon", draft=True)
    Item.objects.all().delete()
    Page.objects.filter(pk=section.pk).update(live=False)

    keep_former_slugs()
    admit_live("upgrade")

    assert Item.objects.get(page=below).path == "/rubrique/dessous/"
    assert list(FormerSlug.objects.values_list("page", flat=True)) == [section.pk]
    assert not Item.objects.filter(page=draft).exists()
