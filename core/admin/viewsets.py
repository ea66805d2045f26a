"""Read-only lists of the administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import path
from django_filters import ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

if TYPE_CHECKING:
    from django.urls import URLPattern

NO_EDITING = dict.fromkeys(
    ("add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name")
)


class UsedChoicesFilterSet(WagtailFilterSet):
    """Filters that offer what rows of the list lead to.

    Filtering by account would else name every account to all who read the list.
    """

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> tuple[Any, dict[str, Any]]:
        """Return the filter of a field, and what it takes."""
        filter_class, params = super().filter_for_lookup(field, lookup_type)
        if filter_class is ModelChoiceFilter:
            used = field.model._default_manager.values(field.name)
            params["queryset"] = field.related_model._default_manager.filter(pk__in=used)
        return filter_class, params


class ListOnlyIndexView(IndexView):
    """A list whose filters name nobody who is not in it."""

    base_filterset_class = UsedChoicesFilterSet


class ListOnlyViewSet(ModelViewSet):
    """A viewset with a list only; a subclass may add actions on a row."""

    index_view_class = ListOnlyIndexView
    copy_view_enabled = False
    form_fields: ClassVar[list[str]] = []

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the paths of the list, without those of editing."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Remove the addresses of the views that are left out."""
        return super().get_common_view_kwargs(**kwargs) | NO_EDITING

    def register_admin_url_finder(self) -> None:
        """Register no page to edit, which reports would link to."""
