"""Structures, and the directory that lists them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from wagtail.models import Locale

from core.models import FRENCH_TERMS, StructureType, Territory
from network.models import DirectoryPage, Structure
from tests.factories.pages import OurPageFactory
from tests.factories.publishing import admit

LILLE = {
    "street": "12 rue du Refuge",
    "postcode": "59000",
    "municipality": "Lille",
    "municipality_code": "59350",
    "latitude": Decimal("50.636600"),
    "longitude": Decimal("3.063500"),
}
MARSEILLE = {
    "street": "3 quai du Port",
    "postcode": "13002",
    "municipality": "Marseille",
    "municipality_code": "13202",
    "latitude": Decimal("43.296500"),
    "longitude": Decimal("5.369800"),
}


def directory() -> DirectoryPage:
    """Return the directory, made if there is none."""
    return DirectoryPage.objects.first() or DirectoryPageFactory()


class DirectoryPageFactory(OurPageFactory):
    class Meta:
        model = DirectoryPage

    title = "Réseau"
    slug = "reseau"


class StructureFactory(factory.django.DjangoModelFactory):
    """A live structure in the Nord, of which the address is public unless told otherwise.

    What is live was admitted.
    """

    class Meta:
        model = Structure
        skip_postgeneration_save = True

    class Params:
        shelter = factory.Trait(is_confidential=True, **LILLE)
        draft = factory.Trait(live=False, first_published_at=None, last_published_at=None)

    locale = factory.LazyFunction(Locale.get_default)
    name = factory.Sequence(lambda n: f"Structure {n}")
    structure_type = factory.LazyFunction(
        lambda: StructureType.objects.get(slug="association", **FRENCH_TERMS)
    )
    department = factory.LazyFunction(lambda: Territory.objects.get(code="59"))
    is_confidential = False
    live = True
    first_published_at = factory.LazyFunction(timezone.now)
    last_published_at = factory.LazyAttribute(lambda structure: structure.first_published_at)

    @classmethod
    def _create(cls, model_class: type[Structure], *args: Any, **kwargs: Any) -> Structure:
        department = kwargs.get("department")
        if isinstance(department, str):
            kwargs["department"] = Territory.objects.get(code=department)
        terms = {
            name: kwargs.pop(name)
            for name in ("services", "audiences", "coverage_territories")
            if name in kwargs
        }
        structure = model_class(**kwargs)
        for name, values in terms.items():
            setattr(structure, name, values)
        structure.save()
        if structure.live:
            # As the database has it: tests give days as text.
            admit(model_class.objects.get(pk=structure.pk))
        return structure
