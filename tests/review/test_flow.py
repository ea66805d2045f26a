"""The review from the screens of those who take part: it can't be tricked, and never dead-ends."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.urls import reverse
from wagtail.models import TaskState, Workflow

from contributions.drafts import make_draft
from resources.models import NewsPage
from review.groups import REVIEW
from review.models import EditorialReview, ReviewState, Validation
from review.models.tasks import ReviewRefused
from review.workflow import WORKFLOW
from tests.factories import NewsPageFactory, news_index
from tests.factories.contributions import ContributionFactory, member, ticks
from tests.factories.network import StructureFactory
from tests.factories.review import approve
from tests.review.editor import Editor, text_of

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(sections: None, reviewer: User) -> NewsPage:
    """A draft made of a contribution, waiting for the editorial review."""
    return make_draft(ContributionFactory(title="Venue d'ailleurs"), member("Relecture", "triage"))


def fresh(content: Any) -> Any:
    return type(content).objects.get(pk=content.pk)


def step(content: Any) -> type | None:
    task = fresh(content).current_workflow_task
    return type(task) if task else None


def test_who_changes_the_title_at_the_validation_never_validates_it(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    coordination, direction = Editor(coordinator), Editor(director)
    Editor(reviewer).approve(draft)
    assert step(draft) is Validation

    coordination.save(draft, title="Un titre à elle")
    assert step(draft) is EditorialReview
    direction.approve(draft)
    assert step(draft) is Validation
    direction.save(draft)
    refused = coordination.approve(draft)

    assert "Vous avez modifié ce contenu" in refused
    assert not coordination.offers_approval(draft)
    assert not fresh(draft).live
    other = Editor(member("Direction", "directeur", first_name="Sam", last_name="Dupuis"))
    assert "Peut approuver : Sam Dupuis" in coordination.open(draft)
    other.approve(draft)
    assert fresh(draft).live
    assert fresh(draft).title == "Un titre à elle"


def test_the_screen_shows_what_an_approval_did_and_who_is_next(
    draft: NewsPage, reviewer: User, director: User
) -> None:
    director.first_name, director.last_name = "Ana", "Lopez"
    director.save()

    first = Editor(reviewer).approve(draft)
    second = Editor(director).approve(draft)

    assert "Vous avez approuvé « Relecture éditoriale » de « Venue d'ailleurs »" in first
    assert "Étape suivante : « Validation ». Peut approuver : Ana Lopez" in first
    assert "a été mis" not in first
    assert "« Venue d'ailleurs » est en ligne" in second


def test_an_edit_announces_before_and_after_that_the_review_restarts(
    draft: NewsPage, reviewer: User, coordinator: User
) -> None:
    Editor(reviewer).approve(draft)
    coordination = Editor(coordinator)

    before = coordination.open(draft)
    after = coordination.save(draft, title="Autre titre")

    assert "reprend la relecture depuis le début et annule : « Relecture éditoriale »" in before
    assert "la relecture reprend à « Relecture éditoriale »" in after
    assert "Rel Ectrice" in after
    assert step(draft) is EditorialReview


def test_saving_without_a_change_restarts_nothing(
    draft: NewsPage, reviewer: User, coordinator: User
) -> None:
    Editor(reviewer).approve(draft)

    shown = Editor(coordinator).save(draft)

    assert "Personne n'a approuvé" not in shown
    assert step(draft) is Validation


def test_an_approval_with_an_edit_is_no_approval_of_the_other_step(
    draft: NewsPage, reviewer: User, coordinator: User
) -> None:
    Editor(reviewer).approve(draft)
    task = Validation.objects.get()

    shown = Editor(coordinator).approve(draft, {"step": task.pk}, title="Corrigé en approuvant")

    assert "Rien n'est approuvé" in shown
    assert "Modification de Actualité" in shown
    assert "autorisation" not in shown
    assert step(draft) is EditorialReview
    assert fresh(draft).get_latest_revision_as_object().title == "Corrigé en approuvant"


def test_the_first_may_edit_and_approve_at_once(
    draft: NewsPage, reviewer: User, director: User
) -> None:
    task = EditorialReview.objects.get()

    Editor(reviewer).approve(draft, {"step": task.pk}, title="Relu et corrigé")
    Editor(director).approve(draft)

    assert fresh(draft).title == "Relu et corrigé"


def test_who_may_not_act_at_a_step_reads_who_may(
    draft: NewsPage, reviewer: User, coordinator: User
) -> None:
    Editor(reviewer).approve(draft)

    shown = Editor(reviewer).open(draft)

    assert "Peut approuver : coordinatrice" in shown
    assert "Vous ne pouvez pas modifier ce contenu pendant cette étape" in shown


def test_who_was_slower_reads_what_happened(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    state = fresh(draft).current_workflow_task_state
    approve(draft, director)

    with pytest.raises(ReviewRefused, match="approuvée par directrice"):
        state.approve(user=coordinator, **ticks())
    shown = Editor(reviewer).approve(draft)

    assert "« Validation » est confiée à : " in shown


def test_a_dialog_that_comes_too_late_leads_back_with_the_reason(
    draft: NewsPage, coordinator: User, director: User
) -> None:
    state = fresh(draft).current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[draft.pk, "approve", state.pk])
    editor = Editor(coordinator)
    approve(draft, director)

    answer = editor.client.post(
        address,
        {**dict.fromkeys(ticks(), "on"), "step": state.task_id},
        headers={"x-requested-with": "XMLHttpRequest", "referer": "http://testserver/admin/"},
    )

    assert answer.json()["redirect"] == "http://testserver/admin/"
    assert "vient d'être approuvée" in text_of(editor.client.get("/admin/"))


def test_a_last_approver_who_may_publish_nothing_does_not_fail(
    draft: NewsPage, director: User, reviewer: User
) -> None:
    Validation.objects.get().groups.add(reviewer.groups.get(name=REVIEW))
    Editor(director).approve(draft)

    shown = Editor(reviewer).approve(draft)

    assert "est en ligne" in shown
    assert fresh(draft).live


def test_a_page_with_an_alias_is_validated(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    alias = draft.create_alias(parent=news_index(), update_slug="alias")
    approve(draft, director)

    shown = Editor(coordinator).approve(draft)

    assert "est en ligne" in shown
    assert fresh(draft).live
    assert fresh(alias).live


def test_when_nobody_is_left_one_takes_her_words_back(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    coordination, direction = Editor(coordinator), Editor(director)
    direction.save(draft, title="Titre de la directrice")
    coordination.save(draft, summary="Résumé de la coordinatrice")
    Editor(reviewer).approve(draft)

    shown = coordination.open(draft)
    assert "directrice a modifié « Titre »" in shown
    assert "coordinatrice a modifié « Résumé »" in shown
    address = re.findall(
        r"/admin/relecture/reprendre/[^\"]+",
        coordination.client.get(f"/admin/pages/{draft.pk}/edit/").content.decode(),
    )[0]
    assert "Reprendre mes modifications" in coordination.client.get(address).content.decode()
    coordination.client.post(address)

    assert step(draft) is EditorialReview
    latest = fresh(draft).get_latest_revision_as_object()
    assert (latest.title, latest.summary) == ("Titre de la directrice", draft.summary)
    Editor(reviewer).approve(draft)
    coordination.approve(draft)
    assert fresh(draft).live


def test_words_that_are_put_back_are_approved_as_they_were(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    Editor(reviewer).approve(draft)
    coordination = Editor(coordinator)
    coordination.save(draft, title="Essai")
    assert step(draft) is EditorialReview

    coordination.save(draft, title="Venue d'ailleurs")

    assert step(draft) is Validation
    coordination.approve(draft)
    assert fresh(draft).live


def test_a_group_of_one_is_told_that_another_person_is_needed(
    draft: NewsPage, director: User
) -> None:
    Editor(director).approve(draft)

    shown = Editor(director).open(draft)

    assert "Il faut une autre personne de : Direction ou Coordination" in shown
    assert "Reprendre mes modifications" not in shown


def test_what_was_rejected_and_edited_starts_at_the_first_step(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    Editor(reviewer).approve(draft)
    shown = Editor(director).reject(draft, "La source manque.")
    assert "Des modifications sont demandées" in shown

    Editor(coordinator).submit(draft, title="Avec sa source")

    assert step(draft) is EditorialReview


def test_what_was_rejected_and_not_edited_goes_on_where_it_was(
    draft: NewsPage, reviewer: User, coordinator: User, director: User
) -> None:
    Editor(reviewer).approve(draft)
    Editor(director).reject(draft, "Je préfère attendre.")

    Editor(coordinator).submit(draft)

    assert step(draft) is Validation


def test_the_teams_own_page_passes_the_same_way(reviewer: User, coordinator: User) -> None:
    page = NewsPageFactory(draft=True)
    page.save_revision(user=reviewer)
    Editor(reviewer).submit(page, title="De l'équipe")

    Editor(reviewer).approve(page)
    Editor(coordinator).approve(page)

    assert fresh(page).live


def test_a_structure_passes_the_same_way(reviewer: User, coordinator: User, director: User) -> None:
    structure = StructureFactory(live=False)
    structure.save_revision(user=reviewer)
    Workflow.objects.get(name=WORKFLOW).start(structure, reviewer)

    first = Editor(coordinator).approve(structure)
    second = Editor(coordinator).approve(structure)
    third = Editor(director).approve(structure)

    assert "Étape suivante : « Validation »" in first
    assert "Vous avez approuvé « Relecture éditoriale » : c'est à une autre personne" in second
    assert "est en ligne" in third
    assert fresh(structure).live


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_the_same_instant_open_one_step() -> None:
    news_index()
    page = NewsPageFactory(draft=True)
    page.save_revision(user=member("Relecture"))
    Workflow.objects.get(name=WORKFLOW).start(page, member("Relecture"))
    people = [member("Direction"), member("Coordination"), member("Coordination")]
    barrier = threading.Barrier(len(people))
    refused = []

    def act(user: User) -> None:
        try:
            state = fresh(page).current_workflow_task_state
            task = fresh(page).current_workflow_task
            barrier.wait()
            task.on_action(state, user, "approve", **ticks())
        except ReviewRefused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    waiting = ReviewState.objects.filter(status=TaskState.STATUS_IN_PROGRESS)
    assert [state.task.specific for state in waiting] == [Validation.objects.get()]
    assert len(refused) == 2
    assert all("vient d'être approuvée" in reason for reason in refused)
