"""Schemas of the resources and the news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core.references import Ref
from core.registry import register_schema
from core.schemas import (
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
from core.terms import TAG
from published.facets import territory_values
from resources.models import NewsIndexPage, NewsPage, ResourceIndexPage, ResourcePage

if TYPE_CHECKING:
    from collections.abc import Iterable

ResourceFormat = Literal["document", "link", "video", "page"]


class Author(Schema):
    name: str = Field(examples=["Association Exemple"])
    kind: Literal["organisation", "person"]


class CodeLabel(Schema):
    """A coded value with what people call it."""

    value: str
    label: str


def code_label(name: str, value: str) -> dict[str, Any]:
    """Return the words of a coded value, whose label is written for its reader."""
    return {"value": value, "label": Ref("label", (name, value))}


def tags_ref(tagged: Iterable[Any]) -> Ref | list[Any]:
    """Return the reference to tags, which are shown by their names."""
    found = tuple(sorted(item.tag_id for item in tagged))
    return Ref("tags", (TAG, *found)) if found else []


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
    def own_words(cls, page: ResourcePage) -> dict[str, Any]:
        return super().own_words(page) | {
            "resource_type": Term.ref(page.resource_type),
            "themes": Term.refs(page.themes.all()),
            "audiences": Term.refs(page.audiences.all()),
            "authors": [
                Author.construct_trusted(name=author.name, kind=author.kind)
                for author in page.authors.all()
            ],
            "tags": tags_ref(page.tagged_items.all()),
            "published_on": PartialDate.ref(page.published_on, page.published_on_precision),
            "content_language": code_label("content_language", page.content_language),
            "territory": TerritoryTerm.ref(page.territory_id),
            "format": page.get_format().value,
            "document": File.ref(page.document_id),
            "external_url": page.external_url,
            "video_url": page.video_url,
            "cover": Picture.ref(page.cover_id, "card", alt=""),
        }


@register_schema(ResourcePage, card=ResourceCard)
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
    def own_words(cls, page: ResourcePage) -> dict[str, Any]:
        return super().own_words(page) | {
            "attachments": [
                File.ref(each.document_id, each.title) for each in page.attachments.all()
            ],
            "video_duration": page.video_duration,
            "licence": code_label("licence", page.licence) if page.licence else None,
            "source_name": page.source_name,
            "image": Picture.ref(page.cover_id, "full", alt=""),
            "body": serialize_body(page.body),
            "related": related_ref(page),
        }

    @classmethod
    def own_facets(cls, page: ResourcePage) -> dict[str, Iterable[object]]:
        return {
            "type": [page.resource_type_id],
            "theme": [theme.pk for theme in page.themes.all()],
            "audience": [audience.pk for audience in page.audiences.all()],
            "territory": territory_values([page.territory]),
            "language": [page.content_language],
            "format": [page.get_format().value],
            "year": [page.published_on.year],
            "tag": [item.tag_id for item in page.tagged_items.all()],
        }

    @classmethod
    def own_columns(cls, page: ResourcePage) -> dict[str, Any]:
        return {"date": page.published_on}


def related_ref(page: ResourcePage) -> Ref:
    """Return the reference to what an editor chose, or else to the latest that share a theme."""
    chosen = tuple(related.resource_id for related in page.related_resources.all())
    if chosen:
        return Ref("cards", chosen)
    themes = tuple(sorted(theme.pk for theme in page.themes.all()))
    return Ref("resources_alike", (page.pk or 0, page.locale.language_code, *themes))


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
    def own_words(cls, page: NewsPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "date": PartialDate.ref(page.date),
            "themes": Term.refs(page.themes.all()),
            "tags": tags_ref(page.tagged_items.all()),
            "territory": TerritoryTerm.ref(page.territory_id),
            "image": Picture.ref(page.image_id, "card", alt=""),
        }


@register_schema(NewsPage, card=NewsCard)
class NewsDetail(NewsCard, PageDetail):
    """A piece of news by itself."""

    full_image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block]
    linked_resource: ResourceCard | None

    @classmethod
    def own_words(cls, page: NewsPage) -> dict[str, Any]:
        linked = page.linked_resource_id
        return super().own_words(page) | {
            "full_image": Picture.ref(page.image_id, "full", alt=""),
            "body": serialize_body(page.body),
            "linked_resource": Ref("card", (linked,)) if linked else None,
        }

    @classmethod
    def own_facets(cls, page: NewsPage) -> dict[str, Iterable[object]]:
        return {
            "theme": [theme.pk for theme in page.themes.all()],
            "territory": territory_values([page.territory]),
            "year": [page.date.year],
            "tag": [item.tag_id for item in page.tagged_items.all()],
        }

    @classmethod
    def own_columns(cls, page: NewsPage) -> dict[str, Any]:
        return {"date": page.date}


class NewsList(FacetedList[NewsCard]):
    """One page of the list of news."""


@register_schema(ResourceIndexPage, card=Card)
class ResourceIndexDetail(IndexDetail):
    """The resource centre."""

    type: Literal["resource_index"] = "resource_index"

    list_route = "api_v1:list_resources"


@register_schema(NewsIndexPage, card=Card)
class NewsIndexDetail(IndexDetail):
    """The news section."""

    type: Literal["news_index"] = "news_index"

    list_route = "api_v1:list_news"
