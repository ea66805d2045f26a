"""Which issues the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.queries import visible
from newsletter.models import NewsletterIssuePage

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet


def published_issues() -> PageQuerySet[NewsletterIssuePage]:
    """Return the visible issues, latest first, ready to be said as cards."""
    return (
        visible(NewsletterIssuePage.objects.all())
        .select_related("locale")
        # Long, and no card shows them.
        .defer("editorial", "sections")
        .order_by("-number", "-pk")
    )
