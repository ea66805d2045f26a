"""Schemas of the search and of its suggestions."""

from __future__ import annotations

from pydantic import Field

from core.schemas import FacetedList, Html, Schema, Teaser


class SearchHit(Teaser):
    """A page that a search found."""

    excerpt: Html = Field(
        description="Words of the page around those searched for, which are in `<mark>`: escaped, "
        "without any other tag. Empty where only the title or a term has them.",
        examples=["… un <mark>hébergement</mark> pour les mineures en danger …"],
    )


class SearchResults(FacetedList[SearchHit]):
    """What a search found, the most relevant first."""

    is_fuzzy: bool = Field(
        description="True when nothing has all of the words, and words that look like them were "
        "taken instead."
    )


class Suggestion(Schema):
    """What someone who has typed a few letters may want."""

    title: str = Field(examples=["Repérage et signalement"])
    kind: str = Field(
        description="The `kind` of the page that it is, or the filter (`theme`, `audience`) of "
        "whose vocabulary it is a term.",
        examples=["resource", "theme"],
    )
    kind_label: str = Field(examples=["Guide pratique", "Thème"])
    path: str = Field(
        description="Path on the site: of the page, or of the search for the term.",
        examples=["/ressources/guide/"],
    )
    html_url: str = Field(description="Absolute address of the same.")


class Suggestions(Schema):
    """A few suggestions, the most likely first."""

    q: str = Field(description="What was typed.", examples=["repé"])
    items: list[Suggestion] = Field(description="Eight at most.")
