"""The schemas of the newsletter and its issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.utils import timezone
from pydantic import ConfigDict, Field

from core.registry import register_schema
from core.richtext import html_words
from core.schemas import (
    Card,
    FacetedList,
    IndexDetail,
    PageDetail,
    Schema,
    Teaser,
)
from core.schemas.base import Html
from core.schemas.inputs import Input
from core.schemas.languages import WrittenLocale
from core.schemas.teasers import teaser_ref
from newsletter.models import NewsletterIndexPage, NewsletterIssuePage

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    def own_words(cls, page: NewsletterIssuePage) -> dict[str, Any]:
        return super().own_words(page) | {"number": page.number, "period": page.period}


@register_schema(NewsletterIssuePage, card=NewsletterCard)
class NewsletterDetail(NewsletterCard, PageDetail):
    """An issue of the newsletter by itself."""

    subject: str = Field(description="Subject of the e-mail.")
    editorial: Html
    sections: list[NewsletterSection]

    @classmethod
    def own_words(cls, page: NewsletterIssuePage) -> dict[str, Any]:
        return super().own_words(page) | {
            "subject": page.subject or page.title,
            "editorial": html_words(page.editorial),
            "sections": [_section_words(block.value) for block in page.sections],
        }

    @classmethod
    def own_facets(cls, page: NewsletterIssuePage) -> dict[str, Iterable[object]]:
        return {"year": [timezone.localtime(page.first_published_at).year]}

    @classmethod
    def own_columns(cls, page: NewsletterIssuePage) -> dict[str, Any]:
        return {"number": page.number}


def _section_words(value: Any) -> NewsletterSection:
    """Return the words of a section; an item whose page is not public is left out on reading."""
    return NewsletterSection.construct_trusted(
        title=value["title"],
        html=html_words(value["text"].source) if value["text"] else "",
        items=[
            NewsletterItem.construct_trusted(page=teaser_ref(key), note=item["note"] or "")
            for item in value["items"]
            if (key := page_key(item))
        ],
    )


def page_key(item: Any) -> int | None:
    """Return the key of the page that an item shows, if it still exists."""
    return item["page"].pk if item["page"] else None


class NewsletterList(FacetedList[NewsletterCard]):
    """A window on the issues."""


@register_schema(NewsletterIndexPage, card=Card)
class NewsletterIndexDetail(IndexDetail):
    """The archive of the newsletter."""

    type: Literal["newsletter_index"] = "newsletter_index"

    list_route = "api_v1:list_newsletters"


class SubscriptionIn(Input):
    """A request to subscribe. Only the address and the agreement are needed."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254, examples=["nom@exemple.fr"])
    consent: Literal[True] = Field(description="The person agreed to the text of `consent_text`.")
    consent_version: str = Field(
        max_length=20, description="The `consent_version` of that text.", examples=["2026-01"]
    )
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
