"""The page that lists the structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from core.models import IndexPage
from network.access import prevent_shared_caching, site_access_level

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class DirectoryPage(IndexPage):
    """The directory and map of the structures."""

    template = "network/directory_page.html"
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("annuaire du réseau")
        verbose_name_plural = _("annuaires du réseau")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the page, which no shared cache may keep for a member."""
        return prevent_shared_caching(
            super().serve(request, *args, **kwargs), site_access_level(request)
        )
