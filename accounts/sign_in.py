"""Signing in: the password, then the code of the second factor."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth import REDIRECT_FIELD_NAME as NEXT
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts.devices import account_key, remember_device
from accounts.forms import CodeForm
from accounts.limits import Attempt
from accounts.middleware import unproven_user
from accounts.second_factor import announce, has_second_factor
from accounts.sessions import seconds_left
from core.compat.admin import account_views
from core.compat.allauth import AuthenticateView, Login, perform_password_login
from core.throttling import Rate, allow, allow_letter, allow_request

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from core.models import User

PASSWORD, CODE = "password", "code"
DAY = 24 * 60 * 60
RESETS_PER_NETWORK = Rate(20, 60 * 60)


def safe_next(request: HttpRequest) -> str:
    """Return the path that somebody asked for before they signed in, if it is one of ours."""
    asked = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else ""


def sign_in(request: HttpRequest, user: User, lead_to: str) -> HttpResponse:
    """Sign somebody in who gave their password, once they gave their code where they have one."""
    if SESSION_KEY in request.session:
        # Of somebody else, or of a session that had not proved enough.
        request.session.flush()
    login = Login(user=user, redirect_url=lead_to)
    response: HttpResponse = perform_password_login(request, {}, login)
    return response


class LoginView(account_views.LoginView):
    """The screen of sign-in, which counts what fails."""

    request: HttpRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or lead on somebody who has to set up a second factor."""
        user = unproven_user(request)
        if user is not None and not has_second_factor(user):
            lead_to = self.get_redirect_url()
            return redirect_to_login(lead_to, reverse("mfa_activate_totp"), NEXT)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    @cached_property
    def attempt(self) -> Attempt:
        return Attempt(self.request, PASSWORD, self.request.POST.get("username", ""))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign somebody in, within the limits."""
        if not self.attempt.begin():
            # No password is compared: whether it was right is not learnt either.
            form = self.get_form()
            form.refuse(self.attempt.refusal)
            return refused(self.render_to_response(self.get_context_data(form=form)), self.attempt)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        self.attempt.forget()
        return sign_in(self.request, form.get_user(), self.get_success_url())


class CodeView(AuthenticateView):
    """The screen that asks for the code."""

    template_name = "accounts/code.html"
    request: HttpRequest
    form: Any
    stage: Any

    def _build_forms(self) -> CodeForm:
        # django-allauth takes a form without a code for one of a security key.
        data = self.request.POST if self.request.method == "POST" else None
        self.auth_form, self.webauthn_form = CodeForm(user=self.stage.login.user, data=data), None
        return self.auth_form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign somebody in, within the limits."""
        user = self.stage.login.user
        attempt = Attempt(request, CODE, user.get_username())
        if not attempt.begin():
            warn(user)
            self.form.refuse(attempt.refusal)
            return refused(super().get(request), attempt)
        response: HttpResponse = super().post(request, *args, **kwargs)
        if self.form.is_valid():
            attempt.forget()
        return response


code = CodeView.as_view()


def refused(response: Any, attempt: Attempt) -> HttpResponse:
    """Return a response as one to a try that was not let through."""
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(attempt.seconds)
    return response


def warn(user: User) -> None:
    """Write to somebody, once a day at most, that their password is known and their code is not."""
    if allow("code-warning", account_key(user.get_username()), Rate(1, DAY)):
        announce(user, "codes_refused", {})


class PasswordResetView(account_views.PasswordResetView):
    """« Mot de passe oublié », which writes to nobody more often than a person would ask."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponseBase:
        per_network = allow_request(self.request, "password-reset", *RESETS_PER_NETWORK)
        if not (per_network and allow_letter(form.cleaned_data["email"])):
            # The same answer as ever: it does not depend on whether there is an account.
            return HttpResponseRedirect(self.get_success_url())
        response: HttpResponseBase = super().form_valid(form)
        return response


class PasswordResetConfirmView(account_views.PasswordResetConfirmView):
    """The screen of a new password. Who has the e-mail is no stranger: the browser is known."""

    request: HttpRequest
    user: User

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_device(self.request, response, self.user.get_username())
        return response


class SignInRedirectView(RedirectView):
    """Wagtail's other screen of sign-in, of pages that are for members: it leads to ours."""

    pattern_name = "wagtailadmin_login"
    query_string = True


@never_cache
def session_state(request: HttpRequest) -> JsonResponse:
    """Return whether the session of an open screen goes on, and what its forms then carry."""
    user = request.user
    if not user.is_authenticated:
        return JsonResponse({"username": "", "seconds": 0, "token": ""})
    return JsonResponse(
        {
            "username": user.get_username(),
            "seconds": int(seconds_left(request.session)),
            "token": get_token(request),
        }
    )
