"""Nothing that came from outside is published without the whole review, whatever the way."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Page, TaskState, WorkflowState

from contributions.drafts import make_draft
from contributions.lifecycle import transition
from contributions.models import Contribution, ContributionState
from published.models import Item
from resources.models import NewsPage
from review.models import EditorialReview, ExternalContent, Validation
from review.provenance import mark_external, pending_mark
from review.workflow import WORKFLOW, passed_review
from tests.factories import NewsPageFactory, UserFactory, news_index
from tests.factories.contributions import ContributionFactory, member
from tests.factories.review import approve

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def draft(sections: None, reviewer: User) -> NewsPage:
    """A draft made of a contribution by the reviewer, waiting for the editorial review."""
    return make_draft(ContributionFactory(title="Venue d'ailleurs"), reviewer)


def is_live(page: Page) -> bool:
    return Page.objects.get(pk=page.pk).live


def test_two_people_who_tick_everything_publish(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    assert draft.current_workflow_task.specific == EditorialReview.objects.get()

    approve(draft, director)
    assert not is_live(draft)
    approve(draft, coordinator)

    assert is_live(draft)
    assert ExternalContent.objects.get().is_pending is False


def test_the_same_person_cannot_approve_both_steps(draft: NewsPage, director: User) -> None:
    approve(draft, director)

    with pytest.raises(PermissionDenied):
        approve(draft, director)

    assert not is_live(draft)


def test_a_superuser_is_held_to_four_eyes_too(draft: NewsPage, editor: User) -> None:
    approve(draft, editor)

    with pytest.raises(PermissionDenied):
        approve(draft, editor)


def test_who_last_edited_cannot_validate(draft: NewsPage, reviewer: User, director: User) -> None:
    coordinator = member("Coordination")
    page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    page.title = "Autre titre"
    page.save_revision(user=coordinator)
    approve(draft, director)

    with pytest.raises(PermissionDenied):
        approve(draft, coordinator)
    actions = dict.fromkeys(
        a[0]
        for a in Validation.objects.get().get_actions(
            NewsPage.objects.get(pk=draft.pk), coordinator
        )
    )
    assert "approve" not in actions


def test_an_edit_after_the_first_approval_takes_the_review_back_to_its_start(
    draft: NewsPage, director: User, coordinator: User, reviewer: User
) -> None:
    approve(draft, director)
    page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    page.title = "Autre titre"
    page.save_revision(user=reviewer)

    page = NewsPage.objects.get(pk=draft.pk)
    assert isinstance(page.current_workflow_task, EditorialReview)
    approve(draft, coordinator)

    assert not is_live(draft)


def test_saving_without_a_change_is_no_edit(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    """The page editor saves a revision with each approval, and marks its paragraphs."""
    for user in (director, coordinator):
        page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
        revision = page.save_revision(user=user)
        if user is director:
            body = json.loads(revision.content["body"])
            body[0]["value"] = body[0]["value"].replace("<p>", '<p data-block-key="abcde">')
            revision.content["body"] = json.dumps(body)
            revision.save()
        approve(draft, user)

    assert is_live(draft)


def test_who_puts_an_older_text_back_has_written_none_of_it(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    first = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    changed = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    changed.title = "Autre titre"
    changed.save_revision(user=director)
    first.save_revision(user=coordinator)

    approve(draft, director)
    approve(draft, coordinator)

    assert is_live(draft)


@pytest.mark.parametrize("missing", range(5))
def test_a_point_that_is_not_ticked_keeps_from_approving(
    draft: NewsPage, director: User, missing: int
) -> None:
    with pytest.raises(PermissionDenied):
        approve(draft, director, **{f"point_{missing}": False})

    assert draft.current_workflow_task_state.status == TaskState.STATUS_IN_PROGRESS


def test_a_step_approved_without_its_checklist_publishes_nothing(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    """Code may approve through Wagtail's own class; the guard looks at what was ticked."""
    for user in (director, coordinator):
        page = NewsPage.objects.get(pk=draft.pk)
        state = TaskState.objects.get(pk=page.current_workflow_task_state.pk)
        if user is coordinator:
            with pytest.raises(PermissionDenied):
                state.approve(user=user)
        else:
            state.approve(user=user)

    assert not is_live(draft)


def test_no_code_publishes_it(draft: NewsPage, editor: User) -> None:
    revision = draft.get_latest_revision()

    with pytest.raises(PermissionDenied):
        revision.publish()
    with pytest.raises(PermissionDenied):
        revision.publish(user=editor, skip_permission_checks=True)
    with pytest.raises(PermissionDenied):
        PublishPageRevisionAction(revision, user=editor).execute(skip_permission_checks=True)
    with pytest.raises(PermissionDenied):
        NewsPage.objects.get(pk=draft.pk).publish(revision)
    assert not is_live(draft)

    page = NewsPage.objects.get(pk=draft.pk)
    page.live = True
    page.save()
    assert Client().get(page.url).status_code == 404
    assert not Item.objects.filter(page=page.pk).exists()


def test_no_schedule_publishes_it(draft: NewsPage, editor: User) -> None:
    page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    page.go_live_at = timezone.now() + dt.timedelta(hours=1)
    revision = page.save_revision(user=editor)

    with pytest.raises(PermissionDenied):
        revision.publish(user=editor)
    draft.revisions.update(approved_go_live_at=timezone.now() - dt.timedelta(hours=1))
    call_command("publish_scheduled")

    assert not is_live(draft)


def test_a_reviewed_draft_may_be_scheduled_and_its_partner_is_notified(
    draft: NewsPage, director: User, coordinator: User, reviewer: User
) -> None:
    page = NewsPage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    page.go_live_at = timezone.now() + dt.timedelta(hours=1)
    page.save_revision(user=reviewer)
    approve(draft, director)
    approve(draft, coordinator)
    contribution = Contribution.objects.get()
    assert contribution.state == ContributionState.SCHEDULED
    assert not is_live(draft)

    NewsPage.objects.get(pk=draft.pk).revisions.filter(approved_go_live_at__isnull=False).update(
        approved_go_live_at=timezone.now() - dt.timedelta(seconds=1)
    )
    revision = NewsPage.objects.get(pk=draft.pk).get_latest_revision()
    revision.content["go_live_at"] = (timezone.now() - dt.timedelta(seconds=1)).isoformat()
    revision.save(update_fields=["content"])
    call_command("publish_scheduled")

    assert is_live(draft)
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.PUBLISHED


def test_no_button_publishes_it(draft: NewsPage, editor_client: Client) -> None:
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    page = editor_client.get(address)
    assert b'name="action-publish"' not in page.content
    form = {
        "title": "Venue d'ailleurs",
        "slug": draft.slug,
        "date": "2027-01-01",
        "summary": "x",
        "body-count": "0",
        "territory_scope": "national",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "action-publish": "1",
    }

    editor_client.post(address, form)

    assert not is_live(draft)


def test_no_bulk_action_publishes_it(draft: NewsPage, editor_client: Client) -> None:
    for pk in (draft.pk, news_index().pk):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        editor_client.post(f"{address}?id={pk}", {"include_descendants": "on"})

        assert not is_live(draft)


def test_no_action_of_wagtails_api_publishes_it(draft: NewsPage, editor_client: Client) -> None:
    address = reverse("wagtailadmin_api:pages:action", args=[draft.pk, "publish"])

    editor_client.post(address, {}, content_type="application/json")

    assert not is_live(draft)


def test_a_copy_of_it_is_held_as_it_is(draft: NewsPage, editor: User) -> None:
    page = NewsPage.objects.get(pk=draft.pk)
    copy = CopyPageAction(
        page, to=news_index(), update_attrs={"slug": "copie", "title": "Autre"}, user=editor
    ).execute()

    assert pending_mark(copy)
    with pytest.raises(PermissionDenied):
        copy.get_latest_revision().publish(user=editor)
    bare = page.copy(
        to=news_index(), update_attrs={"slug": "copie-2"}, copy_revisions=False, user=editor
    )
    with pytest.raises(PermissionDenied):
        bare.get_latest_revision().publish(user=editor)


def test_an_alias_of_it_is_held_too(draft: NewsPage, editor: User) -> None:
    alias = NewsPage.objects.get(pk=draft.pk).create_alias(
        parent=news_index(), update_slug="alias", user=editor
    )

    alias.live = True
    alias.save()

    assert Client().get(alias.url).status_code == 404
    assert not Item.objects.filter(page=alias.pk).exists()


def test_what_the_team_writes_itself_is_published_as_ever(editor: User, sections: None) -> None:
    page = NewsPageFactory(draft=True)

    page.save_revision(user=editor).publish(user=editor)

    assert is_live(page)


def test_the_team_edits_it_freely_once_it_is_published(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    approve(draft, director)
    approve(draft, coordinator)
    page = NewsPage.objects.get(pk=draft.pk)
    page.title = "Corrigé"

    page.save_revision(user=director).publish(user=director)

    assert NewsPage.objects.get(pk=draft.pk).title == "Corrigé"


def test_what_a_partners_account_writes_is_held(
    partner: User, director: User, sections: None
) -> None:
    page = NewsPageFactory(title="En ligne")
    page.title = "Remplacé par un partenaire"
    revision = page.save_revision(user=partner)

    with pytest.raises(PermissionDenied):
        revision.publish(user=director, skip_permission_checks=True)

    assert Page.objects.get(pk=page.pk).title == "En ligne"
    assert is_live(page)


def test_a_contribution_amended_or_withdrawn_meanwhile_is_not_published(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    contribution = Contribution.objects.get()
    approve(draft, director)
    transition(contribution, ContributionState.CHANGES_REQUESTED)

    with pytest.raises(PermissionDenied):
        approve(draft, coordinator)

    assert not is_live(draft)


def test_the_review_holds_for_the_whole_tree_and_for_structures(home: Any) -> None:
    from network.models import Structure

    assert home.get_workflow().name == WORKFLOW
    assert Structure.get_default_workflow().name == WORKFLOW


def test_a_structure_from_outside_is_held_and_confidential(
    reviewer: User, director: User, coordinator: User
) -> None:
    contribution = ContributionFactory(
        kind="structure",
        title="Maison d'accueil",
        answers={"department": "59", "listed_type": "association", "street": "3 rue Cachée"},
    )
    structure = make_draft(contribution, reviewer)
    assert structure.is_confidential
    assert not structure.live
    with pytest.raises(PermissionDenied):
        structure.get_latest_revision().publish(user=director, skip_permission_checks=True)

    approve(structure, director)
    approve(structure, coordinator)

    structure.refresh_from_db()
    assert structure.live


def test_a_review_holds_for_no_other_revision(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    approve(draft, director)
    approve(draft, coordinator)
    page = NewsPage.objects.get(pk=draft.pk)
    reviewed = page.get_latest_revision()
    mark_external(page)
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_APPROVED

    page.title = "Autre titre"
    other = page.save_revision(user=director)

    assert passed_review(reviewed)
    assert not passed_review(other)


def test_someone_of_no_group_approves_nothing(draft: NewsPage) -> None:
    with pytest.raises(PermissionDenied):
        approve(draft, UserFactory())
