"""`resolve/`: what stands at a path of the site, in one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Union

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404
from django.urls import resolve as resolve_path
from django.utils.translation import get_language_from_path, override
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
from pare.redirects import find_redirect, location_of
from published.composing import detail_of
from published.paths import normalise_path
from published.queries import page_items

router = Router(tags=["resolve"])

if TYPE_CHECKING:
    from published.models import Item

    AnyDetail = PageDetail
else:
    # Whatever has a schema, and the sheets, which no model stands for.
    AnyDetail = Annotated[
        Union[(*map(schema_for, registered_models()), DepartmentSheet)],
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
    item = item_at(query.path, query.locale)
    page = detail_of(item, request_origin(request)) if item else None
    if page is not None:
        return json_response(ResolvedPage.model_construct(page=page))
    structures = structures_at(query.path, query.locale, request_origin(request))
    if structures is not None:
        return json_response(ResolvedPage.model_validate({"page": structures}))
    redirect = redirect_at(request, query.path)
    if redirect is None:
        raise Http404
    return json_response(redirect)


def item_at(path: str, locale: str | None = None) -> Item | None:
    """Return the item of the page at a path that anyone may read now, if there is one.

    Args:
        path: on the site, with the prefix of its language or without, encoded or not.
        locale: the language that stands for the prefix.
    """
    prefix = get_language_from_path(path)
    if prefix and path.startswith(f"/{prefix}/"):
        path = path.removeprefix(f"/{prefix}")
    wanted = locale or prefix or settings.LANGUAGE_CODE
    start = "" if wanted == settings.LANGUAGE_CODE else f"/{wanted}"
    return page_items().filter(path=normalise_path(f"{start}{path}")).first()


def structures_at(path: str, locale: str | None, origin: str) -> BaseModel | None:
    """Return what the public may see of a structure or a department at a path, if anything."""
    prefix = get_language_from_path(path)
    if prefix:
        path = path.removeprefix(f"/{prefix}")
    wanted = locale or prefix or settings.LANGUAGE_CODE
    with override(settings.LANGUAGE_CODE):
        try:
            match = resolve_path(path if path.endswith("/") else f"{path}/")
        except Resolver404:
            return None
    if match.view_name == "network:structure":
        item = structure_items().filter(language=wanted, thing_id=match.kwargs["pk"]).first()
        return detail_of(item, origin) if item else None
    if match.view_name == "network:sheet":
        department = find_department(match.kwargs["code"])
        if department is not None:
            return build_department_page(
                department, wanted, origin, AccessLevel.PUBLIC, fallback=True
            )
    return None


def redirect_at(request: HttpRequest, path: str) -> ResolvedRedirect | None:
    """Return the redirect from a path that leads somewhere the public may see."""
    found = find_redirect(path)
    location = location_of(found, page_items()) if found else ""
    if found is None or not location:
        return None
    return ResolvedRedirect(
        status=301 if found.is_permanent else 302,
        location=build_absolute_url(location, request_origin(request)),
    )
