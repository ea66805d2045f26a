"""The ways in which a draft is previewed, besides the page that it makes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core.registry import get_composer
from core.web.links import request_origin

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class PreviewMode:
    """A mode of preview.

    Attributes:
        name: that in addresses.
        label: what editors choose.
        serve: returns the response for an instance.
        is_for: whether instances of a model have this mode.
    """

    name: str
    label: Any
    serve: Callable[[Any, HttpRequest], HttpResponse]
    is_for: Callable[[type], bool]


_modes: dict[str, PreviewMode] = {}


def register_preview(
    name: str, label: Any, is_for: Callable[[type], bool] = lambda model: True
) -> Callable[[Any], Any]:
    """Register the decorated function as a mode of preview."""

    def register(serve: Any) -> Any:
        _modes[name] = PreviewMode(name, label, serve, is_for)
        return serve

    return register


class WithPreviewModes:
    """What can be previewed as itself, and in every mode that is registered for it."""

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Return the names and labels of the modes, the page itself first."""
        ours = [(mode.name, mode.label) for mode in _modes.values() if mode.is_for(type(self))]
        return [("", _("Page")), *ours]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Return the preview of a mode."""
        mode = _modes.get(mode_name)
        if mode is None or not mode.is_for(type(self)):
            response: HttpResponse = super().serve_preview(request, mode_name)  # type: ignore[misc]
            return response
        request.is_preview = True  # type: ignore[attr-defined]
        return mode.serve(self, request)


@register_preview("json", _("JSON de l'API"))
def preview_json(thing: Any, request: HttpRequest) -> HttpResponse:
    """Show what the API would return of a draft, to read."""
    schema = get_composer().draft(thing, request_origin(request))
    content = json.dumps(
        schema.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=2
    )
    return render(request, "core/admin/preview_json.html", {"content": content})
