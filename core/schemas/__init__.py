"""The shapes of what is said: the only thing that templates, newsletter and API know."""

from core.schemas.base import (
    Card,
    Day,
    File,
    Html,
    Link,
    Said,
    Seo,
    Term,
    TerritoryTerm,
    Translation,
)
from core.schemas.blocks import Block, KeyFigure, say_body
from core.schemas.images import CARD_SPECS, FULL_SPECS, Picture, prefetch_card
from core.schemas.lists import Facet, FacetValue, ListOf, Window, WindowOf
from core.schemas.pages import IndexDetail, PageDetail
from core.schemas.teasers import Teaser, say_teasers

__all__ = [
    "CARD_SPECS",
    "FULL_SPECS",
    "Block",
    "Card",
    "Day",
    "Facet",
    "FacetValue",
    "File",
    "Html",
    "IndexDetail",
    "KeyFigure",
    "Link",
    "ListOf",
    "PageDetail",
    "Picture",
    "Said",
    "Seo",
    "Teaser",
    "Term",
    "TerritoryTerm",
    "Translation",
    "Window",
    "WindowOf",
    "prefetch_card",
    "say_body",
    "say_teasers",
]
