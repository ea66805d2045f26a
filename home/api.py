"""`pages/` and `site/`."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view
from wagtail.models import Page

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.listings import pagination_links, with_translations
from core.queries import page_or_404
from core.schemas.languages import InLanguage
from core.schemas.pages import translations_of
from core.web.links import canonical_url, request_origin
from home.listings import PageFilters, PageWindow, serialize_page_cards
from home.queries import PAGE_TYPES, published_pages
from home.schemas import AnyPageDetail, PageList, SiteInfo
from home.site_info import serialize_site

pages = Router(tags=["pages"])
site = Router(tags=["site"])


@pages.get(
    "/",
    operation_id="listPages",
    response={200: PageList, **PROBLEMS},
    summary="List pages of text",
)
@decorate_view(public_read)
def list_pages(
    request: HttpRequest, filters: Query[PageFilters], pagination: Query[PageWindow]
) -> HttpResponse:
    """Visible home, standard, campaign and team pages, in the order of the site's tree."""
    rows = published_pages(filters.locale, filters.fallback, filters.type)
    count = rows.count()
    following, preceding = pagination_links(
        canonical_url(request), pagination.limit, pagination.offset, count
    )
    part = list(rows[pagination.offset : pagination.offset + pagination.limit])
    return json_response(
        PageList(
            count=count,
            limit=pagination.limit,
            offset=pagination.offset,
            next=following,
            previous=preceding,
            items=with_translations(
                serialize_page_cards(part, request_origin(request)),
                filters.locale,
                translations_of([page.pk for page in part], request_origin(request)),
            ),
        )
    )


@pages.get(
    "/{int:page_id}/",
    operation_id="getPage",
    response={200: AnyPageDetail, **PROBLEMS},
    summary="Get a page",
)
@decorate_view(public_read)
def get_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """One home, standard, campaign or team page."""
    page = page_or_404(Page, page_id).specific
    if not isinstance(page, PAGE_TYPES):
        raise Http404
    return json_response(page.to_schema(request_origin(request)))


@site.get(
    "/",
    operation_id="getSite",
    response={200: SiteInfo, **PROBLEMS},
    summary="Get what surrounds every page",
)
@decorate_view(public_read)
def get_site(request: HttpRequest, query: Query[InLanguage]) -> HttpResponse:
    """Menus, emergency numbers, contacts, funders, feeds, languages, where the quick exit leads."""
    return json_response(serialize_site(query.locale, request_origin(request)))
