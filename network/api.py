"""`structures/`, and the same as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view

from core.api.access import OPTIONAL_TOKEN, TOKEN_PROBLEMS
from core.api.reading import (
    json_response,
    public_read,
    requested_language,
)
from core.schemas import Pagination
from core.schemas.languages import Fallback, InLanguage
from core.web.links import canonical_url, request_origin
from network.department_pages import build_department_page
from network.exports import (
    compose_in_parts,
    exported_items,
    in_parts,
    to_csv,
    to_data_inclusion,
    to_geojson,
)
from network.france_map import serialize_map
from network.listings import StructureFilters, get_structure_listing, located_entry
from network.places import AccessLevel, access_level_of
from network.queries import find_department, structure_or_404
from network.schemas import DepartmentSheet, FranceMap, StructureDetail, StructureList
from published.composing import Reading, detail_of
from published.listings import CARD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from published.models import Item

structures = Router(tags=["structures"], auth=OPTIONAL_TOKEN)
files = Router(tags=["structures"], auth=OPTIONAL_TOKEN)


class SheetQuery(InLanguage):
    """In which language, and whether French may stand in."""

    fallback: Fallback = False


def api_access_level(request: HttpRequest) -> AccessLevel:
    """Return who reads, by their token."""
    return access_level_of(request.user)


@structures.get(
    "/",
    operation_id="listStructures",
    response={200: StructureList, **TOKEN_PROBLEMS},
    summary="List structures",
)
@decorate_view(public_read)
def list_structures(
    request: HttpRequest, filters: Query[StructureFilters], window: Query[Pagination]
) -> HttpResponse:
    """Visible structures. Of a confidential address, only the department is ever given."""
    listing = get_structure_listing(api_access_level(request))
    return json_response(listing(filters, window, request_origin(request), canonical_url(request)))


@structures.get(
    "/map/",
    operation_id="getStructureMap",
    response={200: FranceMap, **TOKEN_PROBLEMS},
    summary="Get the map of a list",
)
@decorate_view(public_read)
def get_map(request: HttpRequest, filters: Query[StructureFilters]) -> HttpResponse:
    """The departments with the number of structures that the filters keep."""
    origin = request_origin(request)
    listing = get_structure_listing(api_access_level(request))
    listed = listing(filters, Pagination(limit=1, facets=True), origin, canonical_url(request))
    return json_response(serialize_map(listed, filters, origin))


@structures.get(
    "/departments/{code}/",
    operation_id="getDepartmentSheet",
    response={200: DepartmentSheet, **TOKEN_PROBLEMS},
    summary="Get the sheet of a department",
)
@decorate_view(public_read)
def get_sheet(request: HttpRequest, code: str, query: Query[SheetQuery]) -> HttpResponse:
    """All the structures of a department, and those from elsewhere that work there."""
    department = find_department(code)
    if department is None:
        raise Http404
    sheet = build_department_page(
        department, query.locale, request_origin(request), api_access_level(request), query.fallback
    )
    return json_response(sheet)


@structures.get(
    "/{int:structure_id}/",
    operation_id="getStructure",
    response={200: StructureDetail, **TOKEN_PROBLEMS},
    summary="Get a structure",
)
@decorate_view(public_read)
def get_structure(request: HttpRequest, structure_id: int) -> HttpResponse:
    """One structure."""
    item = structure_or_404(structure_id)
    detail = detail_of(item, request_origin(request), api_access_level(request))
    if detail is None:
        raise Http404
    return json_response(detail)


def _streamed(
    request: HttpRequest, parts: Iterator[str], content_type: str, name: str
) -> StreamingHttpResponse:
    """Send parts as they are made. No cache of ours can hold them; a shared one may, a while."""
    response = StreamingHttpResponse(parts, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    if request.headers.get("Authorization"):
        response["Cache-Control"] = "private, no-store"
    return response


@files.get(
    "/structures.geojson",
    operation_id="exportStructuresAsGeoJson",
    response={200: None, **TOKEN_PROBLEMS},
    summary="Get structures as GeoJSON",
    url_name="structures-geojson",
)
@decorate_view(public_read)
def get_geojson(request: HttpRequest, filters: Query[StructureFilters]) -> StreamingHttpResponse:
    """Every structure that the filters keep, as a FeatureCollection (RFC 7946)."""
    level, language = api_access_level(request), requested_language(request)
    items = get_structure_listing(level).every(filters)
    reading = Reading(request_origin(request), language, level)
    parts = to_geojson(
        compose_in_parts(map(located_entry, in_parts(items.only(*CARD_COLUMNS))), reading)
    )
    return _streamed(request, parts, "application/geo+json", "structures.geojson")


@files.get(
    "/structures.csv",
    operation_id="exportStructuresAsCsv",
    response={200: None, **TOKEN_PROBLEMS},
    summary="Get structures as a table",
)
@decorate_view(public_read)
def get_csv(request: HttpRequest, filters: Query[StructureFilters]) -> StreamingHttpResponse:
    """Every structure that the filters keep (RFC 4180), in the columns that an import takes."""
    items, reading = _kept(request, filters)
    parts = to_csv(exported_items(items, reading))
    return _streamed(request, parts, "text/csv; charset=utf-8", "structures.csv")


@files.get(
    "/structures.data-inclusion.json",
    operation_id="exportStructuresAsDataInclusion",
    response={200: None, **TOKEN_PROBLEMS},
    summary="Get structures and services in the schema data.inclusion",
)
@decorate_view(public_read)
def get_data_inclusion(
    request: HttpRequest, filters: Query[StructureFilters]
) -> StreamingHttpResponse:
    """Every structure that the filters keep, in the French schema of services, version 1."""
    items, reading = _kept(request, filters)
    parts = to_data_inclusion(lambda: exported_items(items, reading))
    return _streamed(
        request, parts, "application/json; charset=utf-8", "structures.data-inclusion.json"
    )


def _kept(request: HttpRequest, filters: StructureFilters) -> tuple[QuerySet[Item], Reading]:
    """Return what the filters keep, and the reading of a file for machines: its terms in French."""
    level = api_access_level(request)
    reading = Reading(request_origin(request), settings.LANGUAGE_CODE, level)
    return get_structure_listing(level).every(filters), reading
