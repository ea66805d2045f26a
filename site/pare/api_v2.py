"""Wagtail's API v2, read-only: it shows no more than the public may see."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Page

from core.models import Document, Image
from core.queries import publicly_referenced_ids, visible


class VisiblePages(PagesAPIViewSet):
    """Pages, without those that have expired and that no task has unpublished yet."""

    def get_base_queryset(self, *args: object, **kwargs: object) -> QuerySet[Page]:
        return visible(super().get_base_queryset(*args, **kwargs))


class UsedDocuments(DocumentsAPIViewSet):
    """Documents that visible pages use, where Wagtail would list the whole library."""

    def get_queryset(self) -> QuerySet[Document]:
        return super().get_queryset().filter(pk__in=publicly_referenced_ids(Document))


def without_download_url(names: list[str]) -> list[str]:
    """Return the field names without that of the address of an original."""
    return [name for name in names if name != "download_url"]


class UsedImages(ImagesAPIViewSet):
    """Images that visible pages use, where Wagtail would list the whole library."""

    meta_fields: ClassVar[list[str]] = without_download_url(ImagesAPIViewSet.meta_fields)
    listing_default_fields: ClassVar[list[str]] = without_download_url(
        ImagesAPIViewSet.listing_default_fields
    )
    nested_default_fields: ClassVar[list[str]] = without_download_url(
        ImagesAPIViewSet.nested_default_fields
    )

    def get_queryset(self) -> QuerySet[Image]:
        return super().get_queryset().filter(pk__in=publicly_referenced_ids(Image))


# The name by which Wagtail's cache purging finds these addresses.
router = WagtailAPIRouter("wagtailapi_v2")
router.register_endpoint("pages", VisiblePages)
router.register_endpoint("documents", UsedDocuments)
router.register_endpoint("images", UsedImages)
