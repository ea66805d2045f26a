"""The place of a structure in schema.org, from its schema, so that nothing hidden is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from network.schemas import StructureDetail

register = template.Library()


@register.filter
def as_postal_address(page: StructureDetail) -> dict[str, Any]:
    """Return a PostalAddress: of a hidden one, only the department."""
    address = {"@type": "PostalAddress", "addressCountry": "FR"}
    if page.address:
        address |= {
            "streetAddress": page.address.street,
            "postalCode": page.address.postcode,
            "addressLocality": page.address.municipality,
        }
    return address | {"addressRegion": page.department.name}


@register.filter
def as_geo_coordinates(page: StructureDetail) -> dict[str, Any] | None:
    """Return GeoCoordinates, where the reader may know them."""
    if page.position is None:
        return None
    return {
        "@type": "GeoCoordinates",
        "latitude": page.position.latitude,
        "longitude": page.position.longitude,
    }
