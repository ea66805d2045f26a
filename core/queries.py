"""What the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
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
)
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

if TYPE_CHECKING:
    from django.db.models import Model

P = TypeVar("P", bound=Page)


def visible(pages: QuerySet[P]) -> QuerySet[P]:
    """Keep the pages that anyone may read now: live, not expired, under no privacy restriction.

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
    """Tell whether anyone may read this page now."""
    return visible(Page.objects.filter(pk=page.pk)).exists()


def page_or_404(model: type[P], pk: int) -> P:
    """Return one page that anyone may read now.

    Raises:
        Http404: there is none; a hidden page and a missing one can't be told apart.
    """
    return get_object_or_404(visible(model._default_manager.select_related("locale")), pk=pk)


def used_in_public(model: type[Model]) -> QuerySet[ReferenceIndex]:
    """Return the keys of the objects of ``model`` that something public refers to.

    Public are the visible pages, in what they show now and not in their
    drafts, and the snippets that the API always says (``is_spoken``). Tells
    which files of the library may leave it.
    """
    pages = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=visible(Page.objects.all())
        .annotate(key=Cast("pk", output_field=CharField()))
        .values("key"),
    )
    spoken = [m for m in apps.get_models() if getattr(m, "is_spoken", False)]
    snippets = ReferenceIndex.objects.filter(
        content_type__in=ContentType.objects.get_for_models(*spoken).values()
    )
    return (
        (pages | snippets)
        .filter(to_content_type=ContentType.objects.get_for_model(model))
        .annotate(key=Cast("to_object_id", output_field=BigIntegerField()))
        .values("key")
    )
