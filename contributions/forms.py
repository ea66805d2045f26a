"""The form of a contribution: its rules are those of the website, the API and the accounts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from contributions.consent import CONSENT_TEXT, NO_SITUATION
from contributions.kinds import ASKED, Kind
from contributions.models import Contribution, Message
from core.models import FRENCH_TERMS, ResourceType, StructureType, Territory
from core.public_forms import SLOWEST, GuardedForm, PublicForm, TermField

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION_SALT = "contributions.session"

IDENTITY = ("person_name", "email", "role", "structure_name", "structure_type")
COLUMNS = ("title", "text", "link")
"""What a contribution has columns for; the other answers are kept together."""


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
    Kind.ACTION: _("Nom de l'action"),
    Kind.NEWS: _("Titre"),
    Kind.RESOURCE: _("Titre de la ressource"),
    Kind.TRAINING: _("Intitulé de la formation"),
    Kind.WEBINAR: _("Titre du webinaire"),
    Kind.STRUCTURE: _("Nom de la structure"),
}
TEXTS = {
    Kind.STRUCTURE: _("Ce que fait la structure, et pour qui"),
    Kind.NETWORK: _("Pourquoi rejoindre le réseau"),
    Kind.TRAINING: _("Programme, objectifs"),
}
LINKS = {
    Kind.TRAINING: _("Lien pour s'inscrire"),
    Kind.WEBINAR: _("Lien pour s'inscrire"),
    Kind.STRUCTURE: _("Site internet"),
    Kind.NETWORK: _("Site internet de votre structure"),
    Kind.RESOURCE: _("Lien vers la ressource"),
}
DATES = {Kind.RESOURCE: _("Date de parution"), Kind.ACTION: _("Date ou début")}


FIELDS: dict[str, Callable[[Kind], forms.Field]] = {
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
    "department": lambda kind: forms.ModelChoiceField(
        label=_("Département"),
        queryset=Territory.objects.filter(kind=Territory.Kind.DEPARTMENT).order_by("code"),
        to_field_name="code",
        empty_label=_("Choisir"),
    ),
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
"""What asks for each thing, by the names of :data:`contributions.kinds.ASKED`."""


class ContributionForm(PublicForm):
    """What one kind of contribution asks for, and who sends it.

    Args:
        kind: chosen before; only its fields are there.
        has_files: whether files came with it, here or before.
        is_draft: nothing is required yet; only an account keeps a draft.
    """

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
    structure_type = TermField(
        label=_("Type de structure"),
        queryset=StructureType.objects.filter(**FRENCH_TERMS),
        to_field_name="slug",
        required=False,
        empty_label=_("Non précisé"),
    )
    consent = forms.BooleanField(
        label=CONSENT_TEXT,
        error_messages={"required": _("Cochez cette case pour envoyer votre contribution.")},
    )

    def __init__(
        self,
        kind: Kind,
        *args: Any,
        has_files: bool = False,
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        self.kind, self.has_files, self.is_draft = kind, has_files, is_draft
        super().__init__(*args, **kwargs)
        for ask in ASKED[kind]:
            field = FIELDS[ask.name](kind)
            field.required = ask.is_required
            self.fields[ask.name] = field
        self.order_fields([ask.name for ask in ASKED[kind]])
        self.content_names = [ask.name for ask in ASKED[kind]]
        if is_draft:
            for field in self.fields.values():
                field.required = False

    def content_fields(self) -> list[forms.BoundField]:
        """Return the fields of this kind, in their order."""
        return [self[name] for name in self.content_names]

    def identity_fields(self) -> list[forms.BoundField]:
        """Return the fields that say who sends it."""
        return [self[name] for name in IDENTITY]

    def clean_person_name(self) -> str:
        """Keep a name on one line: it goes into e-mails."""
        return " ".join(self.cleaned_data["person_name"].split())

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_structure_name(self) -> str:
        return " ".join(self.cleaned_data["structure_name"].split())

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()

    def clean_link(self) -> str:
        """Accept what a browser can follow, and nothing else.

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
        if self.kind == Kind.RESOURCE and is_bare and not self.is_draft:
            self.add_error("link", _("Donnez un lien, ou joignez un fichier."))
        return cleaned

    def columns(self) -> dict[str, Any]:
        """Return what a contribution keeps in columns, once the form is valid."""
        names = (*IDENTITY, *(name for name in COLUMNS if name in self.content_names))
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def answers(self) -> dict[str, Any]:
        """Return the other answers, as JSON keeps them."""
        return {
            name: _plain(value)
            for name in self.content_names
            if name not in COLUMNS
            and (value := self.cleaned_data.get(name)) not in (None, "", False)
        }


def _plain(value: Any) -> Any:
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case Territory():
            return value.code
        case ResourceType() | StructureType():
            return value.slug
        case _:
            return value


def initial_of(contribution: Contribution) -> dict[str, Any]:
    """Return what a form shows of a contribution, for its partner to amend."""
    initial: dict[str, Any] = {
        name: getattr(contribution, name) for name in (*IDENTITY, *COLUMNS) if name in FIELD_NAMES
    }
    if contribution.structure_type:
        initial["structure_type"] = contribution.structure_type.slug
    return initial | {name: read_answer(contribution, name) for name in contribution.answers}


FIELD_NAMES = {*IDENTITY, *COLUMNS}


def read_answer(contribution: Contribution, name: str) -> Any:
    """Return an answer with its type, or ``None``."""
    value = contribution.answers.get(name)
    if value is None:
        return None
    if name in {"starts_at", "ends_at"}:
        moment = parse_datetime(value)
        return timezone.localtime(moment) if moment and timezone.is_aware(moment) else moment
    return parse_date(value) if name == "date" else value


def say_answers(contribution: Contribution) -> list[tuple[str, Any]]:
    """Return what was answered, as labels and words, in the order of the form."""
    form = ContributionForm(Kind(contribution.kind))
    said: list[tuple[str, Any]] = []
    for name in form.content_names:
        if name in COLUMNS:
            value: Any = getattr(contribution, name)
        else:
            value = read_answer(contribution, name)
        field = form.fields[name]
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None and value:
            found = field.queryset.filter(**{field.to_field_name or "pk": value}).first()
            value = str(found) if found else value
        if value is True:
            value = _("Oui")
        if value not in (None, ""):
            said.append((str(field.label), value))
    return said


def new_session() -> str:
    """Return what stands for a form that is being filled in, signed."""
    return sign_session(uuid.uuid4())


def sign_session(session: uuid.UUID) -> str:
    """Return a session as a form carries it."""
    return signing.dumps(session.hex, salt=SESSION_SALT)


def read_session(signed: str) -> uuid.UUID | None:
    """Return the session that a form carries; ``None`` if it is not ours, or too old."""
    try:
        return uuid.UUID(signing.loads(signed, salt=SESSION_SALT, max_age=SLOWEST))
    except (signing.BadSignature, ValueError):
        return None


class PageForm(GuardedForm, ContributionForm):
    """The same on the website, with what keeps robots away."""


class MessageForm(forms.ModelForm[Message]):
    """A message of the partner or of the team."""

    class Meta:
        model = Message
        fields = ("text",)
        labels = {"text": _("Votre message")}  # noqa: RUF012 (Django's own convention)
        help_texts = {"text": NO_SITUATION}  # noqa: RUF012
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012
