"""Forms of accounts and groups, whose choices are those of the person who fills them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.users.forms import GroupForm as WagtailGroupForm
from wagtail.users.forms import UserCreationForm, UserEditForm

from review.accounts.standing import KEPT_GROUPS

if TYPE_CHECKING:
    from review.accounts.standing import Standing


class AccountFormMixin:
    """A form of an account, without the groups that have more rights than who fills it in."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = standing.groups()
        if not standing.user.is_superuser:
            self.fields.pop("is_superuser", None)


class AccountCreationForm(AccountFormMixin, UserCreationForm):
    """The form of a new account."""


class AccountEditForm(AccountFormMixin, UserEditForm):
    """The form of an account."""


class GroupForm(WagtailGroupForm):
    """The form of a group, without the permissions that who fills it in has not."""

    registered_permissions: Any

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those that are not offered stay as they are.
        self.registered_permissions = standing.narrow(self.registered_permissions)
        permissions: Any = self.fields["permissions"]
        permissions.queryset = standing.narrow(permissions.queryset)
        # Read from the database: the name of the instance is what was typed.
        self.fields["name"].disabled = self.initial.get("name") in KEPT_GROUPS
