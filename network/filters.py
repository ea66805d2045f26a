"""What editors filter structures by, in their list and in exports of it."""

from __future__ import annotations

from typing import ClassVar

from wagtail.admin.filters import WagtailFilterSet

from network.models import Structure


class StructureFilterSet(WagtailFilterSet):
    class Meta:
        model = Structure
        fields: ClassVar[dict[str, list[str]]] = {
            "structure_type": ["exact"],
            "department": ["exact"],
            "services": ["exact"],
            "is_confidential": ["exact"],
            "live": ["exact"],
            "verified_on": ["lt"],
            "is_demo": ["exact"],
        }
