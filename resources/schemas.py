"""Schemas of the resources and the news."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field

from core.registry import register_schema
from core.schemas import (
    CARD_SPECS,
    FULL_SPECS,
    Block,
    Card,
    FacetedList,
    File,
    IndexDetail,
    PageDetail,
    PartialDate,
    Picture,
    Schema,
    Term,
    TerritoryTerm,
    serialize_body,
)
from resources.models import LANGUAGES, NewsIndexPage, NewsPage, ResourceIndexPage, ResourcePage
from resources.queries import related_resources, visible_resource

ResourceFormat = Literal["document", "link", "video", "page"]


class Author(Schema):
    name: str = Field(examples=["Association Exemple"])
    kind: Literal["organisation", "person"]


class CodeLabel(Schema):
    """A coded value with what people call it."""

    value: str
    label: str


class ResourceCard(Card):
    """A resource in a list."""

    type: Literal["resource"] = "resource"
    resource_type: Term
    themes: list[Term]
    audiences: list[Term]
    authors: list[Author]
    tags: list[str]
    published_on: PartialDate = Field(
        description="When its author published it, not when it came here."
    )
    content_language: CodeLabel = Field(description="The language of the resource itself.")
    territory: TerritoryTerm | None = Field(description="null: the whole country.")
    format: ResourceFormat
    document: File | None
    external_url: str
    video_url: str
    cover: Picture | None

    @classmethod
    def from_model(cls, page: ResourcePage, origin: str) -> Self:
        """Return the card of a resource of :func:`resources.queries.published_resources`."""
        return cls.construct_trusted(**cls.resource_fields(page, origin))

    @classmethod
    def resource_fields(cls, page: ResourcePage, origin: str) -> dict[str, Any]:
        return cls.card_fields(page, origin) | {
            "resource_type": Term.from_model(page.resource_type),
            "themes": Term.from_models(page.themes.all()),
            "audiences": Term.from_models(page.audiences.all()),
            "authors": [
                Author.construct_trusted(name=author.name, kind=author.kind)
                for author in page.authors.all()
            ],
            "tags": sorted(item.tag.name for item in page.tagged_items.all()),
            "published_on": PartialDate.from_value(page.published_on, page.published_on_precision),
            "content_language": CodeLabel.construct_trusted(
                value=page.content_language, label=str(LANGUAGES[page.content_language])
            ),
            "territory": TerritoryTerm.from_model(page.territory) if page.territory else None,
            "format": page.get_format().value,
            "document": File.from_model(page.document, origin) if page.document else None,
            "external_url": page.external_url,
            "video_url": page.video_url,
            "cover": Picture.from_model(page.cover, origin, CARD_SPECS, alt="")
            if page.cover
            else None,
        }


@register_schema(ResourcePage)
class ResourceDetail(ResourceCard, PageDetail):
    """A resource by itself."""

    attachments: list[File]
    video_duration: str = Field(examples=["12:30"])
    licence: CodeLabel | None
    source_name: str = Field(description="Who distributes it, if not its author.")
    image: Picture | None = Field(description="The cover in its own shape.")
    body: list[Block]
    related: list[ResourceCard]

    @classmethod
    def from_model(cls, page: ResourcePage, origin: str) -> Self:
        return cls(
            **cls.detail_fields(page, origin),
            **cls.own_fields(page, origin),
            attachments=[
                File.from_model(a.document, origin, a.title) for a in page.attachments.all()
            ],
            video_duration=page.video_duration,
            licence=CodeLabel(value=page.licence, label=page.get_licence_display())
            if page.licence
            else None,
            source_name=page.source_name,
            image=Picture.from_model(page.cover, origin, FULL_SPECS, alt="")
            if page.cover
            else None,
            body=serialize_body(page.body, origin),
            related=[ResourceCard.from_model(r, origin) for r in related_resources(page)],
        )

    @classmethod
    def own_fields(cls, page: ResourcePage, origin: str) -> dict[str, Any]:
        common = Card.model_fields
        fields = cls.resource_fields(page, origin)
        return {name: value for name, value in fields.items() if name not in common}


class ResourceList(FacetedList[ResourceCard]):
    """One page of the list of resources."""


class NewsCard(Card):
    """A piece of news in a list."""

    type: Literal["news"] = "news"
    date: PartialDate
    themes: list[Term]
    tags: list[str]
    territory: TerritoryTerm | None = Field(description="null: the whole country.")
    image: Picture | None

    @classmethod
    def from_model(cls, page: NewsPage, origin: str) -> Self:
        """Return the card of a piece of news of :func:`resources.queries.published_news`."""
        return cls.construct_trusted(**cls.news_fields(page, origin))

    @classmethod
    def news_fields(cls, page: NewsPage, origin: str) -> dict[str, Any]:
        return cls.card_fields(page, origin) | {
            "date": PartialDate.from_value(page.date),
            "themes": Term.from_models(page.themes.all()),
            "tags": sorted(item.tag.name for item in page.tagged_items.all()),
            "territory": TerritoryTerm.from_model(page.territory) if page.territory else None,
            "image": Picture.from_model(page.image, origin, CARD_SPECS, alt="")
            if page.image
            else None,
        }


@register_schema(NewsPage)
class NewsDetail(NewsCard, PageDetail):
    """A piece of news by itself."""

    full_image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block]
    linked_resource: ResourceCard | None

    @classmethod
    def from_model(cls, page: NewsPage, origin: str) -> Self:
        linked = visible_resource(page.linked_resource_id) if page.linked_resource_id else None
        return cls(
            **cls.detail_fields(page, origin) | cls.news_fields(page, origin),
            full_image=Picture.from_model(page.image, origin, FULL_SPECS, alt="")
            if page.image
            else None,
            body=serialize_body(page.body, origin),
            linked_resource=ResourceCard.from_model(linked, origin) if linked else None,
        )


class NewsList(FacetedList[NewsCard]):
    """One page of the list of news."""


@register_schema(ResourceIndexPage)
class ResourceIndexDetail(IndexDetail):
    """The resource centre."""

    type: Literal["resource_index"] = "resource_index"

    list_route = "api_v1:list_resources"


@register_schema(NewsIndexPage)
class NewsIndexDetail(IndexDetail):
    """The news section."""

    type: Literal["news_index"] = "news_index"

    list_route = "api_v1:list_news"
