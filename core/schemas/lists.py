"""What every list holds: its items, how many there are in all, and its facets."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from core.schemas.base import Schema

T = TypeVar("T", bound=Schema)

Limit = Annotated[int, Field(ge=1, le=settings.API_PAGE_SIZE_MAX)]


class Pagination(BaseModel):
    """Which part of a list to return."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = Field(20, description="How many items at most.")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many items to skip.")
    facets: bool = Field(
        False, description="Also count, for each value of each filter, what choosing it would give."
    )


class FacetValue(Schema):
    """A value that a filter can take, and how many items it would keep."""

    value: str = Field(description="What to give the filter.", examples=["reperage"])
    label: str = Field(examples=["Repérage et signalement"])
    count: int = Field(ge=0)
    selected: bool = Field(description="Whether this request already asks for it.")


class Facet(Schema):
    """A filter and its values, counted over all the other filters of the request."""

    name: str = Field(description="The filter's parameter.", examples=["theme"])
    label: str = Field(examples=["Thème"])
    values: list[FacetValue]


class PaginatedList(Schema, Generic[T]):
    """One page of a list."""

    count: int = Field(ge=0, description="Items in the whole filtered list.")
    limit: int
    offset: int
    next: str | None = Field(description="Address of the next page of the list.")
    previous: str | None = Field(description="Address of the previous page of the list.")
    items: list[T]


class FacetedList(PaginatedList[T], Generic[T]):
    """One page of a list that can be searched, filtered and ordered."""

    q: str = Field(description="The words searched for.")
    order: str = Field(description="The order in force.")
    facets: list[Facet] | None = Field(description="Only when asked for with facets=true.")
