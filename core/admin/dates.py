"""Dates that are typed in the administration: what can't be read is an error, and never now."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminTimeInput

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_wagtail_dates() -> None:
    """Have the pickers leave what was typed as it is, for the form to read, and take their room.

    On leaving the field they write this very moment over what is not in their format: a training
    typed otherwise would take place on the day on which it was announced.
    """
    for widget in (AdminDateInput, AdminDateTimeInput, AdminTimeInput):
        if not hasattr(widget.get_config, "__wrapped__"):
            widget.get_config = _leaving(widget.get_config)


def _leaving(get_config: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    @wraps(get_config)
    def leaving(self: Any) -> dict[str, Any]:
        # Beside its field, so that a style sheet can make room for it: it lies over what is below.
        return {**get_config(self), "validateOnBlur": False, "insideParent": True}

    return leaving
