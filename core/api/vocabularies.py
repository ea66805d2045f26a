"""`vocabularies/`: the controlled terms that filters take."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view
from pydantic import Field

from core.api.errors import PROBLEMS
from core.api.reading import json_response, public_read
from core.models import Audience, ResourceType, Service, StructureType, Territory, Theme
from core.queries import prefer_locale
from core.schemas.base import Schema, Term
from core.schemas.languages import InLanguage

router = Router(tags=["vocabularies"])

VOCABULARIES = {
    "resource_types": ResourceType,
    "themes": Theme,
    "audiences": Audience,
    "structure_types": StructureType,
    "services": Service,
}


class Department(Schema):
    code: str = Field(description="INSEE code.", examples=["59", "2A", "974"])
    name: str = Field(examples=["Nord"])
    is_overseas: bool


class Region(Schema):
    code: str = Field(description="INSEE code, after an R.", examples=["R32"])
    name: str = Field(examples=["Hauts-de-France"])
    is_overseas: bool
    departments: list[Department]


class Vocabularies(Schema):
    """Every controlled vocabulary, in the order in which to show it."""

    resource_types: list[Term]
    themes: list[Term]
    audiences: list[Term]
    structure_types: list[Term]
    services: list[Term]
    territories: list[Region] = Field(description="18 regions and their 101 departments.")


def serialize_terms(model: type[Theme], locale: str) -> list[Term]:
    """Return the terms of a vocabulary in one language, with French as the fallback."""
    rows = model._default_manager.filter(
        locale__language_code__in={locale, settings.LANGUAGE_CODE}
    ).select_related("locale")
    return Term.from_models(prefer_locale(rows, locale))


def serialize_territories() -> list[Region]:
    """Return the regions with their departments, by name."""
    overseas = Territory.Zone.OVERSEAS
    departments: dict[int, list[Department]] = {}
    regions = []
    for territory in Territory.objects.order_by("name"):
        if territory.kind == Territory.Kind.REGION:
            regions.append(territory)
        elif territory.region_id:
            departments.setdefault(territory.region_id, []).append(
                Department(
                    code=territory.code,
                    name=territory.name,
                    is_overseas=territory.zone == overseas,
                )
            )
    return [
        Region(
            code=region.code,
            name=region.name,
            is_overseas=region.zone == overseas,
            departments=departments.get(region.pk, []),
        )
        for region in regions
    ]


@router.get(
    "/",
    operation_id="getVocabularies",
    response={200: Vocabularies, **PROBLEMS},
    summary="Get the vocabularies",
)
@decorate_view(public_read)
def get_vocabularies(request: HttpRequest, query: Query[InLanguage]) -> HttpResponse:
    """Types, themes, audiences, services and territories: what the filters of lists take."""
    terms = {name: serialize_terms(model, query.locale) for name, model in VOCABULARIES.items()}
    return json_response(Vocabularies(**terms, territories=serialize_territories()))
