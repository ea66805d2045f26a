"""Tables of people and words that somebody opens in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.admin.views.generic import IndexView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def disarmed(text: str) -> str:
    """Return a text that a spreadsheet does not run as a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


class ExportIndexView(IndexView):
    """A list whose CSV is safe to open, and whose letters Excel reads."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Disarm what comes from strangers."""
        said = super().preprocess_field_value(field, value, export_format)
        is_text = export_format == self.FORMAT_CSV and isinstance(said, str)
        return disarmed(said) if is_text else said

    def stream_csv(self, queryset: QuerySet[Any]) -> Iterable[bytes]:
        """Yield the lines after a mark by which Excel knows UTF-8."""
        yield "\ufeff".encode()
        yield from super().stream_csv(queryset)
