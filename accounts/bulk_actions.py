"""Bulk actions on accounts, which leave out those with more rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from accounts.account_views import StandingMixin
from accounts.leaving import end_access
from core.compat.admin import AssignRoleBulkAction, DeleteUserBulkAction, SetActiveStateBulkAction
from core.models import User

if TYPE_CHECKING:
    from django.forms import Form


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
    """« Changer l'état d'activation », which ends what an account could still do."""

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> tuple[int, int]:
        """Change the state of each, without the one who asks."""
        done: tuple[int, int] = super().execute_action(objects, **kwargs)
        for account in User.objects.filter(pk__in=[each.pk for each in objects], is_active=False):
            # Wagtail changes the rows at once, without a signal.
            end_access(account)
        return done
