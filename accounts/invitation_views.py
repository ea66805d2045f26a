"""The screen of an invitation: a password that its reader chooses."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from wagtail.log_actions import log

from accounts.invitations import JOINED, user_from_token
from accounts.sign_in import sign_in
from core.web.signed_links import BadToken

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from core.models import User


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class InvitationView(FormView):  # type: ignore[type-arg]
    """« Bienvenue » : the first password of an account."""

    template_name = "accounts/invitation.html"
    form_class = SetPasswordForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer to the link of an invitation that still counts."""
        try:
            self.user = user_from_token(kwargs["token"])
        except BadToken:
            return render(request, "accounts/invitation_ended.html", status=HTTPStatus.GONE)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = {"username": self.user.get_username(), "first_name": self.user.first_name}
        return {**super().get_context_data(**kwargs), **given}

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        with transaction.atomic():
            form.save()
            log(self.user, JOINED, user=self.user)
        return sign_in(self.request, self.user, reverse("wagtailadmin_home"))
