"""`resources/` and `news/`."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.schemas import Pagination
from core.web.links import canonical_url, request_origin
from published.reading import detail_or_404
from resources.listings import NewsFilters, ResourceFilters, news_listing, resource_listing
from resources.schemas import NewsDetail, NewsList, ResourceDetail, ResourceList

resources = Router(tags=["resources"])
news = Router(tags=["news"])


@resources.get(
    "/",
    operation_id="listResources",
    response={200: ResourceList, **PROBLEMS},
    summary="List resources",
)
@decorate_view(public_read)
def list_resources(
    request: HttpRequest, filters: Query[ResourceFilters], pagination: Query[Pagination]
) -> HttpResponse:
    """Visible resources, with facet counts over the whole filtered set when asked for."""
    return json_response(
        resource_listing(filters, pagination, request_origin(request), canonical_url(request))
    )


@resources.get(
    "/{int:resource_id}/",
    operation_id="getResource",
    response={200: ResourceDetail, **PROBLEMS},
    summary="Get a resource",
)
@decorate_view(public_read)
def get_resource(request: HttpRequest, resource_id: int) -> HttpResponse:
    """One resource, with its body and related resources."""
    return json_response(detail_or_404(request, resource_id, "resource"))


@news.get("/", operation_id="listNews", response={200: NewsList, **PROBLEMS}, summary="List news")
@decorate_view(public_read)
def list_news(
    request: HttpRequest, filters: Query[NewsFilters], pagination: Query[Pagination]
) -> HttpResponse:
    """Visible news, latest first."""
    return json_response(
        news_listing(filters, pagination, request_origin(request), canonical_url(request))
    )


@news.get(
    "/{int:news_id}/",
    operation_id="getNewsItem",
    response={200: NewsDetail, **PROBLEMS},
    summary="Get a piece of news",
)
@decorate_view(public_read)
def get_news(request: HttpRequest, news_id: int) -> HttpResponse:
    """One piece of news, with its body."""
    return json_response(detail_or_404(request, news_id, "news"))
