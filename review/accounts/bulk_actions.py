"""Bulk actions on accounts, which leave out those with more rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.compat.admin import AssignRoleBulkAction, DeleteUserBulkAction, SetActiveStateBulkAction
from review.accounts.users import StandingMixin

if TYPE_CHECKING:
    from django.forms import Form

    from core.models import User


class OwnAccountsMixin(StandingMixin):
    """A bulk action on the accounts that this person may manage."""

    def check_perm(self, obj: User) -> bool:
        """Return whether an account may be acted on."""
        return self.standing.may_manage(obj) and bool(super().check_perm(obj))  # type: ignore[misc]


class AssignRole(OwnAccountsMixin, AssignRoleBulkAction):
    """« Attribuer un rôle », without the groups that have more rights than who gives them."""

    def get_form(self, form_class: type[Form] | None = None) -> Form:
        """Return the form of the role."""
        form: Any = super().get_form(form_class)
        role = form.fields["role"]
        # Wagtail's has none: it would be read in English.
        role.label, role.queryset = _("Groupe"), self.standing.groups()
        return form


class Delete(OwnAccountsMixin, DeleteUserBulkAction):
    """« Supprimer »."""


class SetActiveState(OwnAccountsMixin, SetActiveStateBulkAction):
    """« Changer l'état d'activation »."""
