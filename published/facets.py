"""Filters that several lists share: themes, audiences, territories."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import PydanticCustomError, core_schema

from core.api.vocabularies import VOCABULARIES
from core.models import Audience, Territory, Theme
from core.terms import TAG, TERRITORY, get_vocabulary
from published.listings import NATIONAL, FacetFilter, keys_by_name
from published.models import ItemFacet
from published.queries import page_items

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from published.listings import Labels

VOCABULARY = "x-vocabulary"
"""What the contract has beside a parameter whose values are those of a vocabulary: its name."""


def _refuse_unknown(
    values: Iterable[str], known: Collection[str], code: str, explanation: str
) -> None:
    unknown = [value for value in dict.fromkeys(values) if value not in known]
    if unknown:
        raise PydanticCustomError(
            code,
            "Unknown: {unknown}. {explanation}",
            {"unknown": ", ".join(unknown), "explanation": explanation},
        )


def _list_known(names: Iterable[str]) -> str:
    return f"Known ones: {', '.join(sorted(names))}."


class KnownNames:
    """Makes a type of what takes some names only; how the contract has them is each one's own."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._require, handler(source))

    def _require(self, value: Any) -> Any:
        """Return the value, or raise ``PydanticCustomError`` with what is taken."""
        raise NotImplementedError


@dataclass(frozen=True)
class OneOf(KnownNames):
    """Makes a type of text that takes some names only: the contract has them as its `enum`.

    Attributes:
        code: of the error where it is another.
        names: gives them. It is asked each time: apps register theirs after types are made.
    """

    code: str
    names: Callable[[], Iterable[str]]

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"enum": list(self.names())}

    def _require(self, name: str) -> str:
        known = list(self.names())
        _refuse_unknown([name], known, self.code, _list_known(known))
        return name


@dataclass(frozen=True)
class InVocabulary(KnownNames):
    """Makes a type of texts that are names of a vocabulary, which can be edited.

    They are looked up when a filter is asked for; the contract has the vocabulary's name.

    Attributes:
        name: of the vocabulary, as `vocabularies/` has it.
        code: of the error where there is no such term.
        known: gives those of some names that the vocabulary has, or all that it has.
        explanation: of what is taken; by default all the names.
    """

    name: str
    code: str
    known: Callable[[list[str]], Collection[str]]
    explanation: str = ""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written = handler(schema)
        written.get("items", written)[VOCABULARY] = self.name
        return written

    def _require(self, value: str | list[str]) -> str | list[str]:
        names = [value] if isinstance(value, str) else value
        known = self.known(names)
        _refuse_unknown(names, known, self.code, self.explanation or _list_known(known))
        return value


def _terms(name: str) -> InVocabulary:
    model = VOCABULARIES[name].__name__
    return InVocabulary(name, "unknown_term", lambda names: keys_by_name(model))


def _departments(_names: list[str]) -> set[str]:
    territories = get_vocabulary().territories.values()
    return {each.code for each in territories if each.kind == Territory.Kind.DEPARTMENT}


def _public_tags(names: list[str]) -> set[str]:
    keys = keys_by_name(TAG)
    # A tag of drafts alone is unknown: that it exists is not public.
    shown = ItemFacet.objects.filter(
        name="tag",
        value__in=[keys[name] for name in names if name in keys],
        item__in=page_items().values("pk"),
    )
    public = set(shown.values_list("value", flat=True).distinct())
    return {name for name in names if keys.get(name) in public}


Name = Annotated[str, Field(max_length=80)]
Names = Annotated[list[Name], Field(max_length=30)]
Themes = Annotated[Names, _terms("themes")]
Audiences = Annotated[Names, _terms("audiences")]
ResourceTypes = Annotated[Names, _terms("resource_types")]
StructureTypes = Annotated[Names, _terms("structure_types")]
Services = Annotated[Names, _terms("services")]
Territories = Annotated[
    Names,
    InVocabulary(
        "territories",
        "unknown_territory",
        lambda names: keys_by_name(TERRITORY),
        "Known ones: INSEE codes of departments (59, 2A, 974) and of regions (R32), as "
        f"`vocabularies/` lists them, and `{NATIONAL}`.",
    ),
]
Department = Annotated[
    Name,
    InVocabulary(
        "territories",
        "unknown_territory",
        _departments,
        "Known ones: INSEE codes of departments (59, 2A, 974), as `vocabularies/` lists them.",
    ),
]
Tags = Annotated[
    Names,
    InVocabulary(
        "tags",
        "unknown_tag",
        _public_tags,
        "Known ones: the values of the facet `tag` (`facets=true`).",
    ),
]


ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _require_iso_date(value: Any) -> Any:
    if isinstance(value, str) and not ISO_DATE.fullmatch(value):
        raise ValueError("Write a day as 2024-12-31.")
    return value


IsoDate = Annotated[date, BeforeValidator(_require_iso_date)]
"""A day in an address. Pydantic alone takes a year, 2024, for so many seconds after 1970."""


def choice_labels(choices: Iterable[tuple[str, Any]]) -> Labels:
    """Return what gives the labels of choices, in the active language."""
    known = dict(choices)
    return lambda values: {value: str(known.get(value, value)) for value in values}


def territory_labels(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of territories by their codes."""
    names = {entry.code: entry.name for entry in get_vocabulary().territories.values()}
    names[NATIONAL] = gettext("Toute la France")
    return {code: names.get(code, code) for code in codes}


def theme_facet() -> FacetFilter:
    """Return the filter by theme."""
    return FacetFilter("theme", _("Thème"), vocabulary=Theme.__name__)


def audience_facet() -> FacetFilter:
    """Return the filter by audience."""
    return FacetFilter("audience", _("Public"), vocabulary=Audience.__name__)


TERRITORY_LABEL = _("Territoire")


def territory_facet(label: _StrPromise | str = TERRITORY_LABEL) -> FacetFilter:
    """Return the filter by territory: choosing a region keeps its departments' too."""
    return FacetFilter("territory", label, labels=territory_labels, vocabulary=TERRITORY)


def territory_values(territories: Iterable[Territory | None]) -> set[object]:
    """Return the values of territories for their filter: their own keys and their regions'.

    ``None`` is the whole country.
    """
    values: set[object] = set()
    for territory in territories:
        values |= {territory.pk, territory.region_id} if territory else {NATIONAL}
    return values - {None}
