"""Where pages of a type may be added, as Wagtail's list of the pages of a type offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.compat.admin import ChooseParentView, ContentTypeUseView

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

    from core.models import User


def patch_wagtail_page_types() -> None:
    """Patch Wagtail to offer a new page of a type only where one has its place.

    It forgets how many of a type there may be, leads there and then refuses.
    """
    find_parents = ChooseParentView.get_valid_parent_pages
    add_url = ContentTypeUseView.get_add_url

    def get_valid_parent_pages(self: Any, user: User) -> PageQuerySet[Any]:
        parents: PageQuerySet[Any] = find_parents(self, user)
        if self.model.max_count is None and self.model.max_count_per_parent is None:
            return parents
        return parents.filter(
            pk__in=[each.pk for each in parents if self.model.can_create_at(each)]
        )

    def get_add_url(self: Any) -> str | None:
        choosing = ChooseParentView(model=self.model)
        choosing.setup(self.request)
        if not choosing.get_valid_parent_pages(self.request.user).exists():
            return None
        return str(add_url(self))

    ChooseParentView.get_valid_parent_pages = get_valid_parent_pages
    ContentTypeUseView.get_add_url = get_add_url
