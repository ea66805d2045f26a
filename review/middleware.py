"""Who acts in a request of the administration, and the screen's report of the review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import reverse
from wagtail.models import TaskState

from core.admin.refusals import screen_before
from core.compat.messages import drop_success_messages
from core.models import User
from review.actors import acting
from review.feedback import collecting
from review.models import ReviewState
from review.models.tasks import describe_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class ActorMiddleware:
    """Record the user of each request of the administration as its actor.

    Also show what the review did on the way, and explain what it refuses to a dialog.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, made while the user acts."""
        # The address first: to ask for the user reads the session.
        is_admin = request.path.startswith(reverse("wagtailadmin_home"))
        if not is_admin or not isinstance(request.user, User):
            return self.get_response(request)
        with acting(user=request.user), collecting() as reports:
            response = self.get_response(request)
        if any(each.is_success for each in reports):
            # « La page a été mise à jour » is less than what happened.
            drop_success_messages(request)
        for each in reports:
            messages.add_message(request, each.level, each.text)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Explain why a step that is asked for can't be approved or rejected any more."""
        if not {"task_state_id", "action_name"} <= kwargs.keys():
            return None
        state = ReviewState.objects.filter(pk=kwargs["task_state_id"]).first()
        if state is None or not request.user.has_perm("wagtailadmin.access_admin"):
            return None
        reason = None
        if state.status != TaskState.STATUS_IN_PROGRESS:
            reason = describe_end(state)
        elif kwargs["action_name"] == "approve":
            reason = state.task.specific.refusal(state, request.user)
        return self._explain(request, reason) if reason else None

    @staticmethod
    def _explain(request: HttpRequest, reason: str) -> HttpResponse:
        messages.error(request, reason)
        came_from = screen_before(request)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # What the dialog does once it has done its work.
            return JsonResponse({"step": "success", "redirect": came_from})
        return HttpResponseRedirect(came_from)
