"""The editor of translations: the review and publication, as in the editor of pages.

wagtail-localize replaces the editor of a translated page or structure with its own, of which the
one action is to publish. Its menu is here that of every page: the same items, by the same rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, WorkflowMixin

from core.languages.publishing import explain_refusal
from core.languages.translations import build_draft, translation_of
from review.content import canonical_hash
from review.flow import begin
from review.models.wording import title_of
from review.rights import lock_for, may_edit
from review.workflow import explain_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponse
    from wagtail_localize.models import Translation

    from core.models import User

INVALID = gettext_lazy("Des textes traduits ne conviennent pas : ils sont signalés ci-dessous.")
TOO_LATE = gettext_lazy(
    "Ce n'est plus possible : quelqu'un d'autre a agi entre-temps. Voici où en est la traduction."
)


def submit_url(translation: Translation, instance: Any) -> str:
    """Return where a translation is submitted for review."""
    if isinstance(instance, Page):
        return reverse("submit_translation_for_review", args=[instance.pk])
    return reverse("submit_snippet_translation_for_review", args=[translation.pk])


def can_be_reviewed(instance: Any, user: User) -> bool:
    """Return whether a user may submit a page or snippet for review now."""
    if not isinstance(instance, WorkflowMixin) or not may_edit(instance, user):
        return False
    if isinstance(instance, Page):
        return bool(instance.permissions_for_user(user).can_submit_for_moderation())
    return bool(instance.has_workflow and not instance.workflow_in_progress)


def is_current(translation: Translation, instance: Any) -> bool:
    """Return whether the latest draft has every text as it is translated now."""
    latest = instance.get_latest_revision()
    if latest is None:
        return False
    now = build_draft(translation).serializable_data()
    return canonical_hash(now) == canonical_hash(latest.content)


def submit(translation: Translation, user: User) -> None:
    """Save a translation as a draft and submit it for review.

    Raises:
        ValidationError: a text is not valid; it is marked.
    """
    translation.save_target(user=user, publish=False)
    begin(translation.get_target_instance(), user)


def restart_if_changed(translation: Translation, user: User | AnonymousUser) -> None:
    """Save the draft of a translation under review anew: approvals are of what is read."""
    instance = translation.get_target_instance()
    if (
        isinstance(instance, WorkflowMixin)
        and instance.workflow_in_progress
        and not is_current(translation, instance)
    ):
        translation.save_target(user=user, publish=False)


def answer(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Do what the editor of a translation asks for, and explain what can't be done.

    Returns:
        The response; ``None`` where nothing of ours was asked.
    """
    if request.method != "POST":
        return None
    translation = translation_of(instance)
    act = next((act for name, act in _ACTIONS.items() if name in request.POST), None)
    if request.POST.get("action") == "publish":  # From the button of wagtail-localize.
        act = _publish
    if translation is None or act is None:
        return None
    if lock := lock_for(instance, request.user):
        messages.error(request, lock.get_message(request.user))
        return redirect(request.path)
    try:
        act(request, translation, instance)
    except PermissionDenied as refusal:
        messages.error(request, str(refusal) or explain_refusal(instance))
    except ValidationError:
        messages.error(request, INVALID)
    return redirect(request.path)


def _publish(request: HttpRequest, translation: Translation, instance: Any) -> None:
    translation.save_target(user=request.user, publish=True)
    instance.refresh_from_db()
    names = {"title": title_of(instance), "language": translation.target_locale.get_display_name()}
    if not getattr(instance, "live", True):
        messages.success(request, _("« %(title)s » sera en ligne à la date choisie.") % names)
        return
    total, done = translation.get_progress()
    if done < total:
        messages.warning(
            request,
            _(
                "« %(title)s » est en ligne en %(language)s. Ce qui n'est pas traduit y reste en "
                "français."
            )
            % names,
        )
    else:
        messages.success(request, _("« %(title)s » est en ligne en %(language)s.") % names)


def _cancel(request: HttpRequest, translation: Translation, instance: Any) -> None:
    state = instance.current_workflow_state
    if state is None or not state.user_can_cancel(request.user):
        raise PermissionDenied(TOO_LATE)
    state.cancel(user=request.user)
    messages.success(
        request, _("La relecture de « %(title)s » est arrêtée.") % {"title": title_of(instance)}
    )


def _review(request: HttpRequest, translation: Translation, instance: Any) -> None:
    """Approve a step of the review, or ask for changes, as the task of the step has it."""
    name = request.POST.get("workflow-action-name", "")
    task = instance.current_workflow_task
    if task is None or name not in {each[0] for each in task.get_actions(instance, request.user)}:
        reason = explain_step(instance, request.user) if name == "approve" else None
        raise PermissionDenied(reason or TOO_LATE)
    if not is_current(translation, instance):
        translation.save_target(user=request.user, publish=False)
        raise PermissionDenied(
            _(
                "Des textes ont changé depuis que cette traduction est en relecture : relisez-la "
                "telle qu'elle est maintenant."
            )
        )
    form = task.get_form_for_action(name)(_extra_data(request))
    if not form.is_valid():
        raise PermissionDenied(TOO_LATE)
    with transaction.atomic():
        task.on_action(
            instance.current_workflow_task_state, request.user, name, **form.cleaned_data
        )


def _extra_data(request: HttpRequest) -> dict[str, Any]:
    try:
        data = json.loads(request.POST.get("workflow-action-extra-data", "{}"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


_ACTIONS: dict[str, Callable[[HttpRequest, Translation, Any], None]] = {
    "action-publish": _publish,
    "action-cancel-workflow": _cancel,
    "action-workflow-action": _review,
}
"""What the menu posts, by the name of its field."""
