"""The schemas that all others are built on.

A schema's ``from_model`` class method builds it from a model and the origin
(scheme and host) that addresses start with. Templates, the newsletter and the HTTP API
know nothing else of the models.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field

from core.terms import localized_label
from core.web.links import build_absolute_url, page_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.models import Page

    from core.models import Document, Territory, VocabularyTerm

Html = Annotated[str, Field(description="HTML, with absolute links.")]
DatePrecision = Literal["day", "month", "year"]
DAY_FORMATS = {"day": "DATE_FORMAT", "month": "YEAR_MONTH_FORMAT", "year": "Y"}


class Schema(BaseModel):
    """Base of every schema: immutable, and strict about what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def construct_trusted(cls, **values: Any) -> Self:
        """Build from values of the right types, without validating them: a list holds thousands."""
        return cast("Self", cls.model_construct(None, **values))


class PartialDate(Schema):
    """A day that may be known only to its month or its year."""

    value: date = Field(description="The first of the month or year where the day is unknown.")
    precision: DatePrecision
    label: str = Field(description="As people write it.", examples=["octobre 2022"])

    @classmethod
    def from_value(cls, value: date, precision: str = "day") -> Self:
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

    @classmethod
    def from_model(cls, territory: Territory) -> Self:
        return cls.construct_trusted(code=territory.code, name=territory.name, kind=territory.kind)


class Link(Schema):
    """A link to a page of the site."""

    title: str
    path: str = Field(description="Path on the site.", examples=["/ressources/"])
    html_url: str = Field(description="Absolute address of the page.")

    @classmethod
    def from_model(cls, page: Page, origin: str) -> Self:
        path = page_path(page)
        return cls.construct_trusted(
            title=page.title, path=path, html_url=build_absolute_url(path, origin)
        )


class Translation(Schema):
    """The same page in another language."""

    id: int
    locale: str = Field(examples=["en"])
    title: str
    html_url: str


FILE_COLUMNS = ("title", "file", "file_size", "page_count", "text_state")
"""The columns of a document that :class:`File` reads."""


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

    @classmethod
    def from_model(cls, document: Document, origin: str, title: str = "") -> Self:
        return cls.construct_trusted(
            title=title or document.title,
            url=build_absolute_url(document.url, origin),
            extension=document.file_extension.lower(),
            size=document.file_size,
            page_count=document.page_count,
            is_text_accessible=document.text_state
            not in {document.TextState.SCANNED, document.TextState.BROKEN},
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

    @staticmethod
    def card_fields(page: Page, origin: str) -> dict[str, Any]:
        """Return the fields of every card; subclasses add their own."""
        path = page_path(page)
        return {
            "id": page.pk or 0,
            "title": page.title,
            "summary": getattr(page, "summary", "") or page.search_description,
            "path": path,
            "html_url": build_absolute_url(path, origin),
            "locale": page.locale.language_code,
            "is_fallback": page.locale.language_code == settings.LANGUAGE_CODE != get_language(),
            "published_at": page.first_published_at,
            "updated_at": page.last_published_at or page.first_published_at,
            "is_demo": getattr(page, "is_demo", False),
        }


class Seo(Schema):
    """What search engines and link previews read."""

    title: str
    description: str
    image_url: str | None = Field(description="1200 × 630 pixels, where the page has an image.")
