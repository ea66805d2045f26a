from __future__ import annotations


class AnyFilter:
    """Lets a queryset have filters that an index elsewhere could not apply: here they are SQL."""

    def _get_filters_from_queryset(self, check_only: bool = False) -> None:
        pass
