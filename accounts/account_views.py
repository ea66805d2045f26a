"""The screens of accounts, which keep each from those with more rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.widgets.button import Button
from wagtail.users.views import users

from accounts.forms import AccountCreationForm, AccountEditForm
from accounts.invitations import invite, is_invited
from accounts.second_factor import has_second_factor
from accounts.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse

    from core.models import User


class StandingMixin:
    """A view that knows what the person who asks may manage."""

    request: Any

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.request.user)


class StandingFormMixin(StandingMixin):
    """A view with a form whose choices depend on that."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "standing": self.standing}  # type: ignore[misc]


class OwnCheckboxColumn(BulkActionsCheckboxColumn):
    """A checkbox beside the accounts that this person may manage."""

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing

    def render_cell_html(self, instance: User, parent_context: Any) -> str:
        if not self.standing.may_manage(instance):
            return mark_safe("<td></td>")
        html: str = super().render_cell_html(instance, parent_context)
        return html


class StateColumn(Column):
    """What stands between an account and its work: an invitation, or no second factor."""

    def get_value(self, instance: Any) -> str:
        if is_invited(instance):
            return _("Invitation envoyée")
        return _("Oui") if instance.has_factor else _("Non")


class IndexView(StandingMixin, users.IndexView):
    """The list of accounts, in which those with more rights lead nowhere."""

    @cached_property
    def columns(self) -> list[Any]:
        _checkbox, *columns = super().columns
        return [
            OwnCheckboxColumn("bulk_actions", obj_type="user", standing=self.standing),
            *columns,
            StateColumn(
                "has_factor",
                label=gettext_lazy("Second facteur"),
                classname="second-factor",
                width="12%",
            ),
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        accounts: QuerySet[User] = super().get_base_queryset()
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return accounts.annotate(has_factor=Exists(factors)).prefetch_related(
            "groups", "user_permissions"
        )

    def get_edit_url(self, instance: User) -> str | None:
        return super().get_edit_url(instance) if self.standing.may_manage(instance) else None

    def get_delete_url(self, instance: User) -> str | None:
        return super().get_delete_url(instance) if self.standing.may_manage(instance) else None


class CreateView(StandingFormMixin, users.CreateView):
    """The screen of a new account, which is invited to choose its password."""

    success_message = gettext_lazy("Invitation envoyée à %(object)s.")
    submit_button_label = gettext_lazy("Envoyer l'invitation")

    def save_instance(self) -> User:
        """Save the account, and invite it."""
        with transaction.atomic():
            account: User = super().save_instance()
            invite(account, self.request.user)
        return account


class OwnAccountMixin(StandingMixin):
    """A view of one account, refused to those who have fewer rights than it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer.

        Raises:
            PermissionDenied: the account has a right that this person has not.
        """
        if not self.standing.may_manage(self.object):  # type: ignore[attr-defined]
            raise PermissionDenied(_("Ce compte a plus de droits que le vôtre."))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class EditView(OwnAccountMixin, StandingFormMixin, users.EditView):
    """The screen of an account, which leads to what is done with it besides."""

    object: User

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        buttons: list[Any] = super().header_more_buttons
        return [*buttons, *self.own_buttons()]

    def own_buttons(self) -> Iterator[Button]:
        """Yield what may be done with the account as it is."""
        account, is_oneself = self.object, self.object == self.request.user
        if is_invited(account):
            yield _button("accounts_invite", _("Envoyer une nouvelle invitation"), "mail", account)
        if is_oneself:
            yield Button(
                _("Sécurité de mon compte"), url=reverse("accounts_security"), icon_name="lock"
            )
            return
        if has_second_factor(account):
            yield _button("accounts_reset", _("Réinitialiser le second facteur"), "undo", account)
        if account.is_active:
            yield _button("accounts_leave", _("Départ d'une personne"), "logout", account)


def _button(name: str, label: str, icon: str, account: User) -> Button:
    return Button(label, url=reverse(name, args=[account.pk]), icon_name=icon)


class DeleteView(OwnAccountMixin, users.DeleteView):
    """The screen that deletes an account."""


class UserViewSet(users.UserViewSet):
    """« Utilisateurs »."""

    index_view_class = IndexView
    create_template_name = "accounts/admin/new_account.html"
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView
    # A copy of an account would be one of nobody.
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[ModelForm[User]]:
        """Return the form of a new account, or of one that there is."""
        return AccountEditForm if for_update else AccountCreationForm
