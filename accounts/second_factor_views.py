"""Setting up a second factor, in plain words and step by step, and its recovery codes."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME as NEXT
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from accounts.forms import CodeForm, SetUpForm
from accounts.limits import Attempt
from accounts.middleware import unproven_user
from accounts.second_factor import (
    has_second_factor,
    must_have_second_factor,
    proved_at,
    renew_recovery_codes,
    set_up,
    unused_recovery_codes,
)
from accounts.sign_in import CODE, refused, safe_next
from core.compat.allauth import clear_totp_secret, record_authentication

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from core.models import User

FRESH_SECONDS = 10 * 60
"""For how long a code that was given opens what changes the second factor."""


@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class OwnFactorView:
    """A screen of one's own second factor, shown to who just gave a code of it."""

    request: HttpRequest
    user: User
    takes_unproven = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, or ask for what is missing: to sign in, or a code."""
        user: Any = request.user if request.user.is_authenticated else unproven_user(request)
        if user is None:
            return redirect_to_login(request.get_full_path())
        self.user = user
        if has_second_factor(user):
            proved = proved_at(request, user)
            if not request.user.is_authenticated:
                # Set up elsewhere since this session began: it has to begin anew.
                request.session.flush()
                return redirect_to_login(request.get_full_path())
            if self.asks_again and (proved is None or time.time() - proved > FRESH_SECONDS):
                return redirect_to_login(request.get_full_path(), reverse("accounts_confirm"), NEXT)
        elif not self.takes_unproven:
            return redirect("mfa_activate_totp")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    asks_again = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "next": safe_next(self.request)}

    def address_of(self, name: str) -> str:
        """Return the address of a screen, with what was asked for before."""
        lead_to = safe_next(self.request)
        return redirect_to_login(lead_to, reverse(name), NEXT).url if lead_to else reverse(name)


class SetUpView(OwnFactorView, FormView):  # type: ignore[type-arg]
    """« Protéger votre compte »: the application, its picture to scan, and its first code."""

    template_name = "accounts/set_up.html"
    form_class = SetUpForm
    takes_unproven = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret, adapter = context["form"].secret, get_adapter()
        url = adapter.build_totp_url(self.user, secret)
        picture = base64.b64encode(adapter.build_totp_svg(url).encode()).decode()
        return {
            **context,
            "url": url,
            "picture": f"data:image/svg+xml;base64,{picture}",
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "is_required": must_have_second_factor(self.user),
            "is_replaced": has_second_factor(self.user),
            "username": self.user.get_username(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the code, or leave it for another day."""
        if "later" in request.POST:
            request.session.flush()
            return redirect("wagtailadmin_login")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        if not set_up(self.request, self.user, form.secret, form.cleaned_data["code"]):
            form.refuse(
                _(
                    "Ce code n'est pas le bon. Attendez que l'application en affiche un nouveau,"
                    " puis recopiez-le. S'il est encore refusé, vérifiez que l'heure du téléphone"
                    " se règle automatiquement."
                )
            )
            return self.form_invalid(form)
        clear_totp_secret(self.request)
        return redirect(self.address_of("mfa_view_recovery_codes"))


class RecoveryCodesView(OwnFactorView, TemplateView):
    """The recovery codes: to print, to copy, to renew."""

    template_name = "accounts/recovery_codes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        codes = [f"{each[:4]} {each[4:]}" for each in unused_recovery_codes(self.user)]
        return {
            **context,
            "codes": codes,
            "username": self.user.get_username(),
            "lead_to": context["next"] or reverse("wagtailadmin_home"),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Renew the codes."""
        renew_recovery_codes(self.user)
        messages.success(request, _("Voici vos nouveaux codes. Les anciens ne servent plus."))
        return redirect(self.address_of("mfa_view_recovery_codes"))


class ConfirmView(OwnFactorView, FormView):  # type: ignore[type-arg]
    """A code again, before what changes the second factor."""

    template_name = "accounts/confirm.html"
    form_class = CodeForm
    asks_again = False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the code, within the limits."""
        attempt = Attempt(request, CODE, self.user.get_username())
        form = self.get_form()
        if not attempt.begin():
            form.refuse(attempt.refusal)
            response = self.render_to_response(self.get_context_data(form=form))
            return refused(response, attempt)
        if not form.is_valid():
            return self.form_invalid(form)
        attempt.forget()
        factor = form.authenticator
        record_authentication(request, self.user, "mfa", id=factor.pk, type=factor.type)
        return redirect(safe_next(request) or "accounts_security")
