"""Where contents are edited and reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin.utils import quote
from django.urls import reverse
from wagtail.models import Page

if TYPE_CHECKING:
    from django.db.models import Model


def edit_path(model: type[Model], pk: Any) -> str:
    """Return the path at which a page or snippet is edited."""
    if issubclass(model, Page):
        return reverse("wagtailadmin_pages:edit", args=[pk])
    viewset: Any = model.snippet_viewset  # type: ignore[attr-defined]
    return reverse(viewset.get_url_name("edit"), args=[quote(pk)])


def compare_path(model: type[Model], pk: Any, before: int, after: int | str) -> str:
    """Return the path at which two revisions of a page or snippet are compared.

    Args:
        model: that of the page or snippet.
        pk: its key.
        before: the key of a revision.
        after: that of another, or ``"latest"``.
    """
    if issubclass(model, Page):
        return reverse("wagtailadmin_pages:revisions_compare", args=[pk, before, after])
    viewset: Any = model.snippet_viewset  # type: ignore[attr-defined]
    return reverse(viewset.get_url_name("revisions_compare"), args=[quote(pk), before, after])


def edit_address(model: type[Model], pk: Any) -> str:
    """Return the absolute address at which a page or snippet is edited, for e-mails."""
    return f"{settings.WAGTAILADMIN_BASE_URL}{edit_path(model, pk)}"
