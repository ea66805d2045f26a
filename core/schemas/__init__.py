"""The schemas: the only form of the content that templates, newsletter and API know."""

from core.schemas.base import (
    Card,
    File,
    Html,
    Link,
    PartialDate,
    Schema,
    Seo,
    Term,
    TerritoryTerm,
    Translation,
)
from core.schemas.blocks import Block, KeyFigure, serialize_body
from core.schemas.images import CARD_SPECS, FULL_SPECS, Picture
from core.schemas.lists import Facet, FacetedList, FacetValue, PaginatedList, Pagination
from core.schemas.pages import IndexDetail, PageDetail
from core.schemas.teasers import Teaser, teasers_ref

__all__ = [
    "CARD_SPECS",
    "FULL_SPECS",
    "Block",
    "Card",
    "Facet",
    "FacetValue",
    "FacetedList",
    "File",
    "Html",
    "IndexDetail",
    "KeyFigure",
    "Link",
    "PageDetail",
    "PaginatedList",
    "Pagination",
    "PartialDate",
    "Picture",
    "Schema",
    "Seo",
    "Teaser",
    "Term",
    "TerritoryTerm",
    "Translation",
    "serialize_body",
    "teasers_ref",
]
