"""Forms of signing in, and of accounts and groups, which offer what their reader may give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm
from wagtail.users.forms import GroupForm as WagtailGroupForm
from wagtail.users.forms import UserCreationForm, UserEditForm

from accounts.second_factor import check_code
from accounts.standing import KEPT_GROUPS
from core.compat.allauth import AuthenticateForm, get_totp_secret

if TYPE_CHECKING:
    from accounts.standing import Standing
    from core.models import User


class RefusableMixin:
    """A form that may be refused before what it holds is looked at."""

    def refuse(self, reason: str) -> None:
        """Show why, and look at nothing."""
        form: Any = self
        form.cleaned_data, form._errors = {}, forms.utils.ErrorDict()
        form.add_error(None, reason)


class LoginForm(RefusableMixin, WagtailLoginForm):
    """Wagtail's, whose password has no label of its own: it reads "Password" in every language."""

    # A session is as long for everybody.
    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Mot de passe")
        for name, autocomplete in (("username", "username"), ("password", "current-password")):
            attributes = self.fields[name].widget.attrs
            # A label is there; a placeholder would repeat it, too pale to be read.
            attributes.pop("placeholder", None)
            attributes["autocomplete"] = autocomplete


def code_field() -> forms.CharField:
    """Return the field of a code: digits on the keyboard of a phone, filled in where it can be."""
    widget = forms.TextInput(
        attrs={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autocapitalize": "off",
            "spellcheck": "false",
            "autofocus": True,
        }
    )
    return forms.CharField(label=_("Code"), max_length=20, widget=widget)


class CodeForm(RefusableMixin, AuthenticateForm):
    """The form of a code: of the application, or one of the recovery codes."""

    user: User
    authenticator: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()

    def clean_code(self) -> str:
        """Check the code, which is used up by it.

        Raises:
            ValidationError: it is of no factor of this account.
        """
        code: str = self.cleaned_data["code"]
        found = check_code(self.user, code)
        if found is None:
            raise forms.ValidationError(
                _(
                    "Ce code n'est pas le bon, ou il a déjà servi. Attendez que l'application en"
                    " affiche un nouveau, ou prenez un code de secours."
                )
            )
        found.user = self.user
        self.authenticator = found
        return code


class SetUpForm(RefusableMixin, forms.Form):
    """The form of the first code of an application."""

    code = code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The same while the code is tried again.
        self.secret = get_totp_secret(regenerate=not self.is_bound)


class AccountFormMixin:
    """A form of an account, without the groups that have more rights than who fills it in."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = standing.groups()
        if not standing.user.is_superuser:
            self.fields.pop("is_superuser", None)


class AccountCreationForm(AccountFormMixin, UserCreationForm):
    """The form of a new account, which signs in with its e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].required = False
        self.fields["email"].help_text = _(
            "L'invitation y est envoyée. Ce sera aussi son identifiant."
        )

    def _clean_fields(self) -> None:
        # Wagtail compares the name with those of others once all fields are clean.
        form: Any = self
        form.data = form.data.copy()
        form.data[self.add_prefix("username")] = form.data.get(self.add_prefix("email"), "").strip()
        super()._clean_fields()
        for error in self.errors.pop("username", []):
            self.add_error("email", error)

    def save(self, commit: bool = True) -> Any:
        """Save the account without a password: only the person may choose it."""
        self.instance.set_unusable_password()
        return super().save(commit)


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
