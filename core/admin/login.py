"""The form by which the team and partners sign in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm


class LoginForm(WagtailLoginForm):
    """Wagtail's, whose password has no label of its own: it reads "Password" in every language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Mot de passe")
        for name, autocomplete in (("username", "username"), ("password", "current-password")):
            attributes = self.fields[name].widget.attrs
            # A label is there; a placeholder would repeat it, too pale to be read.
            attributes.pop("placeholder", None)
            attributes["autocomplete"] = autocomplete
