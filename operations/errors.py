"""Reports of errors to Sentry, where one is set, without anything of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operations.logs import scrub
from operations.request_context import current_request

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

LEFT_OUT = ("user", "request", "breadcrumbs", "modules", "extra")


def start(dsn: str, release: str, **options: Any) -> None:
    """Report errors from now on.

    Args:
        dsn: the address of the project in Sentry.
        release: of this program.
        options: of the SDK, beside ours.
    """
    import sentry_sdk  # noqa: PLC0415 (only where one is set: it takes memory)

    sentry_sdk.init(
        dsn,
        release=release or None,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=0,
        before_send=without_people,
        **options,
    )


def without_people(event: Event, hint: Hint) -> Event:
    """Return an event with the error, the view and the number of the request alone."""
    kept: dict[str, Any] = {
        name: _scrubbed(value) for name, value in event.items() if name not in LEFT_OUT
    }
    if context := current_request():
        kept["transaction"] = context.view
        kept["tags"] = {**kept.get("tags", {}), "request_id": context.id}
    return kept  # type: ignore[return-value]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _scrubbed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_scrubbed(each) for each in value]
    return value
