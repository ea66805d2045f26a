"""Query parameters that no endpoint knows: a typing mistake must not pass unseen."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from ninja.operation import Operation


class UnknownParameter(Exception):
    """A query parameter that the endpoint does not know."""

    def __init__(self, names: list[str], known: list[str]) -> None:
        self.names, self.known = names, known
        super().__init__(", ".join(names))


def refuse_unknown_parameters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse, before a read, the query parameters that its signature does not name.

    An API adds it to all of its operations (``add_decorator``), so that none can forget it.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET":
            # Where Ninja leaves what it read of the view's signature.
            known = query_parameters(view._ninja_operation)  # type: ignore[attr-defined]
            unknown = sorted(set(request.GET) - set(known))
            if unknown:
                raise UnknownParameter(unknown, known)
        return view(request, *args, **kwargs)

    return wrapper


def query_parameters(operation: Operation) -> list[str]:
    """Return the names of the query parameters that an operation takes."""
    return [
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    ]
