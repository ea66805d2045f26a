"""Wagtail's API v2, read-only, where ``WAGTAIL_API_V2`` has it: no more than the public may see."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.http import Http404
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Page

from core.models import Document, Image
from published.queries import item_of, public_file_keys, visible
from review.content import canonical_hash


def is_as_admitted(page: Page) -> bool:
    """Return whether the row of a page has the words that were admitted of it."""
    specific = page.specific
    item = item_of(specific)
    if item is None:
        return False
    return item.is_alias or canonical_hash(specific.serializable_data()) == item.content_hash


class AdmittedPages(PagesAPIViewSet):
    """Pages whose rows have the words that were admitted, and that anyone may read now.

    Wagtail's API reads rows. One that was written since without being published is left out.
    """

    def get_base_queryset(self, *args: object, **kwargs: object) -> QuerySet[Page]:
        return visible(super().get_base_queryset(*args, **kwargs))

    def paginate_queryset(self, queryset: QuerySet[Page]) -> list[Page]:
        pages: list[Page] = list(super().paginate_queryset(queryset))
        admitted = [page for page in pages if is_as_admitted(page)]
        # Nor does the count tell that a row has a word that was searched for.
        self.paginator.total_count -= len(pages) - len(admitted)
        return admitted

    def get_object(self) -> Page:
        """Return the page that is asked for.

        Raises:
            Http404: there is none, or its row has other words than were admitted.
        """
        page: Page = super().get_object()
        if not is_as_admitted(page):
            raise Http404
        return page


class UsedDocuments(DocumentsAPIViewSet):
    """Documents that visible pages use, where Wagtail would list the whole library."""

    def get_queryset(self) -> QuerySet[Document]:
        return super().get_queryset().filter(pk__in=public_file_keys(Document))


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
        return super().get_queryset().filter(pk__in=public_file_keys(Image))


# The name by which Wagtail's cache purging finds these addresses.
router = WagtailAPIRouter("wagtailapi_v2")
router.register_endpoint("pages", AdmittedPages)
router.register_endpoint("documents", UsedDocuments)
router.register_endpoint("images", UsedImages)
