"""Which structures the public may see, with everything that a reader will touch."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.models import Page

from core.models import Audience, Service, Territory
from core.queries import filter_by_locale, visible
from core.schemas import Link, Translation
from core.web.links import build_absolute_url
from network.models import DirectoryPage, Structure
from network.places import AccessLevel, with_shown_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from wagtail.models import Locale


def visible_structures() -> QuerySet[Structure]:
    """Return the visible structures in every language."""
    now = timezone.now()
    return Structure.objects.filter(Q(expire_at__isnull=True) | Q(expire_at__gt=now), live=True)


def published_structures(
    locale: str, fallback: bool = False, access_level: AccessLevel = AccessLevel.PUBLIC
) -> QuerySet[Structure]:
    """Return the visible structures in a language by name, with what their cards show.

    The number of queries does not depend on the number of rows. Where they are
    is hidden from filters and orders as it is from the reader.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
        access_level: of the reader.
    """
    return filter_by_locale(_with_cards(access_level), locale, fallback)


def _with_cards(access_level: AccessLevel) -> QuerySet[Structure]:
    return with_shown_places(
        visible_structures()
        .select_related("locale", "structure_type", "department__region")
        .prefetch_related(
            Prefetch("services", Service.objects.all()),
            Prefetch("audiences", Audience.objects.all()),
            Prefetch("coverage_territories", Territory.objects.all()),
        )
        .order_by("name", "pk"),
        access_level,
    )


def structure_or_404(pk: int, access_level: AccessLevel = AccessLevel.PUBLIC) -> Structure:
    """Return one visible structure.

    Raises:
        Http404: there is none; a hidden one and a missing one can't be told apart.
    """
    return get_object_or_404(_with_cards(access_level), pk=pk)


def translations_of(ids: Sequence[int], origin: str) -> dict[int, list[Translation]]:
    """Return the visible translations of each structure, in one query."""
    keys = Structure.objects.filter(pk__in=ids).values("translation_key")
    versions: dict[UUID, list[Structure]] = defaultdict(list)
    for version in (
        visible_structures()
        .filter(translation_key__in=keys)
        .select_related("locale")
        .order_by("pk")
    ):
        versions[version.translation_key].append(version)
    return {
        pk: [
            Translation(
                id=other.pk,
                locale=other.locale.language_code,
                title=other.name,
                html_url=build_absolute_url(other.path, origin),
            )
            for other in group
            if other.pk != pk
        ]
        for group in versions.values()
        for pk in (version.pk for version in group)
    }


def serving(department: Territory) -> Q:
    """Return the condition of the structures that serve a department, wherever they are."""
    territories = [pk for pk in (department.pk, department.region_id) if pk]
    elsewhere = Structure.objects.filter(
        coverage=Structure.Coverage.TERRITORIES, coverage_territories__in=territories
    )
    return (
        Q(department=department)
        | Q(coverage=Structure.Coverage.NATIONAL)
        | Q(pk__in=elsewhere.values("pk"))
    )


def directory_page(locale: Locale) -> DirectoryPage | None:
    """Return the visible directory in one language."""
    return visible(DirectoryPage.objects.filter(locale=locale)).select_related("locale").first()


def directory_trail(locale: Locale, origin: str) -> list[Link]:
    """Return the breadcrumb from the home page to the directory, itself included."""
    directory = directory_page(locale)
    if directory is None:
        return []
    trail = Page.objects.ancestor_of(directory, inclusive=True).filter(depth__gt=1)
    return [
        Link.from_model(page, origin) for page in trail.select_related("locale").order_by("path")
    ]
