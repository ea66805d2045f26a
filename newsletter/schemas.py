"""The schemas of the newsletter and its issues."""

from __future__ import annotations

from typing import Any, Literal, Self

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from core.registry import register_schema
from core.richtext import render_rich_text
from core.schemas import (
    Card,
    FacetedList,
    IndexDetail,
    PageDetail,
    Schema,
    Teaser,
)
from core.schemas.base import Html
from core.schemas.languages import WrittenLocale
from core.schemas.teasers import teasers_by_id
from newsletter.models import NewsletterIndexPage, NewsletterIssuePage


class NewsletterItem(Schema):
    """A page of the site, and the editors' word on it."""

    page: Teaser
    note: str = Field(description="The editors' word, which stands for the summary; or empty.")


class NewsletterSection(Schema):
    title: str = Field(examples=["Nouvelles ressources"])
    html: Html
    items: list[NewsletterItem]


class NewsletterCard(Card):
    """An issue of the newsletter in a list."""

    type: Literal["newsletter"] = "newsletter"
    number: int = Field(examples=[12])
    period: str = Field(examples=["été 2026"])

    @classmethod
    def from_model(cls, page: NewsletterIssuePage, origin: str) -> Self:
        """Return the card of an issue loaded by :func:`newsletter.queries.published_issues`."""
        return cls.construct_trusted(**cls.issue_fields(page, origin))

    @classmethod
    def issue_fields(cls, page: NewsletterIssuePage, origin: str) -> dict[str, Any]:
        return cls.card_fields(page, origin) | {"number": page.number, "period": page.period}


@register_schema(NewsletterIssuePage)
class NewsletterDetail(NewsletterCard, PageDetail):
    """An issue of the newsletter by itself."""

    subject: str = Field(description="Subject of the e-mail.")
    editorial: Html
    sections: list[NewsletterSection]

    @classmethod
    def from_model(cls, page: NewsletterIssuePage, origin: str) -> Self:
        return cls(
            **cls.detail_fields(page, origin) | cls.issue_fields(page, origin),
            subject=page.subject or page.title,
            editorial=render_rich_text(page.editorial, origin),
            sections=serialize_sections(page, origin),
        )


def serialize_sections(page: NewsletterIssuePage, origin: str) -> list[NewsletterSection]:
    """Return the sections of an issue, without the pages that are hidden from the public.

    The number of queries depends on the types of page, and not on how many there are.
    """
    sections = [block.value for block in page.sections]
    ids = [key for value in sections for item in value["items"] if (key := page_key(item))]
    teasers = teasers_by_id(ids, origin) if ids else {}
    return [
        NewsletterSection(
            title=value["title"],
            html=render_rich_text(value["text"].source, origin) if value["text"] else "",
            items=[
                NewsletterItem(page=teasers[key], note=item["note"] or "")
                for item in value["items"]
                if (key := page_key(item)) in teasers
            ],
        )
        for value in sections
    ]


def page_key(item: Any) -> int | None:
    """Return the key of the page that an item shows, if it still exists."""
    return item["page"].pk if item["page"] else None


class NewsletterList(FacetedList[NewsletterCard]):
    """A window on the issues."""


@register_schema(NewsletterIndexPage)
class NewsletterIndexDetail(IndexDetail):
    """The archive of the newsletter."""

    type: Literal["newsletter_index"] = "newsletter_index"

    list_route = "api_v1:list_newsletters"


class SubscriptionIn(BaseModel):
    """A request to subscribe. Only the address and the agreement are needed."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254, examples=["nom@exemple.fr"])
    consent: Literal[True] = Field(description="The person agreed to the text of `consent_text`.")
    role: Literal["professional", "volunteer", "elected", "student", "relative", "other", ""] = ""
    first_name: str = Field("", max_length=60)
    last_name: str = Field("", max_length=60)
    structure_name: str = Field("", max_length=150, description="Whom the person works for.")
    structure_type: str = Field("", max_length=80, description="A slug of `structure_types`.")
    department: str = Field("", max_length=4, description="INSEE code.", examples=["59"])
    themes: list[str] = Field([], max_length=50, description="Slugs of `themes`; none is all.")
    locale: WrittenLocale = settings.LANGUAGE_CODE


class SubscriptionTerms(Schema):
    """What a person must be shown before they subscribe."""

    consent_text: str
    consent_version: str = Field(examples=["2026-01"])


class SubscriptionReceipt(Schema):
    """The same whether or not the address was known."""

    detail: str
