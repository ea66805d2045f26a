"""What the public reads of a page, for templates of the administration."""

from __future__ import annotations

from django import template
from wagtail.models import Page

from published.queries import page_items

register = template.Library()


@register.filter
def public_path(page: Page | None) -> str:
    """Return the path at which the public reads a page now; empty if it does not."""
    if page is None or page.pk is None:
        return ""
    return page_items().filter(page=page.pk).values_list("path", flat=True).first() or ""
