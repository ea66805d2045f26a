"""The form of a contribution: its rules are those of the website, the API and the accounts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contributions.consent import CONSENT, NO_SITUATION
from contributions.kinds import FIELDS_BY_KIND, ContributionKind
from contributions.models import Contribution, Message
from contributions.submissions import Sender, Submission, content_of, field_names
from core.drafts import SubmittedContent
from core.email_addresses import normalize_email
from core.languages.times import format_day, format_moment
from core.models import FRENCH_TERMS, ResourceType, StructureType, VocabularyTerm
from core.public_forms import (
    MAX_FORM_AGE_SECONDS,
    DepartmentField,
    FromOutside,
    PublicForm,
    SpamProtectedForm,
    StructureTypeField,
    TermField,
    WithConsent,
)
from core.terms import localized_label

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION_SALT = "contributions.session"

SENDER_FIELDS = ("person_name", "email", "role", "structure_name", "structure_type")


def _text(label: Any, length: int, help_text: Any = "", **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Écrivez la date et l'heure ainsi : 31/12/2026 14:00.")},
    )


TITLES = {
    ContributionKind.ACTION: _("Nom de l'action"),
    ContributionKind.NEWS: _("Titre"),
    ContributionKind.RESOURCE: _("Titre de la ressource"),
    ContributionKind.TRAINING: _("Intitulé de la formation"),
    ContributionKind.WEBINAR: _("Titre du webinaire"),
    ContributionKind.STRUCTURE: _("Nom de la structure"),
}
TEXTS = {
    ContributionKind.STRUCTURE: _("Ce que fait la structure, et pour qui"),
    ContributionKind.NETWORK: _("Pourquoi rejoindre le réseau"),
    ContributionKind.TRAINING: _("Programme, objectifs"),
}
LINKS = {
    ContributionKind.TRAINING: _("Lien pour s'inscrire"),
    ContributionKind.WEBINAR: _("Lien pour s'inscrire"),
    ContributionKind.STRUCTURE: _("Site internet"),
    ContributionKind.NETWORK: _("Site internet de votre structure"),
    ContributionKind.RESOURCE: _("Lien vers la ressource"),
}
DATES = {
    ContributionKind.RESOURCE: _("Date de parution"),
    ContributionKind.ACTION: _("Date ou début"),
}


FIELD_FACTORIES: dict[str, Callable[[ContributionKind], forms.Field]] = {
    "title": lambda kind: _text(TITLES.get(kind, _("Titre")), 200),
    "text": lambda kind: forms.CharField(
        label=TEXTS.get(kind, _("Présentation")),
        max_length=10_000,
        help_text=NO_SITUATION,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
    ),
    "date": lambda kind: forms.DateField(
        label=DATES.get(kind, _("Date")),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez la date ainsi : 31/12/2026.")},
    ),
    "starts_at": lambda kind: _moment(_("Début"), _("Heure de Paris.")),
    "ends_at": lambda kind: _moment(_("Fin")),
    "place": lambda kind: _text(_("Lieu"), 200, _("Ville et adresse, ou « en ligne ».")),
    "department": lambda kind: DepartmentField(required=True),
    "organiser": lambda kind: _text(_("Organisateur"), 150),
    "audience": lambda kind: _text(
        _("Pour qui"), 250, _("Par exemple : éducateurs, familles, tout public.")
    ),
    "speaker": lambda kind: _text(
        _("Intervenant·es"), 300, _("Nom et fonction, séparés par des virgules.")
    ),
    "authors": lambda kind: _text(_("Auteurs ou organisations"), 300),
    "resource_type": lambda kind: TermField(
        label=_("Type de ressource"),
        queryset=ResourceType.objects.filter(**FRENCH_TERMS),
        to_field_name="slug",
        empty_label=_("Je ne sais pas"),
    ),
    "listed_type": lambda kind: TermField(
        label=_("Type de cette structure"),
        queryset=StructureType.objects.filter(**FRENCH_TERMS),
        to_field_name="slug",
        empty_label=_("Choisir"),
    ),
    "is_confidential": lambda kind: forms.BooleanField(
        label=_("L'adresse est confidentielle (hébergement, mise à l'abri)"),
        help_text=_("Dans ce cas, seul le département sera montré."),
    ),
    "street": lambda kind: _text(_("Rue"), 200),
    "postcode": lambda kind: forms.CharField(
        label=_("Code postal"),
        max_length=5,
        validators=[RegexValidator(r"^\d{5}$", _("Un code postal a cinq chiffres."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    ),
    "municipality": lambda kind: _text(_("Commune"), 100),
    "contact_phone": lambda kind: forms.CharField(
        label=_("Téléphone à publier"),
        max_length=20,
        validators=[RegexValidator(r"^\+?[\d .()-]{2,20}$", _("Écrivez un numéro de téléphone."))],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    ),
    "contact_email": lambda kind: forms.EmailField(
        label=_("Adresse e-mail à publier"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    ),
    "link": lambda kind: forms.URLField(
        label=LINKS.get(kind, _("Lien")),
        max_length=500,
        help_text=_("Exemple : https://www.exemple.fr/page"),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    ),
}
"""How the field of each name of :data:`contributions.kinds.FIELDS_BY_KIND` is made."""


class ContributionForm(WithConsent):
    """The fields of one kind of contribution, and those of its sender.

    Args:
        kind: chosen before; only its fields are there.
        has_files: whether files came with it, here or before.
        is_draft: nothing is required yet; only an account keeps a draft.
    """

    consent_to = CONSENT

    person_name = forms.CharField(
        label=_("Prénom et nom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Adresse e-mail"),
        max_length=254,
        help_text=_("Pour le suivi de votre envoi. Jamais publiée. Exemple : nom@exemple.fr"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=_("Vous êtes"), choices=[("", _("Choisir")), *Contribution.Role.choices]
    )
    structure_name = forms.CharField(
        label=_("Vous travaillez pour"),
        max_length=150,
        help_text=_("Nom de la structure, ou « à titre personnel »."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    structure_type = StructureTypeField()
    consent = forms.BooleanField(
        label=CONSENT.text,
        error_messages={"required": _("Cochez cette case pour envoyer votre contribution.")},
    )

    def __init__(
        self,
        kind: ContributionKind,
        *args: Any,
        has_files: bool = False,
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        self.kind, self.has_files, self.is_draft = kind, has_files, is_draft
        super().__init__(*args, **kwargs)
        for spec in FIELDS_BY_KIND[kind]:
            field = FIELD_FACTORIES[spec.name](kind)
            field.required = spec.is_required
            self.fields[spec.name] = field
        self.content_names = field_names(kind)
        self.order_fields(self.content_names)
        if is_draft:
            for field in self.fields.values():
                field.required = False

    def content_fields(self) -> list[forms.BoundField]:
        """Return the fields of this kind, in their order."""
        return [self[name] for name in self.content_names]

    def sender_fields(self) -> list[forms.BoundField]:
        """Return the fields of the sender."""
        return [self[name] for name in SENDER_FIELDS]

    def clean_person_name(self) -> str:
        """Return the name on one line: it goes into e-mails."""
        return " ".join(self.cleaned_data["person_name"].split())

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_structure_name(self) -> str:
        return " ".join(self.cleaned_data["structure_name"].split())

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])

    def clean_link(self) -> str:
        """Validate that a browser can follow the link.

        Raises:
            ValidationError: another scheme than that of the web.
        """
        link: str = self.cleaned_data["link"]
        if link and not link.startswith(("https://", "http://")):
            raise ValidationError(_("Donnez une adresse qui commence par https://."))
        return link

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("La fin doit être après le début."))
        is_bare = not (cleaned.get("link") or self.has_files)
        if self.kind == ContributionKind.RESOURCE and is_bare and not self.is_draft:
            self.add_error("link", _("Donnez un lien, ou joignez un fichier."))
        return cleaned

    def submission(self) -> Submission:
        """Return what a valid form holds."""
        cleaned = self.cleaned_data
        content = {name: cleaned[name] for name in self.content_names if cleaned[name] is not None}
        return Submission(
            kind=self.kind,
            sender=Sender(**{name: cleaned[name] for name in SENDER_FIELDS}),
            content=SubmittedContent(**content, structure_name=cleaned["structure_name"]),
            has_consent=cleaned["consent"],
            is_draft=self.is_draft,
        )


def initial_values(contribution: Contribution) -> dict[str, Any]:
    """Return the initial values of the form that amends a contribution."""
    content = content_of(contribution)
    names = field_names(ContributionKind(contribution.kind))
    return {
        **{name: getattr(contribution, name) for name in SENDER_FIELDS},
        **{name: getattr(content, name) for name in names},
        "consent": contribution.consent_version == CONSENT.version,
    }


def describe_answers(contribution: Contribution) -> list[tuple[str, str]]:
    """Return the labels and values of the answers, in the order of the form."""
    form = ContributionForm(ContributionKind(contribution.kind))
    content = content_of(contribution)
    answers = []
    for name in form.content_names:
        # A term that was removed since: its slug is all that is left.
        value = getattr(content, name) or contribution.answers.get(name)
        if described := _describe(value):
            answers.append((str(form.fields[name].label), described))
    return answers


def _describe(value: Any) -> str:
    """Return an answer as people write it, empty if there is none."""
    match value:
        case None | False:
            return ""
        case True:
            return gettext("Oui")
        case dt.datetime():
            return format_moment(value)
        case dt.date():
            return format_day(value)
        case VocabularyTerm():
            return localized_label(value)
        case _:
            return str(value)


def new_session() -> str:
    """Return a new session of a form, signed."""
    return sign_session(uuid.uuid4())


def sign_session(session: uuid.UUID) -> str:
    """Return a session, signed for its form to carry."""
    return signing.dumps(session.hex, salt=SESSION_SALT)


def read_session(signed: str) -> uuid.UUID | None:
    """Return the session that a form carries, or ``None`` if forged or too old."""
    try:
        return uuid.UUID(signing.loads(signed, salt=SESSION_SALT, max_age=MAX_FORM_AGE_SECONDS))
    except (signing.BadSignature, ValueError):
        return None


class PublicContributionForm(SpamProtectedForm, ContributionForm):
    """The form on the website, with its protection against spam."""

    outdated_field = "consent"


class NoteForm(PublicForm):
    """A word to the team with what is amended."""

    message = forms.CharField(
        label=_("Message à l'équipe"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MessageForm(FromOutside, forms.ModelForm[Message]):
    """A message of the partner."""

    class Meta:
        model = Message
        fields = ("text",)
        labels = {"text": _("Votre message")}  # noqa: RUF012 (Django's own convention)
        help_texts = {"text": NO_SITUATION}  # noqa: RUF012
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012
