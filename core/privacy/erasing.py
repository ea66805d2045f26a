"""The erasure of one person, from everything that is declared and from every text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import JSONField, Model, Value
from django.dispatch import Signal
from wagtail.search import index

from core.models import ContentVersion, PersonalDataAct, User
from core.privacy.addresses import MARK, Address
from core.privacy.finding import kept_mentions, mentions, own_rows
from core.privacy.registry import Processing, declarations

if TYPE_CHECKING:
    from core.privacy.finding import Mention

MAX_ROUNDS = 3
"""What an erasure writes may have the address again: a line of a log."""

rewritten = Signal()
"""Sent with a ``mention`` and the ``values`` that took the place of its own."""

Guard = Callable[[Address, User | None], str]
_guards: list[Guard] = []


class ErasureRefused(Exception):
    """An address may not be erased, and why."""


@dataclass
class Erased:
    """What an erasure did.

    Attributes:
        counts: how many rows of each model were about the person, or had the address.
        remains: the processings of which something stays.
        to_replace: what has the address and can only be replaced by hand.
    """

    counts: Counter[str] = field(default_factory=Counter)
    remains: list[Processing] = field(default_factory=list)
    to_replace: list[Mention] = field(default_factory=list)


def register_guard(guard: Guard) -> Guard:
    """Register what returns why an address may not be erased, or an empty text."""
    _guards.append(guard)
    return guard


def refusal(address: Address, user: User | None) -> str:
    """Return why an address may not be erased by a user, or an empty text."""
    declarations()
    return next(filter(None, (guard(address, user) for guard in _guards)), "")


@transaction.atomic
def erase_person(written: str, user: User | None, reason: str) -> Erased:
    """Erase a person by their address, and record that without it.

    Args:
        written: the address.
        user: who does it, if it is not the command.
        reason: one of :class:`PersonalDataAct.Reason`.

    Raises:
        ErasureRefused: it may not be erased.
    """
    address = Address(written)
    if why := refusal(address, user):
        raise ErasureRefused(why)
    erased = Erased()
    _erase_own_rows(address, erased)
    for _round in range(MAX_ROUNDS):
        found = list(mentions(address))
        for mention in found:
            _remove(address, mention)
            erased.counts[mention.model._meta.label] += 1
        if not found:
            break
    ContentVersion.bump()
    erased.to_replace = kept_mentions(address)
    record_act(PersonalDataAct.Act.ERASE, address, user, reason, dict(erased.counts))
    return erased


def record_act(
    act: str, address: Address, user: User | None, reason: str, counts: dict[str, int]
) -> None:
    """Record what was done about a person, without anything of them but a keyed digest."""
    PersonalDataAct.objects.create(
        act=act, digest=address.digest, user=user, reason=reason, counts=counts
    )


def _erase_own_rows(address: Address, erased: Erased) -> None:
    found = own_rows(address)
    for declared, rows in found:
        erased.counts[declared.label] = rows.count()
        erased.remains += [
            part.processing
            for part in declared.held
            if part.processing.remains and part.processing not in erased.remains
        ]
    keys = {declared.label: list(rows.values_list("pk", flat=True)) for declared, rows in found}
    for declared, _rows in found:
        if declared.person and declared.person.is_owner:
            rows = declared.model._base_manager.filter(pk__in=keys[declared.label])
            (declared.erase or _delete)(rows.all())


def _delete(rows: Any) -> None:
    rows.delete()


def _remove(address: Address, mention: Mention) -> None:
    """Overwrite the texts of a row by what is left of them without an address."""
    values = {name: address.removed_from(value) for name, value in mention.values.items()}
    try:
        with transaction.atomic():
            _write(mention, values)
    except IntegrityError:
        # Two rows that differ by the address alone, where no two may be alike.
        own = f"{MARK} {mention.pk}"
        values = {
            name: value.replace(MARK, own) or own if isinstance(value, str) else value
            for name, value in values.items()
        }
        _write(mention, values)
    rewritten.send(mention.model, mention=mention, values=values)
    _index_again(mention.model, mention.pk)


def _write(mention: Mention, values: dict[str, Any]) -> None:
    model = mention.model
    kinds = {each.name: each.get_internal_type() for each in model._meta.local_fields}
    changes = {
        name: Value(value, JSONField()) if kinds[name] == "JSONField" else value
        for name, value in values.items()
    }
    # Not by save(), which would validate, log and announce what nobody edited. Managers of ours
    # may refuse to update what is only appended to: there is no address in that.
    model._base_manager.filter(pk=mention.pk).update(**changes)


def _index_again(model: type[Model], pk: Any) -> None:
    if issubclass(model, index.Indexed):
        instance = model._default_manager.filter(pk=pk).first()
        if instance is not None:
            index.insert_or_update_object(getattr(instance, "specific", instance))
