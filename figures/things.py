"""What totals are about: its title, and where it is edited."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.models import Document
from figures.models import DailyTotal
from network.models import Structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

Counted = DailyTotal.Counted
Key = tuple[str, int]
MODELS: Mapping[str, Any] = {
    Counted.PAGE.value: Page,
    Counted.STRUCTURE.value: Structure,
    Counted.DOCUMENT.value: Document,
}
"""What has readers, by how it is counted."""


@dataclass(frozen=True)
class Thing:
    """A page, a structure or a document, for a row of a table."""

    counted: str
    pk: int
    row: Any = None

    @property
    def title(self) -> str:
        """Its title, as its editor has it."""
        if self.row is None:
            return _("Contenu supprimé")
        return str(self.row.get_admin_display_title() if isinstance(self.row, Page) else self.row)

    @property
    def kind(self) -> str:
        """What it is."""
        if isinstance(self.row, Page):
            model: Any = self.row.specific_class or Page
        else:
            model = MODELS[self.counted]
        return str(capfirst(model._meta.verbose_name))

    @property
    def language(self) -> str:
        """Its language, in that language."""
        locale = getattr(self.row, "locale", None)
        return locale.get_display_name() if locale else ""

    @property
    def figures_url(self) -> str:
        """Where its figures are."""
        return reverse("figures_thing", args=[self.counted, self.pk]) if self.row else ""


def counted_as(row: Model) -> str | None:
    """Return how the readers of a row are counted; ``None`` if it has none."""
    return next((name for name, model in MODELS.items() if isinstance(row, model)), None)


def find_things(keys: Iterable[Key]) -> dict[Key, Thing]:
    """Return what totals are about, in one query for each kind of thing."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for counted, pk in keys:
        wanted[counted].add(pk)
    found: dict[Key, Thing] = {}
    for counted, pks in wanted.items():
        rows = MODELS[counted]._default_manager.filter(pk__in=pks)
        if MODELS[counted] is not Document:
            rows = rows.select_related("locale")
        by_key = {row.pk: row for row in rows}
        found |= {(counted, pk): Thing(counted, pk, by_key.get(pk)) for pk in pks}
    return found
