"""Every field that holds personal data, as each app declares it in its module ``personal_data``.

From it come the register of processing activities (GDPR, article 30), the page for visitors,
exports, erasures and :mod:`core.privacy.retention`. A field of any installed model that is not
accounted for fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import (
    EmailField,
    Field,
    GenericIPAddressField,
    Model,
    Q,
    QuerySet,
    TextChoices,
)
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from core.privacy.addresses import Address
else:
    StrOrPromise = object

Rows = QuerySet[Any]


class LegalBasis(TextChoices):
    """What makes a processing lawful (GDPR, article 6)."""

    CONSENT = "consent", _("votre accord")
    INTEREST = "interest", _("notre intérêt légitime à faire vivre le site et le réseau")
    OBLIGATION = "obligation", _("une obligation légale")


class Reader(TextChoices):
    """Who sees personal data; groups are named as they are in the database."""

    PERSON = "person", _("la personne elle-même")
    DIRECTION = "Direction", _("la Direction")
    COORDINATION = "Coordination", _("la Coordination")
    REVIEW = "Relecture", _("la Relecture")
    PARTNERS = "Partenaires", _("les partenaires du réseau")
    VISITORS = "visitors", _("tout le monde, si c'est publié")
    NOBODY = "nobody", _("personne : des programmes seulement")


@dataclass(frozen=True)
class Retention:
    """How long something is kept, and what ends it.

    Attributes:
        key: its name, for what the command prints and for its test.
        keep: the time that it is kept.
        since: from when, in words.
        outcome: what becomes of it then, in words.
        end: ends what began before a moment, and returns how many rows or files that was.
    """

    key: str
    keep: timedelta
    since: StrOrPromise
    outcome: StrOrPromise
    end: Callable[[datetime], int]


@dataclass(frozen=True)
class Unlimited:
    """What no clock ends, and why."""

    reason: StrOrPromise


Kept = Retention | Unlimited


@dataclass(frozen=True)
class Processing:
    """One use of personal data: a line of the register, and a part of the page for visitors."""

    key: str
    name: StrOrPromise
    purpose: StrOrPromise
    people: StrOrPromise
    data: StrOrPromise
    legal_basis: LegalBasis
    readers: tuple[Reader, ...]
    is_for_visitors: bool = False
    """Whether visitors are concerned, so that their page has it."""
    remains: StrOrPromise = ""
    """What an erasure leaves, and why."""


@dataclass(frozen=True)
class Held:
    """Fields of one model that hold personal data, of one processing and one term."""

    processing: Processing
    fields: tuple[str, ...]
    kept: Kept


@dataclass(frozen=True)
class Person:
    """How the rows of a model that are about one person are found.

    Attributes:
        address: the fields with their e-mail address.
        through: the key to a row that is about them, and with which these go.
        account: the key to their account.
        find: returns the condition of its rows, where no column has their address.
    """

    address: str = ""
    through: str = ""
    account: str = ""
    find: Callable[[Address], Q] | None = None

    @property
    def is_owner(self) -> bool:
        """Whether these rows are erased by themselves, and not with another or as a trace."""
        return bool(self.address or self.find)


@dataclass(frozen=True)
class Declaration:
    """What one model holds of people, and what it does not."""

    label: str
    held: tuple[Held, ...] = ()
    others: tuple[str, ...] = ()
    reason: str = ""
    person: Person | None = None
    erase: Callable[[Rows], object] | None = None
    keeps_mentions: str = ""
    is_optional: bool = False

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def personal_names(self) -> set[str]:
        """Return the names of the fields that hold personal data."""
        return {name for held in self.held for name in held.fields}


@dataclass(frozen=True)
class PersonalField:
    """One entry of the registry."""

    model: type[Model]
    name: str
    processing: Processing
    kept: Kept


_declarations: dict[str, Declaration] = {}
_retentions: dict[str, Retention] = {}

ABOUT_PEOPLE = re.compile(
    r"(^|_)(e?mail|phone|address|user|author|person|owner|contact|ip|(first|last|full)_name)(_|$)"
)
"""Names of fields that are about people more often than not: each is declared by its name."""


def held(processing: Processing, fields: str, kept: Kept) -> Held:
    """Return fields that hold personal data, named in one string."""
    return Held(processing, tuple(fields.split()), kept)


def declare(
    label: str,
    *parts: Held,
    others: str = "",
    rest: str = "",
    person: Person | None = None,
    erase: Callable[[Rows], object] | None = None,
    keeps_mentions: str = "",
    is_optional: bool = False,
) -> None:
    """Declare what a model holds of people.

    Args:
        label: of the model.
        parts: its fields that hold personal data.
        others: the names of its other fields.
        rest: why none of its other fields holds any, which are then not named, but for those
            whose names or types are about people.
        person: how the rows about one person are found.
        erase: erases some of its rows, where deleting them is not the way.
        keeps_mentions: why an address that somebody wrote into its texts is left there.
        is_optional: whether it is not installed everywhere.
    """
    if label in _declarations:
        raise ImproperlyConfigured(f"{label} is declared already.")
    _declarations[label] = Declaration(
        label, parts, tuple(others.split()), rest, person, erase, keeps_mentions, is_optional
    )


def declare_all(labels: str, reason: str) -> None:
    """Declare models that hold no personal data, and why."""
    for label in labels.split():
        declare(label, rest=reason)


def retention(
    key: str,
    keep: timedelta,
    since: StrOrPromise,
    outcome: StrOrPromise,
    end: Callable[[datetime], int],
) -> Retention:
    """Register a term, and return it (:class:`Retention` has what its arguments are)."""
    if key in _retentions:
        raise ImproperlyConfigured(f"{key} is registered already.")
    _retentions[key] = Retention(key, keep, since, outcome, end)
    return _retentions[key]


def load() -> None:
    """Load the module ``personal_data`` of every app."""
    autodiscover_modules("personal_data")


def declarations() -> list[Declaration]:
    """Return what is declared, by app and model."""
    load()
    installed = {model._meta.label for model in every_model()}
    found = [each for each in _declarations.values() if not each.is_optional]
    found += [e for e in _declarations.values() if e.is_optional and e.label in installed]
    return sorted(found, key=lambda each: each.label)


def retentions() -> list[Retention]:
    """Return what ends by the clock, in the order in which it is done."""
    load()
    return list(_retentions.values())


def processings() -> list[Processing]:
    """Return every use of personal data, each once, in the order of their names."""
    found = {part.processing for each in declarations() for part in each.held}
    return sorted(found, key=lambda each: each.key)


def personal_fields() -> list[PersonalField]:
    """Return every field that holds personal data: the entries of the registry."""
    return [
        PersonalField(each.model, name, part.processing, part.kept)
        for each in declarations()
        for part in each.held
        for name in part.fields
    ]


def is_personal(model: type[Model], name: str) -> bool:
    """Return whether a field of a model holds personal data, inherited fields included."""
    field: Any = model._meta.get_field(name)
    load()
    found = _declarations.get(field.model._meta.label)
    return found is not None and name in found.personal_names


def personal_strings(readers: Sequence[str]) -> Iterator[tuple[PersonalField, str]]:
    """Yield the personal texts in the database that none of some readers may see.

    Args:
        readers: values of :class:`Reader`, or names of groups.
    """
    for entry in personal_fields():
        if set(readers) & set(entry.processing.readers) or entry.name not in text_fields(
            entry.model
        ):
            continue
        values = entry.model._base_manager.values_list(entry.name, flat=True).distinct()
        yield from ((entry, str(value)) for value in values if value)


def own_fields(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields of which a model itself has the columns or the rows between."""
    meta = model._meta
    return [*meta.local_fields, *meta.local_many_to_many]


def text_fields(model: type[Model]) -> list[str]:
    """Return the names of the columns of a model that can hold a text, JSON included."""
    kinds = {"CharField", "TextField", "JSONField", "EmailField", "URLField", "SlugField"}
    return [
        field.name
        for field in model._meta.local_fields
        if field.get_internal_type() in kinds | {"FileField"} and not field.choices
    ]


def every_model() -> list[type[Model]]:
    """Return the installed models, but for those that only join two others."""
    return [model for model in apps.get_models() if not model._meta.proxy]


def unaccounted() -> list[str]:
    """Return the fields of installed models that are not declared, and what is and is not there."""
    known = {each.label: each for each in declarations()}
    models = {model._meta.label: model for model in every_model()}
    wrong = [f"{label}: no such model" for label in known.keys() - models.keys()]
    for label, model in models.items():
        declared = known.get(label)
        if declared is None:
            wrong.append(f"{label}: not declared")
            continue
        fields = {field.name: field for field in own_fields(model)}
        named = declared.personal_names | set(declared.others)
        wrong += [f"{label}.{name}: no such field" for name in sorted(named - fields.keys())]
        wrong += [
            f"{label}.{name}: not declared"
            for name in sorted(fields.keys() - named)
            if not declared.reason or is_about_people(fields[name])
        ]
    return sorted(wrong)


def is_about_people(field: Field[Any, Any]) -> bool:
    """Return whether the name or the type of a field is about people."""
    related = field.related_model if field.is_relation else None
    return (
        isinstance(field, EmailField | GenericIPAddressField)
        or (isinstance(related, type) and related._meta.label == settings.AUTH_USER_MODEL)
        or ABOUT_PEOPLE.search(field.name) is not None
    )
