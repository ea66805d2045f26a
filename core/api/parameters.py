"""Query parameters that no endpoint knows, or not so often: a mistake must not pass unseen."""

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


class RepeatedParameter(Exception):
    """A query parameter that is given several times, of which the endpoint takes one value."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(", ".join(names))


def refuse_wrong_parameters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse, before a read, the query parameters that its signature does not name, or repeat.

    Django would give the last value of those that take one.

    An API adds it to all of its operations (``add_decorator``), so that none can forget it.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET":
            # Where Ninja leaves what it read of the view's signature.
            operation = view._ninja_operation  # type: ignore[attr-defined]
            known = query_parameters(operation)
            unknown = sorted(set(request.GET) - set(known))
            if unknown:
                raise UnknownParameter(unknown, known)
            given = {name for name, values in request.GET.lists() if len(values) > 1}
            if repeated := sorted(given - set(list_parameters(operation))):
                raise RepeatedParameter(repeated)
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


def list_parameters(operation: Operation) -> list[str]:
    """Return the names of the query parameters that an operation takes several values of."""
    return [
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_collection_fields__", ())
    ]
