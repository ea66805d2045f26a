"""What endpoints and pages give of one item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from core.web.links import request_origin
from published.composing import detail_of
from published.queries import items

if TYPE_CHECKING:
    from django.http import HttpRequest


def detail_or_404(request: HttpRequest, pk: int, *kinds: str) -> Any:
    """Return the detail of one page that anyone may read now.

    Args:
        request: whose origin addresses start with.
        pk: the key of the page.
        kinds: those that may be asked for here.

    Raises:
        Http404: there is none; a hidden page and a missing one can't be told apart.
    """
    item = items(*kinds).filter(thing_id=pk).first()
    detail = detail_of(item, request_origin(request)) if item else None
    if detail is None:
        raise Http404
    return detail
