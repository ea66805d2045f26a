"""All that is held of one person, found by their e-mail address."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from core.models import User
from core.privacy.addresses import Address, parse_json
from core.privacy.registry import (
    Declaration,
    declarations,
    every_model,
    text_fields,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

INDEXES = frozenset({"wagtailsearch"})
"""Apps whose rows are written anew with what they index."""


@dataclass(frozen=True)
class Mention:
    """A row of anything that has an address somewhere in its texts.

    Attributes:
        model: of the row.
        pk: its key.
        values: the texts with the address, by field, JSON parsed.
    """

    model: type[Model]
    pk: Any
    values: dict[str, Any]


def accounts_of(address: Address) -> list[int]:
    """Return the keys of the accounts with an address, or named by it."""
    named = Q(email__iexact=address.value) | Q(username__iexact=address.value)
    return list(User.objects.filter(named).values_list("pk", flat=True))


def own_rows(address: Address) -> list[tuple[Declaration, QuerySet[Any]]]:
    """Return the rows that are about a person, for each model that has any, owners first."""
    found: dict[type[Model], tuple[Declaration, QuerySet[Any]]] = {}
    accounts = accounts_of(address)
    declared = [each for each in declarations() if each.person]
    for each in declared:
        if each.person and not each.person.through:
            condition = Q(pk__in=[])
            for name in each.person.address.split():
                condition |= Q(**{f"{name}__iexact": address.value})
            if each.person.account:
                condition |= Q(**{f"{each.person.account}__in": accounts})
            if each.person.find:
                condition |= each.person.find(address)
            found[each.model] = (each, each.model._base_manager.filter(condition))
    for each in declared:
        if each.person and each.person.through:
            parent: Any = each.model._meta.get_field(each.person.through).related_model
            keys = list(found[parent][1].values_list("pk", flat=True))
            rows = each.model._base_manager.filter(**{f"{each.person.through}__in": keys})
            found[each.model] = (each, rows)
    return [(each, rows) for each, rows in found.values() if rows.exists()]


def mentions(address: Address) -> Iterator[Mention]:
    """Yield the rows of any model whose texts have an address."""
    kept = {each.model for each in declarations() if each.keeps_mentions}
    for model in every_model():
        if model not in kept and model._meta.app_label not in INDEXES and model._meta.managed:
            yield from mentions_in(model, address)


def kept_mentions(address: Address) -> list[Mention]:
    """Return the rows that have an address which only people can remove: texts of documents."""
    kept = [each.model for each in declarations() if each.keeps_mentions]
    return [found for model in kept for found in mentions_in(model, address)]


def mentions_in(model: type[Model], address: Address) -> Iterator[Mention]:
    """Yield the rows of one model whose texts have an address."""
    fields = {field.name: field for field in model._meta.local_fields}
    names = [name for name in text_fields(model) if fields[name].get_internal_type() != "FileField"]
    if not names:
        return
    conditions = [
        Q(**{f"raw_{name}__icontains": spelling})
        for name in names
        for spelling in address.spellings
    ]
    raw: dict[str, Any] = {f"raw_{name}": Cast(name, TextField()) for name in names}
    # As the database has it: what a field would make of it is of no use here.
    rows = model._base_manager.order_by("pk").annotate(**raw).filter(reduce(or_, conditions))
    for pk, *texts in rows.values_list("pk", *raw).iterator():
        values = {}
        for name, text in zip(names, texts, strict=True):
            is_json = fields[name].get_internal_type() == "JSONField"
            value = parse_any(text) if is_json else text
            if address.is_in(value):
                values[name] = value
        if values:
            yield Mention(model, pk, values)


def parse_any(text: str | None) -> Any:
    """Return what a column of JSON has."""
    if not text:
        return text
    parsed = parse_json(text)
    # A lone string of JSON.
    return parse_json(f"[{text}]")[0] if parsed is None and text.startswith('"') else parsed


def is_in_file(content: bytes, address: Address) -> bool:
    """Return whether a table has an address: a text, or a workbook with its texts."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return address.is_in(content.decode(errors="replace"))
    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
        names = [name for name in workbook.namelist() if name.endswith(".xml")]
        return any(address.is_in(workbook.read(name).decode(errors="replace")) for name in names)
