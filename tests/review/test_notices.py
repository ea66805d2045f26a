"""Everybody is told what waits for them, and those who wrote what became of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask
from wagtail.users.models import UserProfile

from contributions.drafts import make_draft
from contributions.models import Contribution
from network.verification import submit_correction
from resources.models import NewsPage
from review.models import ReviewState
from review.queue import queue_of
from review.reminders import send_reminders
from review.workflow import WORKFLOW
from tests.factories import NewsPageFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.network import StructureFactory
from tests.factories.review import approve
from tests.review.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.core.mail import EmailMultiAlternatives

    from core.models import User

WAGTAILS_LIST = "En attente de votre vérification"

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture(autouse=True)
def _team(reviewer: User, coordinator: User, director: User, editor: User) -> None:
    """Each group has somebody, and there is a superuser."""


@pytest.fixture
def sent(
    mailoutbox: list[EmailMultiAlternatives], django_capture_on_commit_callbacks: Any
) -> Iterator[Callable[[Callable[[], object]], dict[str, str]]]:
    """Return the text of the mails that a call sends, by the user name of who gets them."""

    def call_and_read(call: Callable[[], object]) -> dict[str, str]:
        mailoutbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            call()
        return {
            name_of(one.to[0]): f"{one.subject}\n{one.body}".replace("\u00a0", " ")
            for one in mailoutbox
        }

    return call_and_read  # type: ignore[return-value]


def name_of(address: str) -> str:
    from core.models import User

    user = User.objects.filter(email=address).first()
    return user.username if user else address


def reject(content: Any, user: User, comment: str) -> None:
    content = type(content).objects.get(pk=content.pk)
    task, state = content.current_workflow_task, content.current_workflow_task_state
    task.on_action(state, user, "reject", comment=comment)


@pytest.fixture
def page(reviewer: User) -> NewsPage:
    """A page that « Relecture » wrote."""
    page = NewsPageFactory(draft=True, title="Une journée")
    page.save_revision(user=reviewer)
    return page


def test_who_may_approve_is_told_and_neither_the_author_nor_a_superuser(
    page: NewsPage, reviewer: User, sent: Any
) -> None:
    mails = sent(lambda: Editor(reviewer).submit(page))

    assert set(mails) == {"coordinatrice", "directrice"}
    text = mails["directrice"]
    assert "Relecture éditoriale : « Une journée » vous attend" in text
    assert f"http://localhost:8000/admin/pages/{page.pk}/edit/" in text
    assert "Rel Ectrice" in text


def test_each_step_is_announced_to_those_who_may_act_there(
    page: NewsPage, reviewer: User, coordinator: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)

    mails = sent(lambda: approve(page, coordinator, comment="Vérifié la source."))

    assert set(mails) == {"directrice"}
    assert "Validation : « Une journée » vous attend" in mails["directrice"]
    assert "Vérifié la source." in mails["directrice"]


def test_an_edit_is_announced_to_those_who_may_act_again(
    page: NewsPage, reviewer: User, coordinator: User, director: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)
    silent = sent(lambda: Editor(reviewer).save(page, title="Retouchée avant d'être lue"))
    approve(page, coordinator)

    mails = sent(lambda: Editor(director).save(page, title="Un autre titre"))

    assert silent == {}
    assert {"coordinatrice", "relectrice"} <= set(mails)
    assert "directrice" not in mails
    text = mails["coordinatrice"]
    assert "La relecture de « Un autre titre » reprend" in text
    assert "modifié par directrice" in text
    assert "« Relecture éditoriale » (coordinatrice)" in text


def test_who_wrote_reads_the_approvals_with_their_comments(
    page: NewsPage, reviewer: User, coordinator: User, director: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)
    approve(page, coordinator, comment="Bien écrit.")

    mails = sent(lambda: approve(page, director, comment="Parfait."))

    assert set(mails) == {"relectrice"}
    assert "est approuvé, et en ligne" in mails["relectrice"]
    assert "Bien écrit." in mails["relectrice"]
    assert "Parfait." in mails["relectrice"]


def test_who_wrote_reads_why_changes_are_asked_for(
    page: NewsPage, reviewer: User, coordinator: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)

    mails = sent(lambda: reject(page, coordinator, "La source manque."))

    assert set(mails) == {"relectrice"}
    assert "coordinatrice demande des modifications" in mails["relectrice"]
    assert "La source manque." in mails["relectrice"]


def test_a_partner_reads_what_reviewers_wrote(
    sections: None, reviewer: User, coordinator: User, director: User, sent: Any
) -> None:
    draft = make_draft(ContributionFactory(email="partenaire@example.org"), reviewer)

    refused = sent(lambda: reject(draft, coordinator, "D'où vient ce chiffre ?"))
    draft = NewsPage.objects.get(pk=draft.pk)
    draft.current_workflow_state.resume(reviewer)
    approve(draft, coordinator)
    published = sent(lambda: approve(draft, director, comment="Merci pour ce travail."))

    assert "D'où vient ce chiffre ?" in refused["partenaire@example.org"]
    assert "Merci pour ce travail." in published["partenaire@example.org"]
    assert Contribution.objects.get().messages.count() == 2


def test_when_nobody_may_validate_the_authors_are_told(
    page: NewsPage, reviewer: User, coordinator: User, director: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)
    Editor(director).save(page, title="À elle")
    Editor(coordinator).save(page, summary="À elle aussi")

    mails = sent(lambda: approve(page, reviewer))

    assert {"coordinatrice", "directrice"} <= set(mails)
    assert "Plus personne ne peut approuver cette étape" in mails["directrice"]
    assert "coordinatrice a modifié « Résumé »" in mails["directrice"]


def test_a_correction_by_link_is_announced_to_the_team(director: User, sent: Any) -> None:
    structure = StructureFactory(name="Avant")
    structure.save_revision(user=director).publish(user=director)

    mails = sent(lambda: submit_correction(structure, {"name": "Après"}, ""))

    assert {"coordinatrice", "directrice", "relectrice"} <= set(mails)


def test_an_account_may_leave_these_mails_off(
    page: NewsPage, reviewer: User, director: User, sent: Any
) -> None:
    profile = UserProfile.get_for_user(director)
    profile.submitted_notifications = False
    profile.save()

    assert set(sent(lambda: Editor(reviewer).submit(page))) == {"coordinatrice"}


def test_the_queue_has_every_content_under_review(
    page: NewsPage, reviewer: User, coordinator: User
) -> None:
    structure = StructureFactory(live=False, name="Un lieu")
    structure.save_revision(user=coordinator)
    for content in (page, structure):
        Workflow.objects.get(name=WORKFLOW).start(content, reviewer)

    queue = {item.title: item for item in queue_of(reviewer)}
    dashboard = Editor(coordinator).client.get("/admin/").content.decode()

    assert set(queue) == {"Une journée", "Un lieu"}
    assert queue["Une journée"].is_own
    assert queue["Un lieu"].url in dashboard
    assert "En attente de moi" in dashboard
    assert WAGTAILS_LIST not in dashboard


def test_steps_of_other_tasks_are_in_the_list_of_wagtail(page: NewsPage, coordinator: User) -> None:
    task = GroupApprovalTask.objects.create(name="Relire l'orthographe")
    task.groups.set(coordinator.groups.all())
    workflow = Workflow.objects.create(name="Orthographe")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    workflow.start(page, coordinator)

    dashboard = Editor(coordinator).client.get("/admin/").content.decode()

    assert WAGTAILS_LIST in dashboard


def test_how_long_ago_is_in_french(page: NewsPage, reviewer: User) -> None:
    Workflow.objects.get(name=WORKFLOW).start(page, reviewer)

    shown = Editor(reviewer).open(page)

    assert "Envoyé vers Relecture éditoriale" in shown
    assert " ago" not in shown


def test_reminders_are_for_others_than_the_author_and_once(
    page: NewsPage, reviewer: User, coordinator: User, sent: Any
) -> None:
    Editor(reviewer).submit(page)
    ReviewState.objects.update(started_at=timezone.now() - dt.timedelta(days=20))

    first, second = sent(send_reminders), sent(send_reminders)

    assert set(first) == {"coordinatrice", "directrice"}
    assert "Une journée" in first["directrice"]
    assert second == {}


def test_what_a_new_member_may_approve_is_theirs_too(page: NewsPage, reviewer: User) -> None:
    Editor(reviewer).submit(page)

    assert [item.title for item in queue_of(member("Direction"))] == ["Une journée"]
