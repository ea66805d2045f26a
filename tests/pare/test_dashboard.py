"""The dashboard shows each person what waits for them, one click from the act."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.admin.dashboard import SHOWN_LINES, blocks_for
from core.models import Document
from events.models import Registration
from published.models import LinkedAddress, LinkUse
from tests.factories import DocumentFactory, NewsPageFactory, ResourcePageFactory, UserFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    agenda,
    only_session,
    training_date,
)
from tests.factories.network import StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory, archive, validated_issue
from tests.factories.world import approve, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.admin.dashboard import Block
    from core.models import User

pytestmark = pytest.mark.django_db


def block(user: User, name: str) -> Block:
    return next(each for each in blocks_for(user) if each.name == name)


def names(user: User) -> list[str]:
    return [each.name for each in blocks_for(user)]


def text_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    response = client.get("/admin/")
    assert response.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def open_every_line(user: User) -> None:
    client = Client()
    client.force_login(user)
    addresses = [
        address
        for each in blocks_for(user)
        for address in [*(line.url for line in each.shown), each.url]
        if address
    ]
    assert addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address


def in_review(user: User) -> None:
    """Have a page of somebody else's, and a structure of a person's own, wait in a review."""
    first = Group.objects.get(name="Relecture")
    for content, author in (
        (NewsPageFactory(draft=True), UserFactory()),
        (StructureFactory(live=False), user),
    ):
        content.save_revision(user=author)
        submit(content, author)
        reviewer = UserFactory()
        reviewer.groups.add(first)
        approve(content, reviewer)
    waiting = NewsPageFactory(draft=True)
    waiting.save_revision(user=user)
    submit(waiting, user)


def write_draft(user: User, title: str) -> Any:
    page = NewsPageFactory(draft=True, title=title)
    page.save_revision(user=user)
    return page


def break_link(thing: Any, url: str) -> None:
    address = LinkedAddress.objects.create(url=url, is_broken=True, problem="gone", status=404)
    content_type = ContentType.objects.get_for_model(thing)
    LinkUse.objects.create(address=address, content_type=content_type, thing_id=thing.pk)


def plan_session(days: float, **values: Any) -> Any:
    return only_session(TrainingPageFactory(dates=[training_date(days, **values)]))


def test_contributions_come_by_age_with_who_is_awaited(sections: None, coordinator: User) -> None:
    now = timezone.now()
    ContributionFactory(title="Récente", waiting_since=now)
    old = ContributionFactory(title="Ancienne", waiting_since=now - dt.timedelta(days=30))
    ContributionFactory(title="Refusée", state="rejected")

    found = block(coordinator, "open-contributions")

    assert [line.title for line in found.lines] == [old.name, "Récente"]
    assert [line.is_late for line in found.lines] == [True, False]
    assert "personne ne la suit" in found.lines[0].detail
    assert "aujourd'hui" in text_of(coordinator)


def test_drafts_are_those_that_a_person_wrote_last_and_nobody_reviews(
    sections: None, reviewer: User, coordinator: User
) -> None:
    mine = write_draft(reviewer, "À moi")
    write_draft(coordinator, "À elle")
    submitted = write_draft(reviewer, "Proposé")
    submitted.get_workflow().start(submitted, reviewer)
    published = write_draft(reviewer, "Publié")
    published.get_latest_revision().publish(user=coordinator)
    structure = StructureFactory(live=False, name="Un lieu")
    structure.save_revision(user=reviewer)

    found = block(reviewer, "own-drafts")

    assert {line.title for line in found.lines} == {"À moi", "Un lieu"}
    assert reverse("wagtailadmin_pages:edit", args=[mine.pk]) in {line.url for line in found.lines}


def test_a_draft_of_the_night_has_the_day_of_paris(sections: None, reviewer: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo("Europe/Paris"))):
        write_draft(reviewer, "À minuit et demi")

    (line,) = block(reviewer, "own-drafts").lines

    assert line.aside == "1er novembre 2026"


def test_the_sessions_of_a_fortnight_come_with_their_seats(coordinator: User) -> None:
    agenda()
    soon = plan_session(3, capacity=20)
    RegistrationFactory(session=soon)
    RegistrationFactory(session=soon, state=Registration.State.WAITING)
    plan_session(20)
    cancelled = plan_session(4)
    type(cancelled).objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())

    (line,) = block(coordinator, "coming-sessions").lines

    assert (line.title, line.aside) == (soon.title, "1 place prise sur 20, 1 en attente")


def test_the_entries_to_verify_are_the_oldest_first(coordinator: User) -> None:
    today = timezone.localdate()
    StructureFactory(name="Vérifiée", verified_on=today)
    StructureFactory(name="Vieille", verified_on=today - dt.timedelta(days=400))
    StructureFactory(name="Jamais", verified_on=None)
    StructureFactory(name="Brouillon", verified_on=None, live=False)

    found = block(coordinator, "structures-to-verify")

    assert [line.title for line in found.lines] == ["Jamais", "Vieille"]


@pytest.mark.parametrize(
    "make, expected",
    [
        (lambda: NewsletterIssuePageFactory(draft=True, number=7), "Brouillon"),
        (lambda: validated_issue(number=7), "Validé : prêt à envoyer"),
    ],
)
def test_the_next_issue_comes_with_where_it_stands(
    coordinator: User, make: Callable[[], Any], expected: str
) -> None:
    archive()
    issue = make()

    (line,) = block(coordinator, "next-issue").lines

    assert line.detail.replace("\u00a0", " ") == expected
    assert line.url == reverse("newsletter_sending:issue", args=[issue.pk])


def test_files_that_a_screen_reader_reads_badly_come_with_what_to_do(coordinator: User) -> None:
    untagged, read = DocumentFactory(title="Sans balises"), DocumentFactory(title="Lisible")
    Document.objects.filter(pk=untagged.pk).update(is_tagged=False, text_state="read")
    Document.objects.filter(pk=read.pk).update(is_tagged=True, text_state="read")

    found = block(coordinator, "troubled-documents")

    assert [(line.title, line.url) for line in found.lines] == [
        ("Sans balises", reverse("wagtaildocs:edit", args=[untagged.pk]))
    ]
    assert "PDF accessible" in found.lines[0].detail
    assert (found.url, found.is_folded) == (reverse("figures_documents"), True)


def test_broken_links_lead_to_the_editor_of_their_page(sections: None, reviewer: User) -> None:
    gone = NewsPageFactory(title="Retirée")
    link = f'<p><a linktype="page" id="{gone.pk}">x</a></p>'
    page = NewsPageFactory(title="Une page", body=[("rich_text", link)])
    gone.unpublish()
    resource = ResourcePageFactory(title="Une ressource")
    break_link(resource, "https://exemple.fr/")

    found = block(reviewer, "broken-links")

    assert [(line.title, line.url, line.detail) for line in found.lines] == [
        (each.title, reverse("wagtailadmin_pages:edit", args=[each.pk]), detail)
        for each, detail in (
            (page, "« Retirée » : page retirée du site"),
            (resource, "https://exemple.fr/ : page introuvable (404)"),
        )
    ]
    assert (found.count, found.is_folded) == (2, True)


def test_who_has_nothing_to_do_reads_it(reviewer: User) -> None:
    assert blocks_for(reviewer) == []
    assert "Rien ne vous attend." in text_of(reviewer)


@pytest.mark.parametrize("group", ["Direction", "Coordination", "Relecture"])
def test_each_line_leads_to_a_screen_that_its_reader_may_open(sections: None, group: str) -> None:
    fill(member(group), 1)

    open_every_line(member(group))


def test_nobody_without_rights_reads_of_people_or_contributions(sections: None) -> None:
    user = UserFactory()
    fill(member("Coordination"), 1)

    assert names(user) == []


def test_it_shows_the_first_and_counts_the_rest(sections: None, coordinator: User) -> None:
    for _number in range(SHOWN_LINES + 2):
        ContributionFactory()

    found = block(coordinator, "open-contributions")

    assert (len(found.shown), found.count, found.more) == (SHOWN_LINES, SHOWN_LINES + 2, 2)
    assert "Et 2 autres." in text_of(coordinator)


def test_it_costs_the_same_for_two_and_six_of_everything(
    sections: None, coordinator: User, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    fill(coordinator, 2)
    blocks_for(coordinator)
    few = count_queries(lambda: blocks_for(coordinator))
    fill(coordinator, 4)

    assert count_queries(lambda: blocks_for(coordinator)) == few


def fill(user: User, count: int) -> None:
    """Give a person so many things of each kind that wait."""
    agenda()
    archive()
    for _number in range(count):
        ContributionFactory(assignee=UserFactory())
        in_review(user)
        write_draft(user, "Un brouillon")
        plan_session(3, capacity=20)
        StructureFactory(verified_on=None)
        NewsletterIssuePageFactory(draft=True)
        break_link(page := NewsPageFactory(), f"https://exemple.fr/{page.pk}")
        Document.objects.filter(pk=DocumentFactory().pk).update(is_tagged=False)
