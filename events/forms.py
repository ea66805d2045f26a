"""The registration form, whose rules are the API's too."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.models import StructureType, Territory
from events.consent import CONSENT_TEXT
from events.registering import Identity, normalised

NO_SITUATION = _("Ne décrivez aucune situation individuelle.")
FASTEST = 3
"""Seconds below which nobody fills in this form."""
SLOWEST = 24 * 3600
STARTED_SALT = "events.form"


def departments() -> Any:
    """Return the departments, by code."""
    return Territory.objects.filter(kind=Territory.Kind.DEPARTMENT).order_by("code")


class RegistrationForm(forms.Form):
    """Who registers: the rules, whoever asks."""

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
    structure_type = forms.ModelChoiceField(
        label=_("Type de structure"),
        queryset=StructureType.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Non précisé"),
    )
    department = forms.ModelChoiceField(
        label=_("Département"),
        queryset=Territory.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("Non précisé"),
    )
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
        label=CONSENT_TEXT,
        error_messages={"required": _("Cochez cette case pour vous inscrire.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        structure_type: Any = self.fields["structure_type"]
        structure_type.queryset = StructureType.objects.filter(
            locale__language_code=settings.LANGUAGE_CODE
        )
        department: Any = self.fields["department"]
        department.queryset = departments()
        for name, field in self.fields.items():
            # Told to those who can't see it beside the field (RGAA 11.10).
            described = [f"id_{name}-help"] if field.help_text else []
            if self.is_bound and name in self.errors:
                described.append(f"id_{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

    def clean_name(self) -> str:
        """Keep a name on one line: it goes into e-mails."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        return normalised(self.cleaned_data["email"])

    def identity(self) -> Identity:
        """Return who registers, once the form is valid."""
        return Identity(
            **{name: value for name, value in self.cleaned_data.items() if name in FIELDS}
        )


FIELDS = frozenset(Identity.__dataclass_fields__)


class RegistrationPageForm(RegistrationForm):
    """The same on the website, with what keeps robots away."""

    # Hidden from people by a style sheet; robots fill in all they find.
    website = forms.CharField(
        label=_("Ne remplissez pas ce champ"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    started = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fresh_start = signing.dumps(int(time.time()), salt=STARTED_SALT)

    def clean_started(self) -> None:
        """Ask that the form was shown by us, a while ago.

        Raises:
            ValidationError: it was not, or was filled in faster than anyone types.
        """
        try:
            taken = time.time() - signing.loads(self.cleaned_data["started"], salt=STARTED_SALT)
        except signing.BadSignature:
            taken = SLOWEST
        if taken >= SLOWEST:
            raise ValidationError(
                _("Ce formulaire était ouvert depuis trop longtemps. Envoyez-le à nouveau.")
            )
        if taken < FASTEST:
            raise ValidationError(
                _("Le formulaire a été envoyé très vite. Vérifiez-le, puis envoyez-le à nouveau.")
            )

    @property
    def is_from_robot(self) -> bool:
        return bool(self.cleaned_data.get("website"))
