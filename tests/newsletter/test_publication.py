"""An issue becomes public by being sent after its review, by no other way."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Revision
from wagtail_localize.models import TranslationSource

from core.models import User
from newsletter import sending
from newsletter.models import Mailing, NewsletterIssuePage
from newsletter.sending.worker import Worker
from tests.factories import NewsPageFactory, UserFactory, publish
from tests.factories.contributions import member
from tests.factories.forms import fields_sent
from tests.factories.newsletter import (
    SubscriberFactory,
    archive,
    review,
    section,
    sections,
)
from tests.factories.translations import translate_with_parents, translation_in, write_words

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

WORDS = "Dragonneau"
LATER = "Corrigendum"
PUBLISHERS = ["Direction", "Coordination", "administration"]
TEAM = [*PUBLISHERS, "Relecture"]
ISSUES = "/admin/lettre/numeros/"


def account(group: str) -> User:
    """Return somebody of a group, or an administrator, who may do everything else."""
    return UserFactory(is_superuser=True) if group == "administration" else member(group)


def signed_in(group: str) -> Client:
    client = Client()
    client.force_login(account(group))
    return client


def an_issue() -> NewsletterIssuePage:
    """Return an issue that nobody reviewed."""
    page: Any = NewsletterIssuePage(
        title=f"Lettre {WORDS}",
        slug="dragonneau",
        number=7,
        subject="La lettre",
        summary="Un aperçu.",
        editorial=f"<p>{WORDS}</p>",
        sections=sections(section("Le réseau", text="<p>Des nouvelles.</p>")),
        locale=archive().locale,
        live=False,
    )
    archive().add_child(instance=page)
    page.save_revision(user=member("Relecture"))
    found: NewsletterIssuePage = NewsletterIssuePage.objects.get(pk=page.pk)
    return found


def an_approved_issue() -> NewsletterIssuePage:
    return review(an_issue())


def send(page: NewsletterIssuePage) -> None:
    SubscriberFactory()
    sending.schedule(page, member("Coordination"))
    Worker().run(once=True)
    assert Mailing.objects.filter(page=page, state=Mailing.State.SENT).exists()


def a_sent_issue() -> NewsletterIssuePage:
    page = an_approved_issue()
    send(page)
    return NewsletterIssuePage.objects.get(pk=page.pk)


def read_by_public(page: NewsletterIssuePage) -> str:
    """Return all that the public reads which may speak of an issue."""
    client = Client()
    path = f"/{archive().slug}/{page.slug}/"
    words = []
    for address in (
        path,
        f"/{archive().slug}/",
        f"/api/v1/resolve/?path={path}",
        "/api/v1/newsletters/",
        f"/api/v1/newsletters/{page.pk}/",
        f"/api/v1/search/?q={WORDS}",
        f"/recherche/?q={WORDS}",
        "/flux/lettre.atom",
        "/sitemap.xml",
    ):
        response = client.get(address)
        if response.status_code == 200:
            content = b"".join(response) if response.streaming else response.content
            # A search repeats what was asked.
            text = content.decode().replace(f'value="{WORDS}"', "")
            words.append(text if "?q=" not in address else text.replace(f"« {WORDS} »", ""))
    return "\n".join(words)


def is_public(page: NewsletterIssuePage, words: str = WORDS) -> bool:
    found = read_by_public(page)
    is_listed = words == WORDS and f"{page.slug}/</loc>" in found
    return f"Lettre {words}" in found or f"<p>{words}" in found or is_listed


def latest(page: NewsletterIssuePage) -> Any:
    return NewsletterIssuePage.objects.get(pk=page.pk).get_latest_revision_as_object()


def editor(page: NewsletterIssuePage) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def creator() -> str:
    kind = NewsletterIssuePage._meta
    return reverse("wagtailadmin_pages:add", args=[kind.app_label, kind.model_name, archive().pk])


def form_of(client: Client, page: NewsletterIssuePage, **values: str) -> dict[str, list[str]]:
    """Return what the editor of an issue sends, with other values in it."""
    html = client.get(editor(page)).content.decode()
    sent = fields_sent(html, "form#page-edit-form") | {"sections-count": ["0"]}
    return sent | {name: [value] for name, value in values.items()}


def read_messages(response: Any) -> str:
    html = unescape(response.content.decode())
    found = re.search(r'class="messages"(.*?)</ul>', html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1] if found else "").split())


# The editor


@pytest.mark.parametrize("group", TEAM)
def test_the_editor_offers_what_leads_to_the_site_and_no_other_way(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    create = reverse(
        "wagtailadmin_pages:add", args=["newsletter", "newsletterissuepage", archive().pk]
    )

    for address in (create, editor(page)):
        html = client.get(address).content.decode()
        soup = BeautifulSoup(html, "html5lib")
        assert soup.select_one("[name=action-publish]") is None
        assert soup.select_one("[name=go_live_at]") is None
        text = " ".join(soup.get_text(" ").split())
        assert "Soumettre à Relecture PARÉ" in text
        assert "Un numéro ne se publie pas, il s'envoie" in text


@pytest.mark.parametrize("group", TEAM)
def test_a_forged_publication_saves_the_draft_and_explains(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    data = form_of(client, page, title=f"Lettre {WORDS} bis", **{"action-publish": "1"})

    response = client.post(editor(page), data, follow=True)

    assert response.status_code == 200
    assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert "Vérifier et envoyer" in read_messages(response)
    assert latest(page).title == f"Lettre {WORDS} bis"
    assert not is_public(page)


@pytest.mark.parametrize("group", PUBLISHERS)
def test_a_new_issue_is_a_draft_whatever_is_asked(group: str) -> None:
    client = signed_in(group)
    address = reverse(
        "wagtailadmin_pages:add", args=["newsletter", "newsletterissuepage", archive().pk]
    )
    html = client.get(address).content.decode()
    data = fields_sent(html, "form#page-edit-form") | {
        "title": f"Lettre {WORDS}",
        "slug": "dragonneau",
        "number": "7",
        "sections-count": "0",
        "action-publish": "1",
    }

    response = client.post(address, data, follow=True)

    page = NewsletterIssuePage.objects.get(slug="dragonneau")
    assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert not is_public(page)


@pytest.mark.parametrize("group", PUBLISHERS)
def test_a_forged_schedule_comes_to_nothing(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    soon = timezone.now() + dt.timedelta(hours=1)
    when = timezone.localtime(soon).strftime("%Y-%m-%d %H:%M")
    data = form_of(client, page, go_live_at=when, **{"action-publish": "1"})

    client.post(editor(page), data)
    Revision.objects.filter(object_id=str(page.pk)).update(approved_go_live_at=soon)
    with time_machine.travel(soon + dt.timedelta(minutes=5), tick=False):
        call_command("publish_scheduled", verbosity=0)
        assert not is_public(page)


@pytest.mark.parametrize("group", PUBLISHERS)
def test_a_bulk_publication_leaves_issues_out_and_explains(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    news: Any = NewsPageFactory(draft=True, title="Une actualité")
    news.save_revision(user=member("Relecture"))
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    alone = client.post(f"{address}?id={page.pk}&next=/admin/", {}, follow=True)
    both = client.post(f"{address}?id={page.pk}&id={news.pk}&next=/admin/", {}, follow=True)

    for response in (alone, both):
        assert response.status_code == 200
        assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert "0 " not in read_messages(alone)
    assert not is_public(page)
    news.refresh_from_db()
    assert news.live


@pytest.mark.parametrize("group", PUBLISHERS)
def test_publishing_the_archive_with_all_that_is_below_publishes_no_issue(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    response = client.post(
        f"{address}?id={archive().pk}&next=/admin/", {"include_descendants": "on"}, follow=True
    )

    assert response.status_code == 200
    assert not is_public(page)


@pytest.mark.parametrize("group", PUBLISHERS)
def test_going_back_to_an_earlier_version_publishes_nothing(group: str) -> None:
    client = signed_in(group)
    page = an_issue()
    first = page.get_latest_revision()
    page.title = "Autre chose"
    page.save_revision(user=member("Relecture"))
    revert = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk])
    assert "action-publish" not in client.get(revert).content.decode()

    data = form_of(client, page, revision=str(first.pk), **{"action-publish": "1"})
    response = client.post(editor(page), data, follow=True)

    assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert not is_public(page)


@pytest.mark.parametrize("group", PUBLISHERS)
def test_a_copy_of_a_sent_issue_is_a_draft(group: str) -> None:
    page = a_sent_issue()
    client = signed_in(group)
    address = reverse("wagtailadmin_pages:copy", args=[page.pk])
    assert "publish_copies" not in client.get(address).content.decode()

    client.post(
        address,
        {
            "new_title": "Copie",
            "new_slug": "copie",
            "new_parent_page": str(archive().pk),
            "publish_copies": "on",
        },
    )

    copied = NewsletterIssuePage.objects.get(slug="copie")
    assert copied.title == "Copie"
    assert Client().get(f"/{archive().slug}/copie/").status_code == 404
    assert "Copie" not in read_by_public(copied)


@pytest.fixture
def english(db: None) -> Locale:
    return Locale.objects.create(language_code="en")


def a_translation(english: Locale) -> Any:
    """Return the draft of the English of a sent issue, its archive published there."""
    page = a_sent_issue()
    translated = translate_with_parents(page, english)
    for above in translated.get_ancestors().filter(depth__gt=1).specific():
        publish(above)
    write_words(translation_in(translated), "English ")
    translation_in(translated).save_target(publish=False)
    return NewsletterIssuePage.objects.get(pk=translated.pk)


def is_public_in_english(page: NewsletterIssuePage) -> bool:
    path = NewsletterIssuePage.objects.get(pk=page.pk).get_url()
    listed = Client().get("/api/v1/newsletters/?locale=en").content.decode()
    shown = Client().get(path) if path else None
    found = shown.content.decode() if shown is not None and shown.status_code == 200 else ""
    return "English" in listed + found


@pytest.mark.parametrize("group", PUBLISHERS)
def test_the_translation_of_a_sent_issue_is_a_draft_too(english: Locale, group: str) -> None:
    page = a_translation(english)
    client = signed_in(group)

    response = client.post(editor(page), {"action": "publish"}, follow=True)
    source = page.get_translation(archive().locale)
    update = TranslationSource.objects.get(object_id=source.translation_key)
    client.post(
        reverse("wagtail_localize:update_translations", args=[update.pk]),
        {"publish_translations": "on"},
        follow=True,
    )

    assert response.status_code == 200
    assert "relecture" in read_messages(response)
    assert not is_public_in_english(page)


def test_a_translation_that_was_approved_and_sent_is_public(english: Locale) -> None:
    page = review(a_translation(english))
    assert not is_public_in_english(page)

    SubscriberFactory(language="en")
    sending.schedule(page, member("Coordination"))
    Worker().run(once=True)

    assert is_public_in_english(page)


def live_row(page: NewsletterIssuePage) -> None:
    page.live = True
    page.save()


def live_column(page: NewsletterIssuePage) -> None:
    NewsletterIssuePage.objects.filter(pk=page.pk).update(live=True)


def published_by_a_script(page: NewsletterIssuePage) -> None:
    page.get_latest_revision().publish()


def published_by_a_user(page: NewsletterIssuePage) -> None:
    page.get_latest_revision().publish(user=member("Direction"), skip_permission_checks=True)


@pytest.mark.parametrize(
    "write", [live_row, live_column, published_by_a_script, published_by_a_user]
)
@pytest.mark.parametrize("make", [an_issue, an_approved_issue])
def test_no_code_publishes_it(
    make: Callable[[], NewsletterIssuePage], write: Callable[[NewsletterIssuePage], None]
) -> None:
    page = make()

    with suppress(PermissionDenied):
        write(page)

    assert not is_public(page)


# Sending


def test_an_approved_issue_is_public_once_it_is_sent() -> None:
    page = an_approved_issue()
    assert not is_public(page)

    send(page)

    assert is_public(page)


@pytest.mark.parametrize("group", TEAM)
def test_a_sent_issue_stays_public_while_it_is_corrected(group: str) -> None:
    page = a_sent_issue()
    client = signed_in(group)

    data = form_of(client, page, title=f"Lettre {LATER}", **{"action-publish": "1"})
    response = client.post(editor(page), data, follow=True)

    assert "son archive change quand deux personnes ont approuvé" in read_messages(response)
    assert latest(page).title == f"Lettre {LATER}"
    assert is_public(page)
    assert not is_public(page, LATER)


def test_a_correction_is_public_once_two_people_approved_it() -> None:
    page = a_sent_issue()
    page.title = f"Lettre {LATER}"
    page.save_revision(user=member("Relecture"))

    review(page)

    assert is_public(page, LATER)
    assert "Lettre Dragonneau" not in read_by_public(page)


def test_an_archive_that_was_taken_off_comes_back_by_its_own_button() -> None:
    page = a_sent_issue()
    client = signed_in("Coordination")
    unpublish = reverse("wagtailadmin_pages:unpublish", args=[page.pk])
    client.post(unpublish)
    assert not is_public(page)

    shown = client.get(f"{ISSUES}{page.pk}/").content.decode()
    response = client.post(f"{ISSUES}{page.pk}/archive/", follow=True)

    assert "Remettre l" in shown
    assert "en ligne" in read_messages(response)
    assert is_public(page)


def test_a_correction_does_not_bring_back_what_was_taken_off() -> None:
    page = a_sent_issue()
    signed_in("Coordination").post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
    page = NewsletterIssuePage.objects.get(pk=page.pk)
    page.title = f"Lettre {LATER}"
    page.save_revision(user=member("Relecture"))

    review(page)

    assert not is_public(page)
    assert not is_public(page, LATER)


@pytest.mark.parametrize("make", [an_issue, an_approved_issue])
def test_what_was_not_sent_has_no_archive_to_bring_back(
    make: Callable[[], NewsletterIssuePage],
) -> None:
    page = make()
    client = signed_in("Direction")

    response = client.post(f"{ISSUES}{page.pk}/archive/", follow=True)

    assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert not is_public(page)


def test_a_correction_that_nobody_approved_is_not_brought_back() -> None:
    page = a_sent_issue()
    page.title = f"Lettre {LATER}"
    page.save_revision(user=member("Relecture"))
    client = signed_in("Direction")

    response = client.post(f"{ISSUES}{page.pk}/archive/", follow=True)

    assert "deux personnes ont approuvé la correction" in read_messages(response)
    assert is_public(page)
    assert not is_public(page, LATER)


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
def test_who_may_not_send_brings_nothing_back(group: str) -> None:
    page = a_sent_issue()
    signed_in("Coordination").post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))

    response = signed_in(group).post(f"{ISSUES}{page.pk}/archive/")

    assert response.status_code in {302, 403}
    assert not is_public(page)
