"""Which pages and files the public may see, and in which language."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.models import Page, PageViewRestriction, ReferenceIndex, TranslatableMixin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import Model

M = TypeVar("M", bound="Model")
P = TypeVar("P", bound=Page)
T = TypeVar("T", bound=TranslatableMixin)


def visible(pages: QuerySet[P]) -> QuerySet[P]:
    """Filter the pages that anyone may read now: live, not expired, without privacy restriction.

    Expiry is asked of the clock, since ``live`` only follows it at the next run
    of ``publish_scheduled``. Restrictions are asked in the same query, where
    ``PageQuerySet.public()`` would cost one more.
    """
    path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    restricted = PageViewRestriction.objects.alias(reader=path).filter(
        reader__startswith=F("page__path")
    )
    return pages.filter(
        Q(expire_at__isnull=True) | Q(expire_at__gt=timezone.now()), ~Exists(restricted), live=True
    )


def is_visible(page: Page) -> bool:
    """Return whether anyone may read this page now."""
    return visible(Page.objects.filter(pk=page.pk)).exists()


def prefer_locale(rows: Iterable[T], locale: str) -> list[T]:
    """Return one version of each translatable row, that of *locale* where there is one.

    So nothing disappears for want of a translation.

    Args:
        rows: of the language and of those that stand in for it, in their order, with their
            locales.
        locale: the language (BCP 47).
    """
    chosen: dict[UUID, T] = {}
    for row in rows:
        if row.locale.language_code == locale or row.translation_key not in chosen:
            chosen[row.translation_key] = row
    return list(chosen.values())


def localized_page_ids(ids: Iterable[int]) -> dict[int, int]:
    """Return the id of each page's visible translation into the active language, or its own.

    Editors choose pages in French once; a translated page then leads to translations as they
    come. Costs a query, or none in French.

    Args:
        ids: keys of pages.

    Returns:
        The key of the version, by the key that was given; the same where there is no other.
    """
    versions = {pk: pk for pk in ids}
    language = get_language() or settings.LANGUAGE_CODE
    if not versions or language == settings.LANGUAGE_CODE:
        return versions
    version = visible(
        Page.objects.order_by().filter(
            translation_key=OuterRef("translation_key"), locale__language_code=language
        )
    )
    translated = (
        Page.objects.order_by()
        .filter(pk__in=versions)
        .annotate(version=Subquery(version.values("pk")[:1]))
        .exclude(version=None)
    )
    return versions | dict(translated.values_list("pk", "version"))


def filter_by_locale(rows: QuerySet[M], locale: str, fallback: bool) -> QuerySet[M]:
    """Filter the rows in a language; with *fallback*, add French ones not translated into it.

    Args:
        rows: visible rows of a translatable model.
        locale: the language (BCP 47).
        fallback: whether French may stand in.
    """
    asked = Q(locale__language_code=locale)
    if not fallback or locale == settings.LANGUAGE_CODE:
        return rows.filter(asked)
    translated = rows.order_by().filter(asked, translation_key=OuterRef("translation_key"))
    french = Q(~Exists(translated), locale__language_code=settings.LANGUAGE_CODE)
    return rows.filter(asked | french)


def page_or_404(model: type[P], pk: int) -> P:
    """Return one page that anyone may read now.

    Raises:
        Http404: there is none; a hidden page and a missing one can't be told apart.
    """
    return get_object_or_404(visible(model._default_manager.select_related("locale")), pk=pk)


def publicly_referenced_ids(model: type[Model]) -> QuerySet[ReferenceIndex]:
    """Return the keys of the objects of ``model`` that something public refers to.

    Public are the visible pages, in what they show now and not in their
    drafts, and the snippets that the API always shows (``affects_public_content``). A file
    of the library is served only if it is among them.
    """
    pages = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=visible(Page.objects.all())
        .annotate(key=Cast("pk", output_field=CharField()))
        .values("key"),
    )
    spoken = [m for m in apps.get_models() if getattr(m, "affects_public_content", False)]
    snippets = ReferenceIndex.objects.filter(
        content_type__in=ContentType.objects.get_for_models(*spoken).values()
    )
    return (
        (pages | snippets)
        .filter(to_content_type=ContentType.objects.get_for_model(model))
        .annotate(key=Cast("to_object_id", output_field=BigIntegerField()))
        .values("key")
    )
