"""The review in the administration: refusals to publish are explained where they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from wagtail import hooks

from review import translation_hooks  # noqa: F401
from review.models import ExternalContent
from review.provenance import pending_mark
from review.rights import UNREVIEWED
from review.workflow import is_reviewed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from wagtail.admin.action_menu import ActionMenuItem
    from wagtail.models import Page


def is_unreviewed(page: Page) -> bool:
    """Return whether a page waits for its review."""
    mark = pending_mark(page)
    return mark is not None and not is_reviewed(mark, page.get_latest_revision())


@hooks.register("before_publish_page")
def refuse_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to publish a page that waits for its review, with the reason."""
    if not is_unreviewed(page):
        return None
    messages.error(request, UNREVIEWED)
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("before_bulk_action")
def refuse_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], view: Any
) -> HttpResponse | None:
    """Refuse to publish pages when one of them waits for its review."""
    if action_type != "publish":
        return None
    keys = {str(page.pk) for page in objects}
    for page in objects:
        if hasattr(page, "get_descendants"):
            keys |= {str(pk) for pk in page.get_descendants().values_list("pk", flat=True)}
    if ExternalContent.objects.filter(object_id__in=keys, is_pending=True).exists():
        messages.error(request, UNREVIEWED)
        return redirect("wagtailadmin_home")
    return None


@hooks.register("construct_page_action_menu")
def hide_publish(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """Remove « Publier » from the menu of a page that waits for its review."""
    page = context.get("page")
    if page is not None and page.pk and pending_mark(page):
        items[:] = [item for item in items if item.name != "action-publish"]
