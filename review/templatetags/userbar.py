"""Wagtail's user bar on the public site, for the team alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from wagtail.admin.userbar import Userbar

from review.groups import is_team

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def editors_bar(context: dict[str, Any]) -> str:
    """Return Wagtail's user bar, which leads a member of the team from a page to its editor.

    Wagtail's own tag looks for the page in the context, where there are schemas alone.
    """
    request: HttpRequest | None = context.get("request")
    shown = getattr(request, "shown_object", None)
    if request is None or shown is None or not _is_for_team(request):
        return ""
    # Looked up here, for the team alone: it may have gone since the page was read.
    if not shown:
        return ""
    request.has_editors_bar = True  # type: ignore[attr-defined]
    return Userbar(object=shown).render_html(context)


def _is_for_team(request: HttpRequest) -> bool:
    # Nobody is looked up for a visitor: the answer would vary by a cookie that there is not.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return is_team(request.user)
