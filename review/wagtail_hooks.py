"""The review in the administration: refusals to publish are explained where they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.models import Page

from core.admin.dashboard import Dashboard
from core.compat.admin import WorkflowObjectsToModeratePanel
from core.models import User
from review import admin_views, translation_hooks  # noqa: F401
from review.addresses import edit_path
from review.bulk_actions import PublishPages
from review.choosers import add_own_files, patch_choosers
from review.feedback import has_errors
from review.forms import patch_admin_forms
from review.groups import is_partner
from review.inheritance import copied_source
from review.provenance import pending_mark
from review.queue import has_other_steps
from review.rights import why_not_published
from review.side_panels import patch_edit_views
from review.userbar import EditSnippetItem, SiteChecks
from review.workflow import explain_step

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from wagtail.admin.action_menu import ActionMenuItem
    from wagtail.admin.ui.components import Component


patch_choosers()
patch_admin_forms()
patch_edit_views()
# After Wagtail's own, whose place it takes.
hooks.register("register_bulk_action", PublishPages, order=10)


@hooks.register("construct_document_chooser_queryset")
@hooks.register("construct_image_chooser_queryset")
def offer_own_files(files: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Add to a chooser what came with the contribution whose draft is edited."""
    return add_own_files(files, request)


@hooks.register("construct_wagtail_userbar")
def complete_userbar(request: HttpRequest, items: list[Any], shown: Any) -> None:
    """Lead from a structure to its editor, and check what our editors can get wrong."""
    items[:] = [SiteChecks() if isinstance(i, ContentCheckerItem) else i for i in items]
    if shown is not None and not isinstance(shown, Page):
        items.insert(1, EditSnippetItem(shown))


@hooks.register("register_admin_urls")
def register_own_urls() -> list[URLPattern]:
    """Register the screens of the review."""
    return [
        path(
            "relecture/reprendre/<int:type_pk>/<str:object_id>/",
            admin_views.take_back,
            name="review_take_back",
        ),
    ]


@hooks.register("construct_homepage_panels")
def add_dashboard(request: HttpRequest, panels: list[Component]) -> None:
    """Put what waits for a member of the team in the place of Wagtail's list of steps.

    That has the same, and what a person may not approve; other kinds of tasks are in it alone.
    """
    if is_partner(request.user):
        return
    panels.append(Dashboard())
    if not has_other_steps():
        panels[:] = [each for each in panels if type(each) is not WorkflowObjectsToModeratePanel]


@hooks.register("before_edit_page")
@hooks.register("before_edit_snippet")
def explain_lost_action(request: HttpRequest, instance: Any) -> None:
    """Explain why an approval that was sent with the form can't be given any more.

    Wagtail's editor saves the form then, without a word.
    """
    if request.method != "POST" or not request.POST.get("action-workflow-action"):
        return
    name = request.POST.get("workflow-action-name", "")
    task = instance.current_workflow_task
    if task is None:
        reason = _("La relecture est terminée ou arrêtée : votre choix n'est pas enregistré.")
    elif name in {each[0] for each in task.get_actions(instance, request.user)}:
        return
    else:
        reason = explain_step(instance, request.user) or ""
    if reason:
        messages.error(request, reason)


@hooks.register("after_edit_page")
@hooks.register("after_edit_snippet")
def stay_where_refused(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Stay in the editor when a step was refused, where the screen shows why."""
    return redirect(edit_path(type(instance), instance.pk)) if has_errors() else None


@hooks.register("before_publish_page")
@hooks.register("before_publish")
def refuse(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Refuse to publish a page or snippet where it is edited: what was typed is saved by then."""
    if not isinstance(request.user, User):
        return None
    reason = why_not_published(instance, request.user)
    if reason is None:
        return None
    messages.error(request, reason)
    return redirect(edit_path(type(instance), instance.pk))


@hooks.register("construct_page_action_menu")
def hide_publish(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """Remove « Publier » from the menu of a page that waits for its review."""
    page = context.get("page")
    if page is not None and page.pk and pending_mark(page):
        items[:] = [item for item in items if item.name != "action-publish"]


@hooks.register("construct_snippet_action_menu")
def hide_publish_of_snippet(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """Remove « Publier » from the menu of a snippet that waits for its review, or of its copy."""
    instance = context.get("instance") or copied_source()
    if instance is not None and instance.pk and pending_mark(instance):
        items[:] = [item for item in items if item.name != "action-publish"]
