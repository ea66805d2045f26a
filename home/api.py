"""`pages/` and `site/`."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.schemas.languages import InLanguage
from core.web.links import canonical_url, request_origin
from home.listings import PageFilters, PageWindow
from home.privacy import build_privacy_notice
from home.queries import KINDS, published_pages
from home.schemas import AnyPageDetail, PageList, PrivacyNotice, SiteInfo
from home.site_info import serialize_site
from published.composing import Reading, card_entry, compose
from published.listings import pagination_links, window
from published.reading import detail_or_404

pages = Router(tags=["pages"])
site = Router(tags=["site"])
privacy = Router(tags=["site"])


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
    rows = filters.narrow(published_pages(filters.locale, filters.fallback, filters.type))
    part = slice(pagination.offset, pagination.offset + pagination.limit)
    count, found = window(rows, part)
    following, preceding = pagination_links(
        canonical_url(request), pagination.limit, pagination.offset, count
    )
    reading = Reading(request_origin(request), filters.locale)
    return json_response(
        PageList(
            count=count,
            limit=pagination.limit,
            offset=pagination.offset,
            next=following,
            previous=preceding,
            items=compose([card_entry(row) for row in found], reading),
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
    return json_response(detail_or_404(request, page_id, *KINDS))


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


@privacy.get(
    "/",
    operation_id="getPrivacyNotice",
    response={200: PrivacyNotice, **PROBLEMS},
    summary="Get what is kept of visitors",
)
@decorate_view(public_read)
def get_privacy(request: HttpRequest, query: Query[InLanguage]) -> HttpResponse:
    """Each use of personal data in plain words, people's rights, and the texts to agree to."""
    return json_response(build_privacy_notice(query.locale, request_origin(request)))
