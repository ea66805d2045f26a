"""What Direction does with an account besides its form: each on a screen that has its effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import APIToken

from accounts.access_review import record_review, to_review, with_last_review
from accounts.account_views import StandingMixin
from accounts.invitations import INVITATION, invite, is_invited
from accounts.leaving import leave
from accounts.second_factor import has_second_factor, reset
from core.handover import describe_work
from core.models import User
from review.groups import TEAM

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django_stubs_ext import StrOrPromise

CHANGE = "core.change_user"


class AccountsMixin(StandingMixin, WagtailAdminTemplateMixin):
    """A screen of those who manage accounts."""

    header_icon = "user"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer to those who manage accounts.

        Raises:
            PermissionDenied: this person does not.
        """
        self.request = request
        self.check()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def check(self) -> None:
        """Refuse those who may not.

        Raises:
            PermissionDenied: this person does not manage accounts.
        """
        if not self.request.user.has_perm(CHANGE):
            raise PermissionDenied

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtailusers_users:index"), "label": _("Utilisateurs")},
            {"url": "", "label": self.get_page_title()},
        ]


class AccountActionView(AccountsMixin, FormView):  # type: ignore[type-arg]
    """An act on one account, refused on those with more rights."""

    template_name = "accounts/admin/action.html"
    form_class: type[forms.Form] = forms.Form
    button: StrOrPromise = ""
    is_grave = False
    on_oneself = True

    @cached_property
    def account(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def check(self) -> None:
        super().check()
        if not self.standing.may_manage(self.account):
            raise PermissionDenied(_("Ce compte a plus de droits que le vôtre."))
        if self.account == self.request.user and not self.on_oneself:
            raise PermissionDenied(_("Demandez-le à une autre personne de la Direction."))
        if not self.is_possible():
            raise PermissionDenied(_("Ce compte n'est plus dans cet état."))

    def is_possible(self) -> bool:
        """Return whether the state of the account allows it."""
        return self.account.is_active

    def get_page_subtitle(self) -> str:
        return self.account.display_name

    def effects(self) -> list[str]:
        """Return what it does, in sentences."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "effects": self.effects(),
            "button": self.button,
            "is_grave": self.is_grave,
            "back": account_url(self.account),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, self.act(form))
        return redirect(account_url(self.account))

    def act(self, form: Any) -> str:
        """Do it, and return what was done."""
        raise NotImplementedError


def account_url(account: User) -> str:
    """Return where an account is changed."""
    return reverse("wagtailusers_users:edit", args=[account.pk])


class InviteView(AccountActionView):
    """« Envoyer l'invitation »: again, to an account that has no password yet."""

    page_title = gettext_lazy("Envoyer une nouvelle invitation")
    button = gettext_lazy("Envoyer l'invitation")

    def is_possible(self) -> bool:
        return is_invited(self.account)

    def effects(self) -> list[str]:
        return [
            _("Un e-mail part à %(address)s, avec un lien pour choisir un mot de passe.")
            % {"address": self.account.email},
            _("Le lien sert une fois, pendant %(days)s jours. Ceux d'avant ne servent plus.")
            % {"days": INVITATION.max_age.days},
        ]

    def act(self, form: Any) -> str:
        invite(self.account, self.request.user)
        return _("Invitation envoyée à %(address)s.") % {"address": self.account.email}


class ResetView(AccountActionView):
    """« Réinitialiser le second facteur »: of a colleague who lost hers, never one's own."""

    page_title = gettext_lazy("Réinitialiser le second facteur")
    button = gettext_lazy("Réinitialiser")
    is_grave = True
    on_oneself = False

    def is_possible(self) -> bool:
        return has_second_factor(self.account)

    def effects(self) -> list[str]:
        return [
            _(
                "Assurez-vous d'abord, de vive voix ou par téléphone, que c'est bien cette personne"
                " qui le demande : un e-mail ne suffit pas."
            ),
            _("Son téléphone et ses codes de secours ne servent plus, ses sessions sont fermées."),
            _("À sa prochaine connexion, elle choisira un nouveau second facteur."),
            _("Elle en est prévenue par e-mail, et l'historique du compte garde votre nom."),
        ]

    def act(self, form: Any) -> str:
        reset(self.account, self.request.user)
        return _("Second facteur réinitialisé. La personne en est prévenue par e-mail.")


class LeaveForm(forms.Form):
    """The form of a departure."""

    successor = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Confier son travail en cours à"),
        required=False,
        empty_label=gettext_lazy("Personne : l'équipe le verra sans suivi"),
    )


class LeaveView(AccountActionView):
    """« Départ »: the account loses its access, and its work finds another person."""

    page_title = gettext_lazy("Départ d'une personne")
    button = gettext_lazy("Fermer l'accès")
    form_class = LeaveForm
    is_grave = True
    on_oneself = False

    @cached_property
    def work(self) -> list[tuple[str, int]]:
        return describe_work(self.account)

    def get_form(self, form_class: Any = None) -> forms.Form:
        form: Any = super().get_form(form_class)
        if not self.work:
            del form.fields["successor"]
            return form
        team = User.objects.filter(is_active=True, groups__name__in=TEAM)
        field = form.fields["successor"]
        field.queryset = team.exclude(pk=self.account.pk).distinct().order_by("last_name", "pk")
        field.label_from_instance = lambda user: user.display_name
        return form

    def effects(self) -> list[str]:
        tokens = APIToken.objects.filter(user=self.account, revoked_at__isnull=True).count()
        work = ", ".join(f"{label} : {count}" for label, count in self.work)
        return [
            _("La personne ne peut plus se connecter, et ses sessions ouvertes sont fermées."),
            *(
                [
                    ngettext(
                        "%(count)s jeton de l'API est révoqué.",
                        "%(count)s jetons de l'API sont révoqués.",
                        tokens,
                    )
                    % {"count": tokens}
                ]
                if tokens
                else []
            ),
            *([_("Son travail en cours : %(work)s.") % {"work": work}] if work else []),
            _(
                "Le compte reste dans la liste, inactif : le registre et l'historique gardent qui a"
                " fait quoi."
            ),
        ]

    def act(self, form: Any) -> str:
        leave(self.account, self.request.user, form.cleaned_data.get("successor"))
        return _("L'accès est fermé.")


class AccessReviewView(AccountsMixin, TemplateView):
    """« Revue des accès »: who has access, and whether that is still right."""

    template_name = "accounts/admin/access_review.html"
    page_title = gettext_lazy("Revue des accès")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        active = with_last_review(User.objects.filter(is_active=True))
        accounts = active.order_by("reviewed_at", "pk").prefetch_related(
            "groups", "user_permissions"
        )
        due = set(to_review().values_list("pk", flat=True))
        lines = [
            {
                "account": account,
                "groups": ", ".join(group.name for group in account.groups.all()),
                "is_due": account.pk in due,
                "may_manage": self.standing.may_manage(account),
                "url": account_url(account),
            }
            for account in accounts
        ]
        return {
            **super().get_context_data(**kwargs),
            "lines": lines,
            "due": len(due),
            "today": timezone.now(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record that one account was looked at."""
        given = request.POST.get("account", "")
        account = get_object_or_404(User, pk=given if given.isdecimal() else 0, is_active=True)
        record_review(account, request.user)  # type: ignore[arg-type]
        messages.success(request, _("Revu : %(name)s.") % {"name": account.display_name})
        return redirect("accounts_access_review")
