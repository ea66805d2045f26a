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
from django.contrib.messages import get_messages
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

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

# The slugs of the issues, which are their words too: none is read for another.
DRAFT, APPROVED, SENT = "dragonneau", "salamandre", "triton"
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


def draft(slug: str, number: int) -> NewsletterIssuePage:
    """Return a new issue that nobody reviewed."""
    page: Any = NewsletterIssuePage(
        title=f"Lettre {slug.title()}",
        slug=slug,
        number=number,
        subject="La lettre",
        summary="Un aperçu.",
        editorial=f"<p>{slug.title()}</p>",
        sections=sections(section("Le réseau", text="<p>Des nouvelles.</p>")),
        locale=archive().locale,
        live=False,
    )
    archive().add_child(instance=page)
    page.save_revision(user=member("Relecture"))
    return find(slug)


def find(slug: str) -> NewsletterIssuePage:
    page: NewsletterIssuePage = NewsletterIssuePage.objects.get(slug=slug, locale=archive().locale)
    return page


def send(page: NewsletterIssuePage) -> None:
    SubscriberFactory()
    sending.schedule(page, member("Coordination"))
    Worker().run(once=True)
    assert Mailing.objects.filter(page=page, state=Mailing.State.SENT).exists()


@pytest.fixture(scope="module", autouse=True)
def _issues(module_transaction: None) -> None:
    """An issue of each kind, which every test finds as they were made."""
    draft(DRAFT, 7)
    review(draft(APPROVED, 8))
    send(review(draft(SENT, 9)))


def an_issue() -> NewsletterIssuePage:
    """Return an issue that nobody reviewed."""
    return find(DRAFT)


def an_approved_issue() -> NewsletterIssuePage:
    return find(APPROVED)


def a_sent_issue() -> NewsletterIssuePage:
    return find(SENT)


def read_by_public(page: NewsletterIssuePage, word: str) -> str:
    """Return all that the public reads which may speak of an issue, and finds by a word."""
    client = Client()
    path = f"/{archive().slug}/{page.slug}/"
    words = []
    for address in (
        path,
        f"/{archive().slug}/",
        f"/api/v1/resolve/?path={path}",
        "/api/v1/newsletters/",
        f"/api/v1/newsletters/{page.pk}/",
        f"/api/v1/search/?q={word}",
        f"/recherche/?q={word}",
        "/flux/lettre.atom",
        "/sitemap.xml",
    ):
        response = client.get(address)
        if response.status_code == 200:
            content = b"".join(response) if response.streaming else response.content
            # A search repeats what was asked.
            text = content.decode().replace(f'value="{word}"', "")
            words.append(text if "?q=" not in address else text.replace(f"« {word} »", ""))
    return "\n".join(words)


def is_public(page: NewsletterIssuePage, words: str = "") -> bool:
    """Return whether the public reads an issue, or words that it was given later."""
    found = read_by_public(page, page.slug.title())
    is_listed = not words and f"{page.slug}/</loc>" in found
    words = words or page.slug.title()
    return f"Lettre {words}" in found or f"<p>{words}" in found or is_listed


def is_served(page: NewsletterIssuePage) -> bool:
    """Return whether the API has an issue: the cheapest of what the public reads."""
    status = Client().get(f"/api/v1/newsletters/{page.pk}/").status_code
    assert status in {200, 404}
    return status == 200


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


def post(client: Client, address: str, data: dict[str, Any]) -> str:
    """Post a form, and return what the next screen would explain."""
    response = client.post(address, data)
    assert response.status_code == 302, response.content.decode()
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def read_messages(response: Any) -> str:
    html = unescape(response.content.decode())
    found = re.search(r'class="messages"(.*?)</ul>', html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1] if found else "").split())


# The editor


@pytest.mark.parametrize("group", TEAM)
def test_the_editor_offers_what_leads_to_the_site_and_no_other_way(group: str) -> None:
    client = signed_in(group)
    page = an_issue()

    for address in (creator(), editor(page)):
        html = client.get(address).content.decode()
        soup = BeautifulSoup(html, "html.parser")
        assert soup.select_one("[name=action-publish]") is None
        assert soup.select_one("[name=go_live_at]") is None
        text = " ".join(soup.get_text(" ").split())
        assert "Soumettre à Relecture PARÉ" in text
        assert "Un numéro ne se publie pas, il s'envoie" in text


def test_a_forged_publication_is_explained_on_the_next_screen() -> None:
    client = signed_in("Direction")
    page = an_issue()
    data = form_of(client, page, title="Lettre Dragonneau bis", **{"action-publish": "1"})

    response = client.post(editor(page), data, follow=True)

    assert response.status_code == 200
    assert "Un numéro de la lettre ne se publie pas" in read_messages(response)
    assert "Vérifier et envoyer" in read_messages(response)


def test_a_forged_publication_saves_the_draft_and_explains() -> None:
    page = an_issue()
    data = form_of(signed_in("Relecture"), page, **{"action-publish": "1"})

    for group in TEAM:
        title = f"Lettre Dragonneau {group}"
        explained = post(signed_in(group), editor(page), data | {"title": [title]})

        assert "Un numéro de la lettre ne se publie pas" in explained, group
        assert "Vérifier et envoyer" in explained, group
        assert latest(page).title == title
        assert not is_served(page), group
    assert not is_public(page)


def test_a_new_issue_is_a_draft_whatever_is_asked() -> None:
    html = signed_in("Coordination").get(creator()).content.decode()
    form = fields_sent(html, "form#page-edit-form") | {"sections-count": "0", "action-publish": "1"}

    for number, group in enumerate(PUBLISHERS, 10):
        word = f"Basilic {group}"
        data = form | {"title": f"Lettre {word}", "slug": f"basilic-{number}", "number": number}
        explained = post(signed_in(group), creator(), data)

        page = find(f"basilic-{number}")
        assert page.title == f"Lettre {word}"
        assert "Un numéro de la lettre ne se publie pas" in explained, group
        assert not is_served(page), group
    read = read_by_public(page, "Basilic")
    assert "Lettre Basilic" not in read
    assert "basilic-1" not in read.replace(f"/{page.slug}/", "")


def test_a_forged_schedule_comes_to_nothing() -> None:
    page = an_issue()
    soon = timezone.now() + dt.timedelta(hours=1)
    when = timezone.localtime(soon).strftime("%Y-%m-%d %H:%M")
    forged = {"go_live_at": when, "action-publish": "1"}
    data = form_of(signed_in("Relecture"), page, **forged)

    for group in PUBLISHERS:
        title = f"Lettre Dragonneau {group}"
        post(signed_in(group), editor(page), data | {"title": [title]})
        assert latest(page).title == title
    saved = Revision.objects.filter(object_id=str(page.pk))
    assert saved.update(approved_go_live_at=soon) > len(PUBLISHERS)
    with time_machine.travel(soon + dt.timedelta(minutes=5), tick=False):
        call_command("publish_scheduled", verbosity=0)
        assert not is_public(page)


def test_a_bulk_publication_leaves_issues_out_and_explains() -> None:
    page = an_issue()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    for group in PUBLISHERS:
        client = signed_in(group)
        news: Any = NewsPageFactory(draft=True, title="Une actualité")
        news.save_revision(user=member("Relecture"))
        alone = post(client, f"{address}?id={page.pk}&next=/admin/", {})
        both = client.post(f"{address}?id={page.pk}&id={news.pk}&next=/admin/", {}, follow=True)

        for explained in (alone, read_messages(both)):
            assert "Un numéro de la lettre ne se publie pas" in explained, group
        assert both.status_code == 200
        assert "0 " not in alone, group
        news.refresh_from_db()
        assert news.live, group
        assert not is_served(page), group
    assert not is_public(page)


def test_publishing_the_archive_with_all_that_is_below_publishes_no_issue() -> None:
    page = an_issue()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    for group in PUBLISHERS:
        data = {"include_descendants": "on"}
        post(signed_in(group), f"{address}?id={archive().pk}&next=/admin/", data)

        assert not is_served(page), group
    assert not is_public(page)


def test_going_back_to_an_earlier_version_publishes_nothing() -> None:
    page = an_issue()
    first = page.get_latest_revision()
    page.title = "Autre chose"
    page.save_revision(user=member("Relecture"))
    revert = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk])
    forged = {"revision": str(first.pk), "action-publish": "1"}
    data = form_of(signed_in("Relecture"), page, **forged)

    for group in PUBLISHERS:
        client = signed_in(group)
        assert "action-publish" not in client.get(revert).content.decode(), group
        explained = post(client, editor(page), data)

        assert "Un numéro de la lettre ne se publie pas" in explained, group
        assert not is_served(page), group
    assert not is_public(page)


def test_a_copy_of_a_sent_issue_is_a_draft() -> None:
    page = a_sent_issue()
    address = reverse("wagtailadmin_pages:copy", args=[page.pk])

    for group in PUBLISHERS:
        client = signed_in(group)
        assert "publish_copies" not in client.get(address).content.decode(), group
        data = {
            "new_title": f"Copie {group}",
            "new_slug": f"copie-{group.lower()}",
            "new_parent_page": str(archive().pk),
            "publish_copies": "on",
        }
        client.post(address, data)

        copied = find(f"copie-{group.lower()}")
        assert copied.title == f"Copie {group}"
        assert Client().get(f"/{archive().slug}/{copied.slug}/").status_code == 404, group
        assert not is_served(copied), group
    assert "Copie" not in read_by_public(copied, SENT.title())


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


def test_a_sent_issue_stays_public_while_it_is_corrected() -> None:
    page = a_sent_issue()
    data = form_of(signed_in("Relecture"), page, **{"action-publish": "1"})

    for group in TEAM:
        title = f"Lettre {LATER} {group}"
        explained = post(signed_in(group), editor(page), data | {"title": [title]})

        assert "son archive change quand deux personnes ont approuvé" in explained, group
        assert latest(page).title == title
        assert is_served(page), group
    assert is_public(page)
    assert not is_public(page, LATER)


def test_a_correction_is_public_once_two_people_approved_it() -> None:
    page = a_sent_issue()
    page.title = f"Lettre {LATER}"
    page.save_revision(user=member("Relecture"))

    review(page)

    assert is_public(page, LATER)
    assert "Lettre Triton" not in read_by_public(page, "Triton")


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


# Translations, in a language that the tests above do without


@pytest.fixture(scope="module")
def english(_issues: None) -> int:
    """The draft of the English of a sent issue, its archive published there."""
    translated = translate_with_parents(a_sent_issue(), Locale.objects.create(language_code="en"))
    for above in translated.get_ancestors().filter(depth__gt=1).specific():
        publish(above)
    write_words(translation_in(translated), "English ")
    translation_in(translated).save_target(publish=False)
    return int(translated.pk)


def is_public_in_english(page: NewsletterIssuePage) -> bool:
    path = NewsletterIssuePage.objects.get(pk=page.pk).get_url()
    listed = Client().get("/api/v1/newsletters/?locale=en").content.decode()
    shown = Client().get(path) if path else None
    found = shown.content.decode() if shown is not None and shown.status_code == 200 else ""
    return "English" in listed + found


def test_the_translation_of_a_sent_issue_is_a_draft_too(english: int) -> None:
    page = NewsletterIssuePage.objects.get(pk=english)
    source = page.get_translation(archive().locale)
    update = TranslationSource.objects.get(object_id=source.translation_key)

    for group in PUBLISHERS:
        client = signed_in(group)
        explained = post(client, editor(page), {"action": "publish"})
        client.post(
            reverse("wagtail_localize:update_translations", args=[update.pk]),
            {"publish_translations": "on"},
        )

        assert "relecture" in explained, group
        assert not is_served(page), group
        assert not is_public_in_english(page), group


def test_a_translation_that_was_approved_and_sent_is_public(english: int) -> None:
    page = review(NewsletterIssuePage.objects.get(pk=english))
    assert not is_public_in_english(page)

    SubscriberFactory(language="en")
    sending.schedule(page, member("Coordination"))
    Worker().run(once=True)

    assert is_public_in_english(page)
