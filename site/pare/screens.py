"""The pages of the site that no row stands for: what the site keeps of its visitors, forms, search.

One table for `resolve/`, the sitemap and the contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from pydantic import Field

from contributions.kinds import kind_for_slug
from core.references import Ref, to_words
from core.schemas import PageDetail
from core.web.links import build_absolute_url, localized_path
from home.privacy import build_privacy_notice
from home.schemas import PrivacyNotice
from published.composing import Entry, Head, Reading, compose

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_KEY = UUID(int=0)


class PrivacyDetail(PageDetail):
    """What the site keeps of visitors, as the endpoint `privacy/` gives it."""

    type: Literal["privacy"] = "privacy"
    notice: PrivacyNotice


class ScreenDetail(PageDetail):
    """A page of the site that has no content of its own: the search, or a form."""

    type: Literal["screen"] = "screen"
    api_url: str | None = Field(description="Absolute address of the endpoint that does the same.")


class Screen(NamedTuple):
    """What is known of such a page."""

    title: Any
    endpoint: str = ""
    """The route of the endpoint that does the same."""
    is_indexed: bool = True
    """Whether search engines may have it, as its template states."""


SCREENS: dict[str, Screen] = {
    "privacy": Screen(_("Ce que le site garde de vous, et vos droits"), "api_v1:get_privacy"),
    "search": Screen(_("Recherche"), "api_v1:search", is_indexed=False),
    "contributions:choose": Screen(_("Contribuer"), "api_v1:send_contribution"),
    "newsletter:subscribe": Screen(_("Recevoir la lettre"), "api_v1:post_subscription"),
    "newsletter:link": Screen(
        _("Recevoir le lien de votre abonnement, pour tout voir ou tout effacer"), is_indexed=False
    ),
}
"""By the name of their routes."""
FORM = "contributions:contribute"
"""The route of the form of each kind of contribution."""


def build_screen(
    route: str, arguments: Mapping[str, Any], language: str, origin: str
) -> PageDetail | None:
    """Return what stands at a route, if it is the route of such a page.

    Args:
        route: its name.
        arguments: what its address holds.
        language: that of the reader.
        origin: what addresses start with.
    """
    with override(language):
        screen = _find_screen(route, arguments)
        if screen is None:
            return None
        path = localized_path(route, language, *arguments.values())
        title = str(screen.title)
        words: dict[str, Any] = {"title": title, "summary": "", "is_demo": False}
        schema: Any = ScreenDetail
        if route == "privacy":
            schema, notice = PrivacyDetail, build_privacy_notice(language, origin)
            words |= {"summary": notice.summary, "notice": notice.model_dump()}
        else:
            url = build_absolute_url(reverse(screen.endpoint), origin) if screen.endpoint else None
            words["api_url"] = url
        words["breadcrumbs"] = Ref("breadcrumbs", (path,))
        words["seo"] = {"title": title, "description": words["summary"], "image_url": None}
        entry = Entry(schema, to_words(words), Head(0, path, language, NO_KEY, None, None))
        (page,) = compose([entry], Reading(origin, language), with_translations=False)
    return page


def _find_screen(route: str, arguments: Mapping[str, Any]) -> Screen | None:
    if route == FORM:
        kind = kind_for_slug(arguments["slug"])
        return Screen(kind.label, "api_v1:send_contribution") if kind else None
    return SCREENS.get(route)
