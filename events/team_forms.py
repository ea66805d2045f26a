"""The forms of the team: a person, a message, a cancellation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email
from core.public_forms import DepartmentField, StructureTypeField
from events.models import Registration, Session
from events.registrations import RegistrationRequest

if TYPE_CHECKING:
    from django.http import QueryDict

    # Generic in the stubs alone.
    RegistrationModelForm = forms.ModelForm[Registration]
else:
    RegistrationModelForm = forms.ModelForm

State = Registration.State
GREETED = "à|et|tous|toutes|tout|le|monde|mesdames|messieurs|madame|monsieur|ch[eè]re?s|collègues"
GREETING = re.compile(
    rf"\s*(?:bonjour|bonsoir)(?:[ \t]+(?:{GREETED})\b)*[ \t]*(?:[,.!:]+\s*|\n\s*|$)",
    re.IGNORECASE,
)


def without_greeting(text: str) -> str:
    """Return a text without the greeting that it begins with: the letter has its own."""
    rest = GREETING.sub("", text, count=1) if GREETING.match(text) else text
    return rest[:1].upper() + rest[1:].rstrip()


class PersonForm(RegistrationModelForm):
    """What is known of a person who is registered, typed by the team."""

    structure_type = StructureTypeField()
    department = DepartmentField()

    class Meta:
        model = Registration
        fields = (
            "name",
            "email",
            "structure",
            "structure_type",
            "department",
            "accessibility_needs",
            "language",
        )
        widgets = {  # noqa: RUF012 (Django's own shape)
            "accessibility_needs": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = settings.LANGUAGES
        language = self.instance.language
        self.fields["language"] = forms.ChoiceField(
            label=_("Langue"),
            choices=choices,
            initial=language,
            help_text=_("Celle de nos lettres à cette personne."),
        )
        self.fields["structure"].help_text = _("Vide si elle vient à titre personnel.")

    def clean_name(self) -> str:
        """Return the name on one line: it goes into e-mails."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])

    def registration_request(self) -> RegistrationRequest:
        """Return what was typed, once the form is valid."""
        given = self.cleaned_data
        return RegistrationRequest(
            **{name: given[name] for name in self.Meta.fields},
        )


class AddPersonForm(PersonForm):
    """A person that the team adds to a session, with their agreement."""

    session = forms.ModelChoiceField(
        label=_("Session"), queryset=Session.objects.none(), empty_label=_("Choisir")
    )
    has_agreed = forms.BooleanField(
        label=_(
            "La personne a donné son accord pour que nous gardions ces informations et lui "
            "écrivions au sujet de cette session."
        ),
        error_messages={"required": _("Sans son accord, on ne peut pas l'inscrire.")},
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        sessions: Any = self.fields["session"]
        sessions.queryset = Session.objects.filter(
            ends_at__gt=timezone.now(), cancelled_at=None
        ).order_by("starts_at")
        self.order_fields(["session", *self.Meta.fields, "has_agreed"])


class MessageForm(forms.Form):
    """A message to those who are registered."""

    states = forms.MultipleChoiceField(
        label=_("À qui"),
        choices=[
            (State.CONFIRMED.value, _("Les personnes confirmées")),
            (State.WAITING.value, _("Celles qui attendent une place")),
        ],
        initial=[State.CONFIRMED.value],
        widget=forms.CheckboxSelectMultiple,
    )
    subject = forms.CharField(label=_("Objet"), max_length=120)
    text = forms.CharField(
        label=_("Message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "Sans bonjour : la lettre commence par le nom de chaque personne. Une ligne vide "
            "sépare deux paragraphes. Le rappel de la session et le lien de désinscription sont "
            "ajoutés."
        ),
    )

    def clean_text(self) -> str:
        """Return the text without a greeting, which the letter has already.

        Raises:
            ValidationError: there is nothing else.
        """
        text = without_greeting(self.cleaned_data["text"])
        if not text:
            raise forms.ValidationError(_("Écrivez un message."))
        return text


class CancelForm(forms.Form):
    """Why a session does not take place."""

    reason = forms.CharField(
        label=_("Ce que les personnes inscrites liront"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Facultatif : la raison, une autre date."),
    )
