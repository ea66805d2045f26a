"""Publishing many pages at once: those that may not become public are left out, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.compat.admin import PublishBulkAction
from review.feedback import report
from review.rights import why_not_published

if TYPE_CHECKING:
    from django.http import HttpResponse
    from wagtail.models import Page

    from core.models import User


def describe_left_out(page: Page, reason: str) -> str:
    """Return a sentence on a page that is left out."""
    return _("« %(title)s » : %(reason)s") % {"title": page, "reason": reason}


class PublishPages(PublishBulkAction):
    """Wagtail's, which fails as a whole on what may not become public."""

    def check_perm(self, page: Page) -> bool:
        """Return whether this person may publish a page."""
        # The right first, which needs no query: lists ask for each of their rows.
        return (
            super().check_perm(page) and why_not_published(page.specific, self.request.user) is None
        )

    def explain_left_out(self, page: Page) -> str:
        """Return why a page is left out, and what to do instead."""
        return why_not_published(page.specific, self.request.user) or ""

    def prepare_action(
        self, objects: list[Page], objects_without_access: dict[str, list[Page]]
    ) -> HttpResponse | None:
        """Name what is left out; go back where nothing is left."""
        for page in objects_without_access["items_with_no_access"]:
            messages.warning(self.request, describe_left_out(page, self.explain_left_out(page)))
        return None if objects else redirect(self.next_url)

    @classmethod
    def execute_action(
        cls,
        objects: list[Page],
        include_descendants: bool = False,
        user: User | None = None,
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Publish pages, and what is below them as far as it may become public."""
        count, _none = super().execute_action(objects, user=user, **kwargs)
        below = [page for each in objects for page in each.get_descendants().not_live().specific()]
        published = 0
        for page in below if include_descendants else []:
            reason = why_not_published(page, user)
            if reason is None:
                (page.get_latest_revision() or page.save_revision(user=user)).publish(user=user)
                published += 1
            else:
                report(messages.WARNING, describe_left_out(page, reason))
        return count, published
