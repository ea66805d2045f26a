"""Lists of the administration in which nothing is made or changed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import path
from wagtail.admin.viewsets.model import ModelViewSet

if TYPE_CHECKING:
    from django.urls import URLPattern

NO_EDITING = dict.fromkeys(
    ("add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name")
)


class ListOnlyViewSet(ModelViewSet):
    """A list alone; a subclass may add what else can be done with a row."""

    copy_view_enabled = False
    form_fields: ClassVar[list[str]] = []

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the list alone."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out the addresses of the views that are not there."""
        return super().get_common_view_kwargs(**kwargs) | NO_EDITING
