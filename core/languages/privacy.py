"""Privacy in every language: a page that is restricted is restricted wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from wagtail.models import Page, PageViewRestriction

if TYPE_CHECKING:
    from django.db.models import QuerySet


def restrict_versions(restriction: PageViewRestriction) -> None:
    """Restrict the aliases of a page and, of a French one, its translations, as it is itself.

    The pages below them go with them, as those below the page do.
    """
    values = {"restriction_type": restriction.restriction_type, "password": restriction.password}
    groups = set(restriction.groups.all())
    for version in _versions_of(restriction.page):
        copy, created = PageViewRestriction.objects.get_or_create(page=version, defaults=values)
        if not created and any(getattr(copy, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(copy, name, value)
            copy.save()
        if set(copy.groups.all()) != groups:
            copy.groups.set(groups)


def lift_from_aliases(page_id: int) -> None:
    """Lift the restrictions of the aliases of a page, which show what it shows.

    Its translations keep theirs: to make their words public is for who may publish them.
    """
    PageViewRestriction.objects.filter(page__alias_of=page_id).delete()


def _versions_of(page: Page) -> QuerySet[Page]:
    versions = Q(alias_of=page.pk)
    if page.locale.language_code == settings.LANGUAGE_CODE:
        versions |= Q(translation_key=page.translation_key)
    return Page.objects.filter(versions).exclude(pk=page.pk)
