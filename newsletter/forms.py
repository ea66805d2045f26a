"""The forms of subscribing and of one's own choices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email
from core.models import FRENCH_TERMS, Theme
from core.public_forms import (
    DepartmentField,
    PublicForm,
    SpamProtectedForm,
    StructureTypeField,
    TermsField,
    WithConsent,
)
from newsletter.consent import CONSENT
from newsletter.models import Subscriber
from newsletter.models.subscribers import languages
from newsletter.subscribing import SubscriptionRequest, announce_new_address

PAUSES = {"3": _("3 mois"), "6": _("6 mois"), "12": _("1 an")}
DAYS_A_MONTH = 30.5

PROFILE = ("role", "first_name", "last_name", "structure_name", "structure_type", "department")
"""What may be said besides the address: none of it is needed."""


class ProfileForm(PublicForm):
    """What somebody may add about themselves; the labels are those of the foundation's form."""

    role = forms.ChoiceField(
        label=_("Vous êtes"),
        choices=[("", _("Je préfère ne pas dire")), *Subscriber.Role.choices],
        required=False,
    )
    first_name = forms.CharField(
        label=_("Prénom"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Nom"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    structure_name = forms.CharField(
        label=_("Vous travaillez pour"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    structure_type = StructureTypeField()
    department = DepartmentField()

    def profile_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in PROFILE]

    def clean(self) -> dict[str, Any]:
        """Return the text, which goes into e-mails, on one line."""
        cleaned = super().clean() or {}
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = " ".join(value.split())
        return cleaned

    def profile(self) -> dict[str, Any]:
        """Return the columns of a subscriber, once the form is valid."""
        return {name: self.cleaned_data[name] for name in PROFILE}


class SubscriptionForm(WithConsent, ProfileForm):
    """Subscribing: an address, an agreement, and an optional profile."""

    consent_to = CONSENT

    email = forms.EmailField(
        label=_("Adresse e-mail"),
        max_length=254,
        help_text=_("Exemple : nom@exemple.fr"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    themes = TermsField(
        label=_("Sujets qui vous intéressent"),
        queryset=Theme.objects.filter(**FRENCH_TERMS),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(
        label=CONSENT.text,
        error_messages={"required": _("Cochez cette case pour vous abonner.")},
    )

    def subscription_request(self) -> SubscriptionRequest:
        """Return what was asked for, in the active language, once the form is valid."""
        return SubscriptionRequest(
            email=self.cleaned_data["email"],
            themes=tuple(self.cleaned_data["themes"]),
            language=get_language() or settings.LANGUAGE_CODE,
            **self.profile(),
        )


class SubscriptionPageForm(SpamProtectedForm, SubscriptionForm):
    """The same on the website, with what keeps robots away."""

    outdated_field = "consent"


class PreferencesForm(ProfileForm):
    """One's own choices."""

    themes = SubscriptionForm.base_fields["themes"]
    language = forms.ChoiceField(label=_("Langue de la lettre"), choices=languages, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(languages()) == 1:
            del self.fields["language"]

    @classmethod
    def for_subscriber(cls, subscriber: Subscriber, data: Any = None) -> PreferencesForm:
        """Return the form with what is known of a subscriber."""
        kept = subscriber.structure_type
        return cls(
            data,
            initial={
                **{name: getattr(subscriber, name) for name in PROFILE},
                "structure_type": kept.slug if kept else "",
                "department": subscriber.department.code if subscriber.department else "",
                "themes": [theme.slug for theme in subscriber.themes.all()],
                "language": subscriber.language,
            },
        )

    def save(self, subscriber: Subscriber) -> None:
        """Write the choices down, once the form is valid."""
        for name, value in self.profile().items():
            setattr(subscriber, name, value)
        subscriber.language = self.cleaned_data.get("language") or subscriber.language
        subscriber.save()
        subscriber.themes.set(self.cleaned_data["themes"])


class LinkForm(PublicForm):
    """The address to which a subscriber's link goes."""

    email = SubscriptionForm.base_fields["email"]


class PauseForm(PublicForm):
    months = forms.ChoiceField(label=_("Durée"), choices=list(PAUSES.items()))

    def save(self, subscriber: Subscriber) -> None:
        """Send nothing until the pause is over."""
        days = DAYS_A_MONTH * int(self.cleaned_data["months"])
        subscriber.state = Subscriber.State.PAUSED
        subscriber.paused_until = timezone.now() + timedelta(days=days)
        subscriber.save()


class SubscriberAdminForm(forms.ModelForm[Subscriber]):
    """Adding somebody by hand asks where their agreement comes from."""

    consent_source = forms.CharField(
        label=_("D'où vient l'accord de cette personne ?"),
        max_length=250,
        help_text=_("Par exemple : bulletin signé au colloque du 12 mars 2026, classé au bureau."),
    )

    class Meta:
        model = Subscriber
        fields: ClassVar[list[str]] = [
            "email",
            "role",
            "first_name",
            "last_name",
            "structure_name",
            "structure_type",
            "department",
            "themes",
            "language",
        ]
        widgets: ClassVar[dict[str, Any]] = {"themes": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("for_user", None)
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.old_address = self.instance.email
        if self.instance.pk:
            del self.fields["consent_source"]

    def save(self, commit: bool = True) -> Subscriber:
        """Save, and write to the old address of who has another."""
        saved: Subscriber = super().save(commit)
        if commit and self.old_address and saved.email != self.old_address:
            announce_new_address(saved, self.old_address)
        return saved

    def clean_email(self) -> str:
        """Return the address as it is kept.

        Raises:
            ValidationError: somebody has it already.
        """
        email: str = normalize_email(self.cleaned_data["email"])
        if Subscriber.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Cette adresse est déjà dans la liste."), code="unique")
        return email
