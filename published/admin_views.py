"""The screens of a file of the library: where it is used, and what may be done with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import cached_property
from wagtail.documents.views import documents
from wagtail.images.views import images

from core.compat.admin import AdminURLFinder, policy_registry
from published.library import LibraryPermissionPolicy, find_uses, refusal_to_change
from review.files import is_external_file

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


def policy_of(file: Any) -> LibraryPermissionPolicy:
    """Return the policy of a file of the library."""
    policy: LibraryPermissionPolicy = policy_registry.get(file)
    return policy


class EditFileMixin:
    """The screen of a file, which those who may not change it read."""

    request: HttpRequest
    object: Any

    def find_object(self, queryset: QuerySet[Any] | None) -> Any:
        """Return the file of this screen, before any check of rights."""
        raise NotImplementedError

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        """Return the file, if the user may look at it.

        Raises:
            PermissionDenied: it is in a collection of others.
        """
        found = self.find_object(queryset)
        if not policy_of(found).may_open(self.request.user, found):
            raise PermissionDenied
        return found

    @cached_property
    def refusal(self) -> str | None:
        """Why the user may look at the file and not change it."""
        return refusal_to_change(self.request.user, self.object)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the file, or refuse with the names of those who may."""
        self.object = self.get_object()
        if self.refusal:
            messages.error(request, self.refusal)
            return redirect(request.get_full_path())
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the file is used, and whether it may be changed."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        uses = find_uses(self.object, self.request.user)
        return context | {
            "file": self.object,
            "uses": uses,
            "is_public": any(use.is_public for use in uses),
            "refusal": self.refusal,
            "is_external": is_external_file(self.object),
        }


class DocumentEditView(EditFileMixin, documents.EditView):
    template_name = "core/admin/library/document.html"

    def find_object(self, queryset: QuerySet[Any] | None) -> Any:
        return super(documents.EditView, self).get_object(queryset)


class ImageEditView(EditFileMixin, images.EditView):
    template_name = "core/admin/library/image.html"

    def find_object(self, queryset: QuerySet[Any] | None) -> Any:
        return super(images.EditView, self).get_object(queryset)


class DeleteFileMixin:
    """The deletion of a file, refused with the reason where something uses it."""

    request: HttpRequest
    object: Any

    def user_has_permission(self, permission: str) -> bool:
        """Return whether the user may change the files of this collection."""
        return policy_of(self.object).may_open(self.request.user, self.object)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete the file, or refuse with the places where it is used."""
        if not self.user_has_permission("delete"):
            raise PermissionDenied
        uses = find_uses(self.object, request.user)
        if uses:
            return TemplateResponse(
                request,
                "core/admin/library/delete_refused.html",
                {
                    "file": self.object,
                    "uses": uses,
                    "back_url": AdminURLFinder().get_edit_url(self.object),
                },
                status=HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT,
            )
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class DocumentDeleteView(DeleteFileMixin, documents.DeleteView):
    pass


class ImageDeleteView(DeleteFileMixin, images.DeleteView):
    pass


class FileUsageMixin:
    """Where a file is used, for those who may look at it."""

    request: HttpRequest
    object: Any

    def user_has_permission(self, permission: str) -> bool:
        return policy_of(self.object).may_open(self.request.user, self.object)


class DocumentUsageView(FileUsageMixin, documents.UsageView):
    pass


class ImageUsageView(FileUsageMixin, images.UsageView):
    pass


def library_urls() -> list[URLPattern]:
    """Return the addresses of Wagtail's screens that ours take the place of."""
    return [
        path("documents/edit/<int:document_id>/", DocumentEditView.as_view()),
        path("documents/delete/<int:document_id>/", DocumentDeleteView.as_view()),
        path("documents/usage/<int:document_id>/", DocumentUsageView.as_view()),
        path("images/<int:image_id>/", ImageEditView.as_view()),
        path("images/<int:image_id>/delete/", ImageDeleteView.as_view()),
        path("images/usage/<int:image_id>/", ImageUsageView.as_view()),
    ]
