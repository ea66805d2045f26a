"""`search/`: everything at once, and what to propose meanwhile."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view
from pydantic import BaseModel, ConfigDict, Field

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.schemas import Pagination
from core.schemas.languages import Locale
from core.web.links import canonical_url, request_origin
from search.listings import SearchFilters, search_pages
from search.schemas import SearchResults, Suggestions
from search.suggestions import get_suggestions

router = Router(tags=["search"])


class SuggestionQuery(BaseModel):
    """What someone has typed so far."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=100, description="The beginning of words.", examples=["repé"])
    locale: Locale = settings.LANGUAGE_CODE


@router.get(
    "/",
    operation_id="searchPages",
    response={200: SearchResults, **PROBLEMS},
    summary="Search everything",
)
@decorate_view(public_read)
def search(
    request: HttpRequest, filters: Query[SearchFilters], pagination: Query[Pagination]
) -> HttpResponse:
    """Visible pages of every kind that have all the words of `q`, the most relevant first.

    Titles count more than summaries, and those more than bodies and the text
    of documents. Nothing is found without `q`.
    """
    return json_response(
        search_pages(filters, pagination, request_origin(request), canonical_url(request))
    )


@router.get(
    "/suggest/",
    operation_id="getSearchSuggestions",
    response={200: Suggestions, **PROBLEMS},
    summary="Complete what is typed",
)
@decorate_view(public_read)
def suggest(request: HttpRequest, query: Query[SuggestionQuery]) -> HttpResponse:
    """Themes and audiences, then titles of pages, that have words beginning as those typed."""
    return json_response(get_suggestions(query.q, query.locale, request_origin(request)))
