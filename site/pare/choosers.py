"""Links of choosers, for the person who reads the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.compat.admin import AdminURLFinder, chooser_widgets
from core.models import User
from review.actors import current_actor

if TYPE_CHECKING:
    from django.db.models import Model


class ReaderURLFinder(AdminURLFinder):
    """Find the addresses that the person who reads the screen may open."""

    def __init__(self, user: User | None = None) -> None:
        actor = current_actor()
        super().__init__(user or (actor.user if actor else None))

    def get_edit_url(self, instance: Model) -> str:
        """Return the address, empty if there is none: the widgets write what they are given."""
        return super().get_edit_url(instance) or ""


def patch_wagtail_choosers() -> None:
    """Patch Wagtail to link what is chosen to its editor for those who may edit it.

    Its widgets know no request, and link it for everyone.
    """
    chooser_widgets.AdminURLFinder = ReaderURLFinder
