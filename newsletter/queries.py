"""Which issues the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.queries import filter_by_locale, visible
from newsletter.models import NewsletterIssuePage

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet


def published_issues(locale: str, fallback: bool = False) -> PageQuerySet[NewsletterIssuePage]:
    """Return the visible issues in a language, latest first, with what their cards show.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
    """
    return (
        filter_by_locale(visible(NewsletterIssuePage.objects.all()), locale, fallback)
        .select_related("locale")
        # Long, and no card shows them.
        .defer("editorial", "sections")
        .order_by("-number", "-pk")
    )
