"""The ledger as people read it: what became public or ceased to be, what changed, who and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, OuterRef, Q, Subquery, TextChoices
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Revision

from core.models import User
from published.models import LedgerEntry
from review.content import canonical_content, changed_fields
from review.models import RevisionRecord
from review.models.wording import field_labels, name_of
from review.provenance import base_type_of
from review.records import EVERYTHING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import Model, QuerySet
    from django.utils.functional import Promise

Thing = tuple[int, str]
"""A page or snippet as its revisions know it: its base type and its key."""

ADMIT, WITHDRAW = LedgerEntry.Act.ADMIT, LedgerEntry.Act.WITHDRAW
DELETED = "deleted"
REASONS: dict[str, Promise] = {
    "contribution": gettext_lazy("Contribution"),
    "correction": gettext_lazy("Correction reçue de la structure"),
    "demonstration": gettext_lazy("Données de démonstration"),
    DELETED: gettext_lazy("Suppression par un programme"),
    "erasure": gettext_lazy("Effacement d'une adresse de personne"),
    "import": gettext_lazy("Import d'un tableau"),
    "newsletter": gettext_lazy("Envoi de la lettre"),
    "no longer live": gettext_lazy("N'était plus publié"),
    "schedule": gettext_lazy("À la date programmée"),
    "unpublished": gettext_lazy("Dépublication par un programme"),
    "upgrade": gettext_lazy("En ligne avant la tenue du registre"),
}
"""What people are told of each reason that the program gives."""


class Event(TextChoices):
    """What an entry did to what the public reads, by the entry before it."""

    PUBLISHED = "published", gettext_lazy("Mis en ligne")
    CHANGED = "changed", gettext_lazy("Modifié")
    REPEATED = "repeated", gettext_lazy("Republié sans changement")
    WITHDRAWN = "withdrawn", gettext_lazy("Retiré")


_FOLLOWS = Q(act=ADMIT, previous_act=ADMIT)
EVENTS: dict[str, Q] = {
    Event.PUBLISHED: Q(Q(previous_act=None) | Q(previous_act=WITHDRAW), act=ADMIT),
    Event.CHANGED: _FOLLOWS & ~Q(previous_hash=F("content_hash")),
    Event.REPEATED: _FOLLOWS & Q(previous_hash=F("content_hash")),
    Event.WITHDRAWN: Q(act=WITHDRAW),
}
"""The conditions on :func:`entries` of each event."""


def entries() -> QuerySet[LedgerEntry]:
    """Return the entries of the ledger, the latest first, each with what was before it."""
    before = LedgerEntry.objects.filter(
        content_type=OuterRef("content_type"), thing_id=OuterRef("thing_id"), pk__lt=OuterRef("pk")
    ).order_by("-pk")
    return LedgerEntry.objects.annotate(
        previous_act=Subquery(before.values("act")[:1]),
        previous_hash=Subquery(before.values("content_hash")[:1]),
    ).order_by("-pk")


def entries_of(thing: Model) -> QuerySet[LedgerEntry]:
    """Return the entries of a page or snippet, the latest first."""
    return entries().filter(
        content_type=ContentType.objects.get_for_model(thing), thing_id=thing.pk
    )


@dataclass(frozen=True)
class Row:
    """An entry, in words.

    Attributes:
        entry: the entry.
        model: of the thing, unless a release removed it.
        event: what happened.
        fields: the labels of what changed since it was public before; ``None`` if nobody knows.
        user: who did it, if that account is there.
        by: their name, or what is known instead.
        approved_by: the names of those who approved it.
        why: how it came to it.
        revisions: those of before and of after, while both are kept.
    """

    entry: LedgerEntry
    model: type[Model] | None
    event: Event
    fields: list[str] | None
    user: User | None
    by: str
    approved_by: str
    why: str
    revisions: tuple[int, int] | None

    @property
    def at(self) -> dt.datetime:
        """When it happened."""
        return self.entry.at

    @property
    def changes(self) -> str:
        """What changed, as text."""
        if self.event != Event.CHANGED:
            return ""
        if self.fields is None:
            return _("On ne sait plus : la version précédente n'est plus conservée.")
        return get_text_list(self.fields, _("et"))


def rows_of(found: Sequence[Any]) -> list[Row]:
    """Return entries in words, in few queries however many they are.

    Args:
        found: some of :func:`entries`.
    """
    history = _History(found)
    return [history.row(entry) for entry in found]


class _Version(NamedTuple):
    """The record of a revision."""

    content_hash: str
    changed: list[str]
    revision_id: int | None
    scheduled_by_id: int | None


class _History:
    """What is known of some entries, read at once."""

    def __init__(self, found: Sequence[Any]) -> None:
        self.versions = _read_versions(found)
        pairs = [pair for entry in found if (pair := self.revisions(entry))]
        self.words = _read_words({key for pair in pairs for key in pair})
        self.people = self._read_people(found)

    def row(self, entry: Any) -> Row:
        event = event_of(entry)
        scheduler = self._scheduler(entry)
        user = self.people.get(entry.user_id or scheduler or 0)
        return Row(
            entry=entry,
            model=model_of(entry),
            event=event,
            fields=self._fields(entry) if event == Event.CHANGED else [],
            user=user,
            by=_describe_author(entry, user, scheduler),
            approved_by=self._names(entry.approvers),
            why=describe_reason(entry),
            revisions=self.revisions(entry),
        )

    def revisions(self, entry: Any) -> tuple[int, int] | None:
        """Return the revisions with the words of before and of after, if both are kept."""
        if event_of(entry) != Event.CHANGED:
            return None
        kept = {
            version.content_hash: version.revision_id
            for version in self.versions[_thing_of(entry)]
            if version.revision_id is not None
        }
        before, after = kept.get(entry.previous_hash), kept.get(entry.content_hash)
        return (before, after) if before and after else None

    def _fields(self, entry: Any) -> list[str] | None:
        pair = self.revisions(entry)
        if pair is not None:
            before, after = (self.words[key] for key in pair)
            names: Iterable[str] | None = changed_fields(before, after)
        else:
            names = self._recorded_changes(entry)
        model = model_of(entry)
        return None if names is None or model is None else field_labels(model, names)

    def _recorded_changes(self, entry: Any) -> list[str] | None:
        """Return what the revisions in between changed, as it was recorded when they were saved."""
        versions = self.versions[_thing_of(entry)]
        hashes = [version.content_hash for version in versions]
        if entry.content_hash not in hashes or entry.previous_hash not in hashes:
            return None
        end = _last(hashes, entry.content_hash)
        start = _last(hashes[:end], entry.previous_hash)
        if start is None or end is None:
            return None
        changed = [name for version in versions[start + 1 : end + 1] for name in version.changed]
        return None if set(EVERYTHING) & set(changed) else sorted(set(changed))

    def _scheduler(self, entry: Any) -> int | None:
        """Return who scheduled what the program published."""
        if entry.reason != "schedule" or entry.act != ADMIT:
            return None
        versions = self.versions[_thing_of(entry)]
        same = (each for each in versions if each.content_hash == entry.content_hash)
        return next((each.scheduled_by_id for each in same if each.scheduled_by_id), None)

    def _read_people(self, found: Sequence[Any]) -> dict[int, User]:
        keys = {entry.user_id for entry in found} | {self._scheduler(entry) for entry in found}
        keys.update(key for entry in found for key in entry.approvers)
        users = User.objects.select_related("wagtail_userprofile")
        return users.in_bulk([key for key in keys if key is not None])

    def _names(self, keys: Iterable[int]) -> str:
        return get_text_list([name_of(self.people.get(key)) for key in keys], _("et"))


def event_of(entry: Any) -> Event:
    """Return what one of :func:`entries` did."""
    if entry.act == WITHDRAW:
        return Event.WITHDRAWN
    if entry.previous_act != ADMIT:
        return Event.PUBLISHED
    return Event.REPEATED if entry.previous_hash == entry.content_hash else Event.CHANGED


def describe_reason(entry: LedgerEntry) -> str:
    """Return how something came to be public, or ceased to be."""
    if entry.reason:
        return str(REASONS.get(entry.reason, entry.reason))
    if entry.approvers:
        return _("Relecture par deux personnes")
    return _("Publication directe") if entry.act == ADMIT else _("Retrait à la main")


def model_of(entry: LedgerEntry) -> type[Model] | None:
    """Return the model of what an entry is about."""
    return ContentType.objects.get_for_id(entry.content_type_id).model_class()


def _describe_author(entry: LedgerEntry, user: User | None, scheduler: int | None) -> str:
    if user is not None or not entry.reason or scheduler:
        return name_of(user)
    return _("Le programme")


def _thing_of(entry: LedgerEntry) -> Thing:
    model = model_of(entry)
    type_pk = base_type_of(model).pk if model is not None else entry.content_type_id
    return type_pk, str(entry.thing_id)


def _read_versions(found: Sequence[Any]) -> dict[Thing, list[_Version]]:
    things = {_thing_of(entry) for entry in found}
    versions: dict[Thing, list[_Version]] = defaultdict(list)
    records = RevisionRecord.objects.filter(
        content_type__in={type_pk for type_pk, _key in things},
        object_id__in={key for _type, key in things},
    )
    columns = ("content_type_id", "object_id", *_Version._fields)
    for type_pk, key, *values in records.order_by("pk").values_list(*columns):
        versions[type_pk, key].append(_Version(*values))
    return versions


def _read_words(keys: Iterable[int]) -> Mapping[int, Mapping[str, Any]]:
    contents = Revision.objects.filter(pk__in=keys).values_list("pk", "content")
    return {pk: canonical_content(content) for pk, content in contents}


def _last(values: Sequence[str], value: str) -> int | None:
    return max((number for number, each in enumerate(values) if each == value), default=None)
