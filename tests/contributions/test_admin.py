"""What the team does with contributions, and what partners with an account do."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, ReferenceIndex

from contributions import decisions
from contributions.drafts import make_draft
from contributions.duplicates import normalize_link, possible_duplicates
from contributions.kinds import ContributionKind
from contributions.library import QUARANTINE, RELEASED
from contributions.lifecycle import transition
from contributions.models import Contribution, ContributionState, FileState
from contributions.tokens import follow_up_token
from core.models import Document, Image
from resources.models import NewsPage, ResourcePage
from review.queue import queue_of
from review.reminders import send_reminders
from review.working_days import is_working_day, working_days_ago, working_days_since
from tests.contributions.hostile import picture
from tests.factories import ResourcePageFactory
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    form_data,
    member,
)
from tests.factories.files import image_file
from tests.factories.review import approve

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User

pytestmark = pytest.mark.django_db


def do(client: Client, contribution: Contribution, action: str, **data: Any) -> Any:
    return client.post(reverse("contribution:act", args=[contribution.pk, action]), data)


@pytest.fixture
def team_client(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


# Inbox


def test_the_inbox_lists_filters_and_searches(
    team_client: Client, coordinator: User, sections: None
) -> None:
    old = timezone.now() - dt.timedelta(days=30)
    ContributionFactory(title="Ancienne", waiting_since=old)
    ContributionFactory(title="Récente", kind=ContributionKind.RESOURCE, assignee=coordinator)
    ContributionFactory(title="Brouillon de partenaire", state=ContributionState.DRAFT)
    index = reverse("contribution:index")

    def shown(**query: Any) -> str:
        return team_client.get(index, query).content.decode()

    assert "Ancienne" in shown()
    assert "Récente" in shown()
    assert "Brouillon de partenaire" not in shown()
    assert "Récente" not in shown(age="5")
    assert "Ancienne" in shown(age="5")
    assert "Ancienne" not in shown(kind="resource")
    assert "Ancienne" not in shown(assignee=coordinator.pk)
    assert "Récente" not in shown(assignee="null")
    assert '<b class="w-ml-1">Personne</b>' in shown(assignee="null")
    assert "Ancienne" not in shown(state="published")
    assert "Ancienne" not in shown(q="Récente")


def test_the_inbox_costs_the_same_for_two_and_for_twenty(
    team_client: Client, coordinator: User, count_queries: Callable[..., int]
) -> None:
    index = reverse("contribution:index")
    ContributionFactory.create_batch(2, assignee=coordinator)
    team_client.get(index)
    few = count_queries(lambda: team_client.get(index))
    ContributionFactory.create_batch(18, assignee=coordinator)

    assert count_queries(lambda: team_client.get(index)) <= few


def test_a_contribution_is_shown_whole(team_client: Client) -> None:
    contribution = ContributionFactory(link="https://www.example.org/a/")
    ContributionFactory(title="Jumelle", link="http://example.org/a#b")
    ContributionFileFactory(contribution=contribution, name="sain.pdf")
    ContributionFileFactory(contribution=contribution, name="attente.pdf", state="quarantined")

    html = team_client.get(reverse("contribution:inspect", args=[contribution.pk])).content.decode()

    assert contribution.person_name in html
    assert "Jumelle" in html
    assert "même lien" in html
    assert html.count("download>") == 1


# Drafts


@pytest.mark.parametrize(
    "kind", [ContributionKind.ACTION, ContributionKind.NEWS, ContributionKind.RESOURCE]
)
def test_each_kind_becomes_a_draft_of_its_type(
    sections: None, reviewer: User, kind: ContributionKind
) -> None:
    contribution = ContributionFactory(
        kind=kind,
        link="https://www.example.org/a",
        text="Un <b>texte</b>\n\nen deux parties",
        answers={"date": "2026-03-01", "department": "59", "resource_type": "etude"},
    )
    ContributionFileFactory(contribution=contribution)
    photo = image_file()
    ContributionFileFactory(
        contribution=contribution, file=photo, name="photo.jpg", media_type="image/jpeg"
    )

    draft = make_draft(contribution, reviewer)

    draft = type(draft).objects.get(pk=draft.pk)
    assert not draft.live
    assert draft.workflow_in_progress
    assert "&lt;b&gt;" in str(draft.body.raw_data[0]["value"])
    assert draft.get_share_image_id() == Image.objects.get().pk
    assert Document.objects.get().collection.name == QUARANTINE
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.IN_REVIEW
    assert contribution.assignee == reviewer
    if kind == ContributionKind.RESOURCE:
        assert draft.document == Document.objects.get()
        assert draft.external_url == "https://www.example.org/a"
    else:
        assert draft.territory.code == "59"


@pytest.mark.parametrize("kind", [ContributionKind.TRAINING, ContributionKind.WEBINAR])
def test_events_become_drafts_of_the_agenda(
    home: Any, reviewer: User, kind: ContributionKind
) -> None:
    from events.models import EventIndexPage

    home.add_child(instance=EventIndexPage(title="Agenda", slug="agenda"))
    contribution = ContributionFactory(
        kind=kind,
        answers={
            "starts_at": "2027-03-01T09:00:00+01:00",
            "ends_at": "2027-03-01T17:00:00+01:00",
            "place": "Lille",
            "organiser": "Association",
            "speaker": "Une personne, Une autre",
        },
    )
    ContributionFileFactory(contribution=contribution)

    draft = make_draft(contribution, reviewer)

    draft = type(draft).objects.get(pk=draft.pk)
    assert not draft.live
    [session] = draft.get_planned_sessions()
    assert session.starts_at.isoformat() == "2027-03-01T08:00:00+00:00"
    assert draft.documents.count() == 1


def test_without_its_section_there_is_no_draft_and_nothing_changes(
    team_client: Client,
) -> None:
    contribution = ContributionFactory()

    do(team_client, contribution, "draft")

    contribution.refresh_from_db()
    assert contribution.state == ContributionState.RECEIVED
    assert not NewsPage.objects.exists()


def test_only_clean_files_reach_the_library(sections: None, reviewer: User) -> None:
    contribution = ContributionFactory()
    for state in set(FileState) - {FileState.CHECKING}:
        ContributionFileFactory(contribution=contribution, state=state, name=f"{state}.pdf")

    make_draft(contribution, reviewer)

    assert [document.title for document in Document.objects.all()] == ["Clean"]


def test_an_amended_contribution_writes_its_draft_anew(
    sections: None, reviewer: User, coordinator: User, director: User
) -> None:
    contribution = ContributionFactory(title="Avant")
    first = make_draft(contribution, reviewer)
    approve(first, director)
    decisions.request_changes(contribution, coordinator, "Précisez la date")
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.CHANGES_REQUESTED
    assert not NewsPage.objects.get().workflow_in_progress
    Contribution.objects.update(title="Après")
    contribution = transition(contribution, ContributionState.RECEIVED)

    second = make_draft(contribution, coordinator)

    assert second.pk == first.pk
    draft = NewsPage.objects.get()
    assert draft.get_latest_revision_as_object().title == "Après"
    assert draft.current_workflow_task.name == "Relecture éditoriale"


def test_a_rejection_gives_its_reason_and_leaves_nothing(
    team_client: Client,
    sections: None,
    reviewer: User,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    contribution = ContributionFactory()
    ContributionFileFactory(contribution=contribution)
    make_draft(contribution, reviewer)
    do(team_client, contribution, "reject", text="")
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.IN_REVIEW

    with django_capture_on_commit_callbacks(execute=True):
        do(team_client, contribution, "reject", text="Hors sujet pour le réseau")

    contribution.refresh_from_db()
    assert contribution.state == ContributionState.REJECTED
    assert not NewsPage.objects.exists()
    assert not Document.objects.exists()
    assert "Hors sujet pour le réseau" in mailoutbox[-1].body


def test_a_file_that_the_site_uses_elsewhere_is_kept(sections: None, reviewer: User) -> None:
    contribution = ContributionFactory()
    ContributionFileFactory(contribution=contribution)
    make_draft(contribution, reviewer)
    document = Document.objects.get()
    # Only code that goes behind the models has one used elsewhere.
    page = ResourcePageFactory()
    ResourcePage.objects.filter(pk=page.pk).update(document=document)
    ReferenceIndex.create_or_update_for_object(ResourcePage.objects.get(pk=page.pk))

    decisions.reject(contribution, reviewer, "Non")

    assert Document.objects.filter(pk=document.pk).exists()


def test_publishing_lets_its_files_out_of_quarantine(
    sections: None, reviewer: User, director: User, coordinator: User, client: Client
) -> None:
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE)
    ContributionFileFactory(contribution=contribution)
    draft = make_draft(contribution, reviewer)
    document = Document.objects.get()
    assert client.get(document.url).status_code == 404

    approve(draft, director)
    assert client.get(document.url).status_code == 404
    approve(draft, coordinator)

    document.refresh_from_db()
    assert document.collection.name == RELEASED
    served = client.get(document.url)
    assert served.status_code == 200
    # Read to its end, which closes the file; closing the response would close the database.
    assert b"".join(served.streaming_content)
    assert ResourcePage.objects.get().live


# Who may do what


@pytest.mark.parametrize(
    "action", ["draft", "assign", "note", "message", "changes", "reject", "accept", "revoke"]
)
@pytest.mark.parametrize("role", ["anonymous", "nobody", "Partenaires"])
def test_nobody_else_acts(client: Client, action: str, role: str) -> None:
    contribution = ContributionFactory(kind=ContributionKind.NETWORK)
    if role != "anonymous":
        client.force_login(member("Partenaires") if role == "Partenaires" else member_of_none())
    before = Contribution.objects.values().get()

    do(client, contribution, action, text="x")

    assert Contribution.objects.values().get() == before


def member_of_none() -> User:
    from tests.factories import UserFactory

    return UserFactory()


def test_an_action_is_a_post(team_client: Client) -> None:
    contribution = ContributionFactory()

    answer = team_client.get(reverse("contribution:act", args=[contribution.pk, "reject"]))

    assert answer.status_code == 405


def test_the_history_has_who_what_and_when_without_the_content(
    team_client: Client, coordinator: User
) -> None:
    contribution = ContributionFactory(
        title="Un titre qui en dit long", kind=ContributionKind.NETWORK
    )

    do(team_client, contribution, "assign", assignee=coordinator.pk)
    do(team_client, contribution, "note", text="Une note")
    do(team_client, contribution, "accept", text="Bienvenue")

    history = list(ModelLogEntry.objects.for_instance(contribution).order_by("timestamp"))
    assert [entry.action.split(".")[1] for entry in history] == ["assign", "note", "accepted"]
    assert {entry.user for entry in history} == {coordinator}
    assert "Un titre" not in str([(entry.label, entry.data) for entry in history])


def test_revoking_turns_off_old_links(
    team_client: Client,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    contribution = ContributionFactory()
    old = f"/contribuer/suivi/{follow_up_token(contribution)}/"

    with django_capture_on_commit_callbacks(execute=True):
        do(team_client, contribution, "revoke")

    assert team_client.get(old).status_code == 410
    new = mailoutbox[0].body.split("http://localhost:8000")[1].split()[0]
    assert team_client.get(new).status_code == 200


# What waits


def test_what_waits_on_me_is_what_i_may_do(
    sections: None, reviewer: User, director: User, coordinator: User, partner: User
) -> None:
    ContributionFactory(title="La mienne", assignee=director)
    ContributionFactory(assignee=coordinator)
    draft = make_draft(ContributionFactory(), reviewer)

    def names(user: User) -> set[tuple[str, str]]:
        return {(one.title, one.step) for one in queue_of(user)}

    assert ("La mienne", "À lire") in names(director)
    assert ("La mienne", "À lire") not in names(reviewer)
    assert (draft.title, "Relecture éditoriale") in names(director)
    assert queue_of(partner) == []
    approve(draft, director)
    assert (draft.title, "Validation") not in names(director)
    assert (draft.title, "Validation") in names(coordinator)


def test_the_dashboard_shows_it(team_client: Client) -> None:
    ContributionFactory(title="À lire vite")

    assert "À lire vite" in team_client.get("/admin/").content.decode()


def test_working_days_leave_out_weekends_and_holidays() -> None:
    assert not is_working_day(dt.date(2026, 4, 6))  # The Monday after Easter,
    assert not is_working_day(dt.date(2027, 3, 29))
    assert not is_working_day(dt.date(2026, 5, 14))  # Ascension
    assert not is_working_day(dt.date(2026, 5, 25))  # and the Monday after Pentecost.
    assert is_working_day(dt.date(2026, 4, 3))  # Good Friday is one in Alsace and Moselle only.
    year = (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365))
    # 261 days from Monday to Friday, on which nine of the eleven public holidays fall.
    assert sum(map(is_working_day, year)) == 252
    friday = timezone.make_aware(dt.datetime(2026, 4, 3, 12))
    tuesday = timezone.make_aware(dt.datetime(2026, 4, 7, 12))
    assert working_days_since(friday, tuesday) == 1
    assert working_days_since(working_days_ago(5, tuesday), tuesday) >= 5


def test_reviewers_are_reminded_once_of_what_waits_too_long(
    coordinator: User, director: User, mailoutbox: list[Any]
) -> None:
    old = timezone.now() - dt.timedelta(days=20)
    ContributionFactory(title="Oubliée", waiting_since=old)
    ContributionFactory(title="Récente")

    assert send_reminders() == 2
    assert send_reminders() == 0

    assert {mail.to[0] for mail in mailoutbox} == {coordinator.email, director.email}
    assert "Oubliée" in mailoutbox[0].body
    assert "Récente" not in mailoutbox[0].body
    assert send_reminders(timezone.now() + dt.timedelta(days=15)) == 2


def test_duplicates_are_hinted(sections: None) -> None:
    page = ResourcePageFactory(
        title="Guide de repérage des signaux faibles", external_url="https://www.example.org/g/"
    )
    same_link = ContributionFactory(title="Autre chose", link="http://example.org/g")
    near = ContributionFactory(title="Guide de repérage des signes faibles")

    assert possible_duplicates(same_link)[0].title == page.title
    assert possible_duplicates(same_link)[0].is_same_link
    assert page.title in [duplicate.title for duplicate in possible_duplicates(near)]
    assert possible_duplicates(ContributionFactory(title="Rien à voir du tout")) == []
    assert normalize_link("HTTPS://www.Example.org/a/#b") == "example.org/a"


# Files


def test_a_reviewer_takes_a_file_away_and_nothing_runs(team_client: Client) -> None:
    file = ContributionFileFactory()

    answer = team_client.get(
        reverse("contribution:download", args=[file.contribution_id, file.uuid])
    )

    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("state", [s for s in FileState if s != FileState.CLEAN])
def test_nobody_takes_a_file_that_is_not_clean(team_client: Client, state: FileState) -> None:
    file = ContributionFileFactory(state=state)

    answer = team_client.get(
        reverse("contribution:download", args=[file.contribution_id, file.uuid])
    )

    assert answer.status_code == 404


# Partners with an account


def test_a_partner_keeps_a_draft_then_sends_it(client: Client, partner: User) -> None:
    client.force_login(partner)
    address = reverse("contributions_write_new", args=["actualite"])
    assert client.get(address).status_code == 200

    client.post(address, {"title": "À finir"})
    contribution = Contribution.objects.get()
    assert contribution.state == ContributionState.DRAFT
    own = reverse("contributions_write_own", args=[contribution.pk])
    assert client.post(own, {"title": "À finir", "send": "1"}).status_code == 422
    client.post(own, form_data(title="Fini", send="1"))

    contribution.refresh_from_db()
    assert (contribution.state, contribution.title) == (ContributionState.RECEIVED, "Fini")
    assert contribution.account == partner


def test_a_partner_sends_files_from_the_admin(client: Client, partner: User) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(partner)
    upload = SimpleUploadedFile("photo.jpg", picture())

    client.post(
        reverse("contributions_write_new", args=["actualite"]),
        form_data(send="1") | {"files": upload},
    )

    assert Contribution.objects.get().files.get().name == "photo.jpg"


def test_a_partner_sees_only_their_own(client: Client, partner: User) -> None:
    ContributionFactory(title="La mienne", account=partner)
    other = ContributionFactory(title="Celle d'une autre", account=member("Partenaires"))
    client.force_login(partner)

    html = client.get(reverse("contributions_mine")).content.decode()

    assert "La mienne" in html
    assert "Celle d" not in html
    own = reverse("contributions_write_own", args=[other.pk])
    assert client.get(own).status_code == 404
    assert client.post(own, form_data(send="1")).status_code == 404
    for name in ("contribution:index", "contribution:inspect"):
        args = [] if name.endswith("index") else [other.pk]
        assert client.get(reverse(name, args=args)).status_code == 403


def test_what_is_in_review_is_no_more_the_partners_to_change(client: Client, partner: User) -> None:
    contribution = ContributionFactory(account=partner, state=ContributionState.IN_REVIEW)
    client.force_login(partner)

    own = reverse("contributions_write_own", args=[contribution.pk])
    assert client.post(own, form_data(title="Autre", send="1")).status_code == 409
    contribution.refresh_from_db()
    assert contribution.title != "Autre"


def test_the_team_does_not_see_what_a_partner_has_not_sent(team_client: Client) -> None:
    contribution = ContributionFactory(state=ContributionState.DRAFT)

    answer = team_client.get(reverse("contribution:inspect", args=[contribution.pk]))

    assert answer.status_code == 404


def test_the_home_of_partners_is_their_contributions(client: Client, partner: User) -> None:
    client.force_login(partner)

    assert client.get("/admin/").url == reverse("contributions_mine")


def test_the_menu_of_partners_has_what_they_may_open(client: Client, partner: User) -> None:
    client.force_login(partner)

    shown = client.get(reverse("contributions_mine")).content.decode()
    menu = json.loads(
        shown.partition('id="wagtail-sidebar-props"')[2].partition(">")[2].partition("<")[0]
    )

    addresses = set(re.findall(r'"(/admin/[^"]*)"', json.dumps(menu)))
    assert addresses == {
        "/admin/",
        reverse("contributions_mine"),
        reverse("wagtailadmin_account"),
        reverse("wagtailadmin_logout"),
    }
