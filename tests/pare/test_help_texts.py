"""What editors read beside the fields of the forms of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wagtail.admin.panels import FieldPanel, Panel, get_edit_handler

from core.registry import page_types

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.one_engine
EXPLAINED = {"title", "slug", "seo_title", "search_description", "show_in_menus", "summary"} | {
    *("themes", "audiences", "territory", "territory_scope")
}
"""The fields that several types share."""
WITH_LENGTH = {"title": "60", "seo_title": "60", "search_description": "155"}


def panels(panel: Panel) -> Iterator[FieldPanel]:
    """Yield the panels of fields, at any depth."""
    if isinstance(panel, FieldPanel):
        yield panel
    for child in getattr(panel, "children", []):
        yield from panels(child)


@pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
def test_the_fields_that_types_share_are_explained(model: type[Any]) -> None:
    helps = {
        panel.field_name: str(panel.help_text or panel.db_field.help_text)
        for panel in panels(get_edit_handler(model))
    }

    # The home page has a summary of its own.
    own = {"summary"} if model.__name__ == "HomePage" else set()
    assert [name for name in (EXPLAINED - own) & set(helps) if not helps[name]] == []
    for name, length in WITH_LENGTH.items():
        assert f"{length} caractères" in helps[name]
