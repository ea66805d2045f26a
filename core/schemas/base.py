"""The schemas that all others are built on.

Templates, the newsletter and the HTTP API know nothing else of the models. The class method
``own_words`` of what stands by itself returns its words, with references (:class:`Ref`) where
they are about others; :mod:`published.composing` looks those up and makes the schema.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from django.utils.formats import date_format
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field

from core.references import Ref
from core.terms import localized_label
from core.web.links import build_absolute_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import Document, Territory, VocabularyTerm

Html = Annotated[str, Field(description="HTML, with absolute links.")]
DatePrecision = Literal["day", "month", "year"]
DAY_FORMATS = {"day": "DATE_FORMAT", "month": "YEAR_MONTH_FORMAT", "year": "Y"}


class Schema(BaseModel):
    """Base of every schema: immutable, and strict about what it holds."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # An answer has each of its fields, so clients need not look whether it is there.
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def construct_trusted(cls, **values: Any) -> Self:
        """Build from values of the right types, without validating them: a list holds thousands."""
        return cast("Self", cls.model_construct(None, **values))


class PartialDate(Schema):
    """A day that may be known only to its month or its year."""

    value: date = Field(description="The first of the month or year where the day is unknown.")
    precision: DatePrecision
    label: str = Field(description="As people write it.", examples=["octobre 2022"])

    @staticmethod
    def ref(value: date, precision: str = "day") -> Ref:
        """Return the reference to a day, which readers write in their language."""
        return Ref("day", (value.isoformat(), str(precision)))

    @classmethod
    def from_value(cls, value: date, precision: str = "day") -> Self:
        """Return a day as the active language writes it."""
        return cls.construct_trusted(
            value=value,
            precision=precision,
            label=_day_label(value, precision, get_language()),
        )


@lru_cache(maxsize=4096)
def _day_label(value: date, precision: str, language: str | None) -> str:
    """Write a day in the active language, which is named so that it is part of the key."""
    return date_format(value, DAY_FORMATS[precision])


class Term(Schema):
    """A term of a controlled vocabulary."""

    slug: str = Field(description="Stable identifier: what filters take.", examples=["reperage"])
    label: str = Field(examples=["Repérage et signalement"])

    @staticmethod
    def ref(term: VocabularyTerm) -> Ref:
        """Return the reference to a term; the words around it go if it is deleted."""
        return Ref("term", (type(term).__name__, term.pk), is_required=True)

    @staticmethod
    def refs(terms: Iterable[VocabularyTerm]) -> Ref | list[Any]:
        """Return the reference to several terms of one vocabulary, which are shown in its order."""
        found = sorted((type(term).__name__, term.pk) for term in terms)
        return Ref("terms", (found[0][0], *(pk for _name, pk in found))) if found else []

    @classmethod
    def from_model(cls, term: VocabularyTerm) -> Self:
        """Return a term in the active language."""
        return cls.construct_trusted(slug=term.slug, label=localized_label(term))

    @classmethod
    def from_models(cls, terms: Iterable[VocabularyTerm]) -> list[Self]:
        return [cls.from_model(term) for term in terms]


class TerritoryTerm(Schema):
    """A region or a department, by its INSEE code."""

    code: str = Field(description="INSEE code; a region's starts with R.", examples=["59", "R32"])
    name: str = Field(examples=["Nord"])
    kind: Literal["region", "department"]

    @staticmethod
    def ref(territory_id: int | None) -> Ref | None:
        """Return the reference to a territory, if there is one."""
        return Ref("territory", (territory_id,)) if territory_id else None

    @staticmethod
    def refs(territories: Iterable[Territory]) -> Ref | list[Any]:
        """Return the reference to several territories, which are shown regions first, by name."""
        found = tuple(sorted(territory.pk for territory in territories))
        return Ref("territories", found) if found else []

    @classmethod
    def from_model(cls, territory: Territory) -> Self:
        return cls.construct_trusted(code=territory.code, name=territory.name, kind=territory.kind)


class Link(Schema):
    """A link to a page of the site."""

    title: str
    path: str = Field(description="Path on the site.", examples=["/ressources/"])
    html_url: str = Field(description="Absolute address of the page.")

    @staticmethod
    def ref(page_id: int | None) -> Ref | None:
        """Return the reference to a page, shown in the reader's language where it is translated."""
        return Ref("link", (page_id,)) if page_id else None

    @classmethod
    def to(cls, title: str, path: str, origin: str) -> Self:
        """Return a link to a path of the site."""
        return cls.construct_trusted(
            title=title, path=path, html_url=build_absolute_url(path, origin)
        )


class Translation(Schema):
    """The same page in another language."""

    id: int
    locale: str = Field(examples=["en"])
    title: str
    html_url: str


class File(Schema):
    """A file to download."""

    title: str
    url: str = Field(description="Absolute address of the file.")
    extension: str = Field(description="In lower case, without its dot.", examples=["pdf"])
    size: int | None = Field(description="In bytes.", examples=[348_160])
    page_count: int | None = Field(description="Pages, for a PDF that could be read.")
    is_text_accessible: bool = Field(
        description="False for a scanned or unreadable PDF: a screen reader gets nothing from it."
    )

    @staticmethod
    def ref(document_id: int | None, title: str = "", *, is_required: bool = False) -> Ref | None:
        """Return the reference to a document, under its own title or that of this place."""
        return Ref("file", (document_id, title), is_required) if document_id else None

    @classmethod
    def from_model(cls, document: Document, origin: str, title: str = "") -> Self:
        """Return a document as the public is given it.

        Args:
            document: with its ``public_version`` where there are many.
            origin: what its address starts with.
            title: the one of this place; by default its own.
        """
        file = document.public_file
        return cls.construct_trusted(
            title=title or document.title,
            url=build_absolute_url(document.url, origin),
            extension=document.file_extension.lower(),
            size=file.file_size,
            page_count=file.page_count,
            is_text_accessible=file.text_state not in document.UNREADABLE_STATES,
        )


class Card(Schema):
    """A page in a list."""

    id: int = Field(examples=[42])
    title: str
    summary: str
    path: str = Field(description="Path on the site.", examples=["/ressources/guide/"])
    html_url: str = Field(description="Absolute address of the page on the site.")
    locale: str = Field(description="Language of the entry (BCP 47).", examples=["fr"])
    is_fallback: bool = Field(
        False, description="True where French stands for a translation that is missing."
    )
    translations: list[Translation] = Field(
        [],
        description="In the answers of lists, of the search and of details: where else it is. "
        "Empty for pages that another only mentions.",
    )
    published_at: datetime | None = Field(description="When the entry first appeared here.")
    updated_at: datetime | None = Field(description="When the entry last changed here.")
    is_demo: bool = Field(description="True for demonstration content, shown as such.")

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]:
        """Return the words of a page about itself; subclasses add their own.

        Its address, its dates, its language and its translations come from where it is published.
        """
        return {
            "title": page.title,
            "summary": getattr(page, "summary", "") or page.search_description,
            "is_demo": getattr(page, "is_demo", False),
        }


HEAD_FIELDS = frozenset(
    {
        "id",
        "path",
        "html_url",
        "locale",
        "is_fallback",
        "translations",
        "published_at",
        "updated_at",
    }
)
"""The fields of a card that are no words of its own."""


class Seo(Schema):
    """What search engines and link previews read."""

    title: str
    description: str
    image_url: str | None = Field(description="1200 × 630 pixels, where the page has an image.")
