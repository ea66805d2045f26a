"""What came with a contribution is chosen in the draft of this contribution, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from wagtail.documents.views.chooser import DocumentChosenMultipleView, DocumentChosenView
from wagtail.documents.views.chooser import viewset as document_choosers
from wagtail.images.views.chooser import (
    ImageChosenMultipleView,
    ImageChosenView,
    ImageSelectFormatView,
)
from wagtail.images.views.chooser import viewset as image_choosers
from wagtail.models import Page

from core.compat.admin import policy_registry
from review.files import own_file_ids

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest


def get_edited_content(request: HttpRequest) -> Model | None:
    """Return the page or snippet on whose screen a chooser was opened, if the user may edit it.

    The choosers know nothing of it: the browser gives the address of that screen.
    """
    try:
        match = resolve(urlsplit(request.headers.get("Referer", "")).path)
    except Resolver404:
        return None
    options = getattr(match.func, "view_initkwargs", {})
    model = Page if "page_id" in match.kwargs else options.get("model")
    key = match.kwargs.get("page_id", match.kwargs.get("pk"))
    content = model._default_manager.filter(pk=key).first() if model and key else None
    if content is None:
        return None
    policy = policy_registry.get(content)
    may_edit = policy.user_has_permission_for_instance(request.user, "change", content)
    return content if may_edit else None


def own_files(model: type[Any], request: HttpRequest) -> QuerySet[Any]:
    """Return the files from outside that may be chosen for the content that is edited."""
    rows: QuerySet[Any] = model._default_manager.all()
    content = get_edited_content(request)
    if content is None or not policy_registry.get_by_type(model).user_has_permission(
        request.user, "choose"
    ):
        return rows.none()
    return rows.filter(pk__in=own_file_ids(model, content))


def add_own_files(files: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Return the files of a chooser, with those of the contribution that is edited."""
    own = list(own_files(files.model, request).values_list("pk", flat=True))
    if not own:
        return files
    return files | files.model._default_manager.filter(pk__in=own)


class ChosenFileMixin:
    """The answer of a chooser for one file."""

    request: HttpRequest
    model: Any

    def get_object(self, pk: Any) -> Any:
        found = own_files(self.model, self.request).filter(pk=pk).first()
        return found or super().get_object(pk)  # type: ignore[misc]


class ChosenFilesMixin:
    """The answer of a chooser for several files."""

    request: HttpRequest
    model: Any

    def get_objects(self, pks: list[Any]) -> QuerySet[Any]:
        chosen: QuerySet[Any] = super().get_objects(pks)  # type: ignore[misc]
        own = own_files(self.model, self.request).filter(pk__in=pks)
        return self.model._default_manager.filter(
            pk__in=[*chosen.values_list("pk", flat=True), *own.values_list("pk", flat=True)]
        )


def patch_choosers() -> None:
    """Patch the choosers of Wagtail to find what came with the content that is edited."""
    document_choosers.chosen_view_class = type(
        "ChosenDocument", (ChosenFileMixin, DocumentChosenView), {}
    )
    document_choosers.chosen_multiple_view_class = type(
        "ChosenDocuments", (ChosenFilesMixin, DocumentChosenMultipleView), {}
    )
    image_choosers.chosen_view_class = type("ChosenImage", (ChosenFileMixin, ImageChosenView), {})
    image_choosers.chosen_multiple_view_class = type(
        "ChosenImages", (ChosenFilesMixin, ImageChosenMultipleView), {}
    )
    image_choosers.select_format_view_class = type(
        "SelectFormat", (ChosenFileMixin, ImageSelectFormatView), {}
    )
