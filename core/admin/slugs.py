"""Fields for slugs, which browsers fill from the title as the server would."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from wagtail.admin.widgets.slug import SlugInput

from core.slugs import slug_formatters

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_wagtail_slugs() -> None:
    """Have every field for a slug follow our rules: copying a page builds one by itself."""
    if not hasattr(SlugInput.__init__, "__wrapped__"):
        SlugInput.__init__ = _with_formatters(SlugInput.__init__)


def _with_formatters(initialize: Callable[..., None]) -> Callable[..., None]:
    @wraps(initialize)
    def initialize_with_formatters(
        self: Any, attrs: Any = None, formatters: Any = None, locale: Any = None
    ) -> None:
        initialize(self, attrs, formatters or list(slug_formatters()), locale)

    return initialize_with_formatters
