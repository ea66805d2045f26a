"""Wagtail's API v2, read-only, where ``WAGTAIL_API_V2`` has it: no more than the public may see."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.serializers import (
    PageAliasOfField,
    PageHtmlUrlField,
    PageParentField,
    PageSerializer,
    RelatedField,
    get_serializer_class,
)
from wagtail.api.v2.utils import BadRequestError
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Page

from core.models import Document, Image
from core.web.links import build_absolute_url, request_origin
from published.queries import item_of, public_file_keys, visible
from review.content import canonical_content, changed_fields

LONGEST_NUMBER = 18
"""Digits of the largest number that a database takes for a key."""


def is_as_admitted(page: Page) -> bool:
    """Return whether the row of a page has the words that were admitted of it."""
    specific = page.specific
    item = item_of(specific)
    if item is None or specific.slug != item.slug:
        return False
    words, admitted = (
        canonical_content(content) for content in (specific.serializable_data(), item.content)
    )
    # An alias has the words of its source, and a slug of its own.
    return changed_fields(words, admitted) in ([], ["slug"])


def readable(page: Page) -> Page | None:
    """Return a page if anyone may read it, and its row has the words that were admitted."""
    if not visible(Page.objects.filter(pk=page.pk)).exists():
        return None
    return page if is_as_admitted(page) else None


def represent(page: Page, context: dict[str, Any]) -> Any:
    """Return what is given of a page to which another leads."""
    meta = ["type", "detail_url", "html_url"]
    made = get_serializer_class(
        type(page), ["id", *meta, "title"], meta_fields=meta, base=AdmittedPageSerializer
    )
    return made(context=context).to_representation(page)


class AdmittedUrl(PageHtmlUrlField):
    """The address at which a page was admitted: that of its row has what scripts wrote."""

    def to_representation(self, page: Page) -> str:
        item = item_of(page)
        path = item.path if item else ""
        return build_absolute_url(path, request_origin(self.context["request"]))


class ReadableAlone:
    """Gives what a page leads to; a page only if anyone may read it as it is."""

    def get_attribute(self, instance: Page) -> Any:
        found = super().get_attribute(instance)  # type: ignore[misc]
        return readable(found) if isinstance(found, Page) else found


class AdmittedParent(ReadableAlone, PageParentField):
    """The page above."""

    def to_representation(self, value: Page) -> Any:
        return represent(value, self.context)


class AdmittedSource(ReadableAlone, PageAliasOfField):
    """The page of which another is an alias."""

    def to_representation(self, value: Page) -> Any:
        return represent(value, self.context)


class AdmittedRelated(ReadableAlone, RelatedField):
    """What a page refers to."""


class AdmittedPageSerializer(PageSerializer):
    """Wagtail's, which gives of the pages around a page what their rows have."""

    html_url = AdmittedUrl(read_only=True)
    parent = AdmittedParent(read_only=True)
    alias_of = AdmittedSource(read_only=True)
    serializer_related_field = AdmittedRelated


class FindsByNumber:
    """Finds by a number; Wagtail's fails of any other word."""

    def find_object(self, queryset: QuerySet[Any], request: HttpRequest) -> Any:
        """Return what is found by its number, or by what else Wagtail takes.

        Raises:
            BadRequestError: it is no number.
        """
        asked = request.GET.get("id", "1")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER):
            raise BadRequestError("id must be a number")
        return super().find_object(queryset, request)  # type: ignore[misc]


class AdmittedPages(FindsByNumber, PagesAPIViewSet):
    """Pages whose rows have the words that were admitted, and that anyone may read now.

    Wagtail's API reads rows. One that was written since without being published is left out.
    """

    base_serializer_class = AdmittedPageSerializer

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


class UsedDocuments(FindsByNumber, DocumentsAPIViewSet):
    """Documents that visible pages use, where Wagtail would list the whole library."""

    def get_queryset(self) -> QuerySet[Document]:
        return super().get_queryset().filter(pk__in=public_file_keys(Document))


def without_download_url(names: list[str]) -> list[str]:
    """Return the field names without that of the address of an original."""
    return [name for name in names if name != "download_url"]


class UsedImages(FindsByNumber, ImagesAPIViewSet):
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
