"""What every form of the website shares: accessible errors, and protection against robots."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.models import FRENCH_TERMS, StructureType, Territory
from core.plain_text import without_directions
from core.terms import localized_label

if TYPE_CHECKING:
    from core.consents import Consent
    from core.models import VocabularyTerm

MIN_FILL_SECONDS = 3
"""Seconds below which nobody fills in a form."""
MAX_FORM_AGE_SECONDS = 24 * 3600
STARTED_SALT = "core.started"


class TermField(forms.ModelChoiceField[Any]):
    """A term of a vocabulary: its French row, labelled in the reader's language."""

    def label_from_instance(self, obj: VocabularyTerm) -> str:
        return localized_label(obj)


class TermsField(forms.ModelMultipleChoiceField[Any]):
    """Terms of a vocabulary: their French rows, labelled in the reader's language."""

    def label_from_instance(self, obj: VocabularyTerm) -> str:
        return localized_label(obj)


class StructureTypeField(TermField):
    """The type of structure that somebody works for, which they may leave out."""

    def __init__(self) -> None:
        super().__init__(
            StructureType.objects.filter(**FRENCH_TERMS),
            label=_("Type de structure"),
            to_field_name="slug",
            required=False,
            empty_label=_("Non précisé"),
        )


class DepartmentField(forms.ModelChoiceField[Territory]):
    """A department, by its INSEE code."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            Territory.objects.filter(kind=Territory.Kind.DEPARTMENT).order_by("code"),
            label=_("Département"),
            to_field_name="code",
            required=required,
            empty_label=_("Choisir") if required else _("Non précisé"),
        )


class FromOutside(forms.BaseForm):
    """A form that strangers fill in: no text of it turns the direction of what is around it."""

    def clean(self) -> dict[str, Any]:
        """Return the texts without the characters that give a direction, which nobody types."""
        cleaned = super().clean() or {}
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = without_directions(value)
        return cleaned


class PublicForm(FromOutside, forms.Form):
    """A form whose help and errors are beside each field, for those who can't see them too."""

    def describe(self) -> None:
        """Link each field to its help and its error for assistive technologies (RGAA 11.10)."""
        for name, field in self.fields.items():
            described = [f"id_{name}-help"] if field.help_text else []
            if self.is_bound and name in self.errors:
                described.append(f"id_{name}-error")
                field.widget.attrs["aria-invalid"] = "true"
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)


class WithConsent(PublicForm):
    """A form that asks for an agreement, and carries the version of the text that was shown.

    A page has it hidden, an app sends it: what is recorded is what the person read.
    """

    consent_to: ClassVar[Consent]
    outdated_field: ClassVar[str] = "consent_version"
    """Which field has the error of another version."""

    consent_version = forms.CharField(
        label=_("Version du texte accepté"),
        max_length=20,
        required=False,
        widget=forms.HiddenInput,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an agreement to another text than the one of today."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("consent") and cleaned.get("consent_version") != self.consent_to.version:
            text = _("Ce texte a changé depuis : relisez-le, puis envoyez à nouveau.")
            self.add_error(self.outdated_field, ValidationError(text, code="outdated"))
        return cleaned


class SpamProtectedForm(PublicForm):
    """A form protected against robots, without any question for people.

    A page shows ``fresh_start`` as the hidden value of ``started``, and hides
    ``website`` by a style sheet. A robot that fills that in gets the answer of a success.
    """

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
        """Refuse a form that was not shown by us, or that was filled in too fast.

        Raises:
            ValidationError: it was not, or was filled in faster than anyone types.
        """
        try:
            taken = time.time() - signing.loads(self.cleaned_data["started"], salt=STARTED_SALT)
        except signing.BadSignature:
            taken = MAX_FORM_AGE_SECONDS
        if taken >= MAX_FORM_AGE_SECONDS:
            raise ValidationError(
                _("Ce formulaire était ouvert depuis trop longtemps. Envoyez-le à nouveau.")
            )
        if taken < MIN_FILL_SECONDS:
            raise ValidationError(
                _("Le formulaire a été envoyé très vite. Vérifiez-le, puis envoyez-le à nouveau.")
            )

    @property
    def is_from_robot(self) -> bool:
        """Return whether the decoy was filled in, whatever else is wrong."""
        return bool(self.data.get("website"))
