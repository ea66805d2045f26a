"""« Sécurité de mon compte »: the second factor, and where one is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.browsers import describe_browser
from accounts.second_factor import (
    has_second_factor,
    must_have_second_factor,
    unused_recovery_codes,
)
from accounts.sessions import end_session, end_sessions, sessions_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User

FEW_CODES = 3


@method_decorator(never_cache, name="dispatch")
class SecurityView(WagtailAdminTemplateMixin, TemplateView):
    """One's own second factor and sessions."""

    template_name = "accounts/admin/security.html"
    page_title = gettext_lazy("Sécurité de mon compte")
    header_icon = "lock"
    request: HttpRequest

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        own_key = self.request.session.session_key
        codes = len(unused_recovery_codes(user))
        sessions = [
            {
                "pk": each.pk,
                "browser": describe_browser(each.user_agent),
                "address": each.ip,
                "began_at": each.created_at,
                "seen_at": each.last_seen_at,
                "is_own": each.session_key == own_key,
            }
            for each in sessions_of(user)
        ]
        return {
            **super().get_context_data(**kwargs),
            "has_factor": has_second_factor(user),
            "is_required": must_have_second_factor(user),
            "codes": codes,
            "has_few_codes": codes < FEW_CODES,
            "sessions": sessions,
            "has_others": any(not each["is_own"] for each in sessions),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """End one session, or all others."""
        user: User = request.user  # type: ignore[assignment]
        asked = request.POST.get("end", "")
        if asked.isdecimal():
            ended = end_session(user, int(asked))
        else:
            ended = end_sessions(user, but=request.session.session_key)
        messages.success(
            request,
            ngettext("%(count)s session fermée.", "%(count)s sessions fermées.", ended)
            % {"count": ended},
        )
        return redirect("accounts_security")
