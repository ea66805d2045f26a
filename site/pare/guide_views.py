"""The guide of the team in the administration, for the team alone."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pare.guide import GUIDE, INDEX, find_page, read_page
from review.groups import is_team

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    View = Callable[..., HttpResponse]


def _for_team(view: View) -> View:
    """Refuse a view to all but the team."""

    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_team(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return refusing


@require_safe
@_for_team
def guide_page(request: HttpRequest, name: str = INDEX) -> HttpResponse:
    """Show a page of the guide.

    Raises:
        Http404: it has none of that name.
    """
    path = find_page(name)
    if path is None:
        raise Http404
    context = {"page": read_page(path), "is_index": name == INDEX}
    return render(request, "guide/admin/page.html", context)


@require_safe
@_for_team
def guide_image(request: HttpRequest, name: str) -> HttpResponse:
    """Return a picture of the guide.

    Raises:
        Http404: it has none of that name.
    """
    path = GUIDE / "images" / name
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/webp")
