"""The registration form, whose rules are the API's too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email
from core.public_forms import (
    DepartmentField,
    SpamProtectedForm,
    StructureTypeField,
    WithConsent,
)
from events.consent import CONSENT
from events.registrations import RegistrationRequest

NO_SITUATION = _("Ne décrivez aucune situation individuelle.")


class RegistrationForm(WithConsent):
    """The registration form, without what only the website needs."""

    consent_to = CONSENT

    name = forms.CharField(
        label=_("Prénom et nom"),
        max_length=120,
        error_messages={"required": _("Écrivez votre prénom et votre nom.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Adresse e-mail"),
        max_length=254,
        error_messages={"required": _("Écrivez votre adresse e-mail.")},
        help_text=_("Nous y envoyons un lien de confirmation. Exemple : nom@exemple.fr"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    structure = forms.CharField(
        label=_("Structure"),
        max_length=150,
        required=False,
        help_text=_("Vide si vous venez à titre personnel."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    structure_type = StructureTypeField()
    department = DepartmentField()
    accessibility_needs = forms.CharField(
        label=_("Besoins d'accessibilité"),
        max_length=500,
        required=False,
        help_text=_(
            "Par exemple : sous-titrage, langue des signes, accès en fauteuil. Effacés une semaine "
            "après la session. Ne décrivez aucune situation individuelle."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    consent = forms.BooleanField(
        label=CONSENT.text,
        error_messages={"required": _("Cochez cette case pour vous inscrire.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.describe()

    def clean_name(self) -> str:
        """Return the name on one line: it goes into e-mails."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])

    def registration_request(self) -> RegistrationRequest:
        """Return what was asked for, in the active language, once the form is valid."""
        given = self.cleaned_data
        return RegistrationRequest(
            email=given["email"],
            name=given["name"],
            structure=given["structure"],
            structure_type=given["structure_type"],
            department=given["department"],
            accessibility_needs=given["accessibility_needs"],
            language=get_language() or settings.LANGUAGE_CODE,
        )


class RegistrationPageForm(SpamProtectedForm, RegistrationForm):
    """The same on the website, with what keeps robots away."""

    outdated_field = "consent"
