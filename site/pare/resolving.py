"""`resolve/`: what stands at a path of the site, in one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Union
from urllib.parse import unquote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404
from django.urls import resolve as resolve_path
from django.utils.translation import override
from ninja import Query, Router
from ninja.decorators import decorate_view
from pydantic import BaseModel, ConfigDict, Field

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.plain_text import PATTERN
from core.registry import registered_models, schema_for
from core.schemas import PageDetail, Schema
from core.schemas.languages import Locale
from core.web.links import build_absolute_url, request_origin
from network.department_pages import build_department_page
from network.places import AccessLevel
from network.queries import find_department, structure_items
from network.schemas import DepartmentSheet
from pare.redirects import find_destination
from pare.screens import PrivacyDetail, ScreenDetail, build_screen
from published.composing import detail_of
from published.paths import normalise_path
from published.queries import page_items

router = Router(tags=["resolve"])

if TYPE_CHECKING:
    AnyDetail = PageDetail
else:
    # Whatever has a schema, and what no model stands for.
    OTHERS = (DepartmentSheet, PrivacyDetail, ScreenDetail)
    AnyDetail = Annotated[
        Union[(*map(schema_for, registered_models()), *OTHERS)],
        Field(discriminator="type"),
    ]


class ResolvedPage(Schema):
    """A page stands there."""

    kind: Literal["page"] = "page"
    page: AnyDetail


class ResolvedRedirect(Schema):
    """Nothing stands there any more; go elsewhere."""

    kind: Literal["redirect"] = "redirect"
    status: Literal[301, 302] = Field(description="301 for good, 302 for now.")
    location: str = Field(description="Absolute address.")


Resolved = Annotated[ResolvedPage | ResolvedRedirect, Field(discriminator="kind")]


class ResolveQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(
        min_length=1,
        max_length=1000,
        pattern=PATTERN.replace("^", "^/", 1),
        description="Path on the site, with the prefix of its language unless `locale` names it.",
        examples=["/ressources/"],
    )
    locale: Locale | None = None


@router.get(
    "/",
    operation_id="resolvePath",
    response={200: Resolved, **PROBLEMS},
    summary="Resolve a path of the site",
)
@decorate_view(public_read)
def resolve(request: HttpRequest, query: Query[ResolveQuery]) -> HttpResponse:
    """A page with its content, a redirect with its status and target, or 404."""
    origin = request_origin(request)
    place = find_place(query.path, query.locale)
    page = page_at(place, origin)
    if page is not None:
        return json_response(ResolvedPage.model_construct(page=page))
    found = find_destination(place.address, page_items(), origin)
    if found is None:
        raise Http404
    location = build_absolute_url(found.location, origin)
    return json_response(
        ResolvedRedirect(status=301 if found.is_permanent else 302, location=location)
    )


class Place(NamedTuple):
    """A place of the site, as its addresses have it."""

    language: str
    path: str
    """Encoded, without the prefix of the language."""
    query: str

    @property
    def full_path(self) -> str:
        """Return the path with the prefix of the language."""
        is_default = self.language == settings.LANGUAGE_CODE
        return self.path if is_default else f"/{self.language}{self.path}"

    @property
    def address(self) -> str:
        """Return the path and the query."""
        return f"{self.full_path}?{self.query}" if self.query else self.full_path


def find_place(address: str, locale: str | None = None) -> Place:
    """Return the place that an address of the site names.

    Args:
        address: with the prefix of its language or without, encoded or not, with or without its
            last slash; its fragment (RFC 3986, 3.5) is no part of what is asked for.
        locale: the language that stands for the prefix.
    """
    path, _, query = address.partition("#")[0].partition("?")
    path = normalise_path(path)
    _, first, *_ = path.split("/")
    prefix = first if first in dict(settings.LANGUAGES) else None
    if prefix:
        path = path.removeprefix(f"/{prefix}")
    return Place(locale or prefix or settings.LANGUAGE_CODE, path, query)


def page_at(place: Place, origin: str) -> PageDetail | None:
    """Return what anyone may read now at a place of the site, if anything."""
    item = page_items().filter(path=place.full_path).first()
    page = detail_of(item, origin) if item else None
    return page if page is not None else page_of_route_at(place, origin)


def page_of_route_at(place: Place, origin: str) -> PageDetail | None:
    """Return what the public may see at a place that is in no tree of pages, if anything.

    A structure, a department, what the site keeps of its visitors, or a form.
    """
    with override(settings.LANGUAGE_CODE):
        try:
            match = resolve_path(unquote(place.path))
        except Resolver404:
            return None
    if match.view_name == "network:structure":
        rows = structure_items().filter(language=place.language, thing_id=match.kwargs["pk"])
        item = rows.first()
        return detail_of(item, origin) if item else None
    if match.view_name == "network:sheet":
        department = find_department(match.kwargs["code"])
        if department is not None:
            return build_department_page(
                department, place.language, origin, AccessLevel.PUBLIC, fallback=True
            )
        return None
    return build_screen(match.view_name, match.kwargs, place.language, origin)
