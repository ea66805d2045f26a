"""« Traductions à reprendre », of pages and of structures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.utils import get_latest_str
from wagtail.models import Page

from core.languages.outdated import outdated_translations, why_outdated, with_things
from figures.views.base import LANGUAGES, ActColumn, FiguresView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class TranslationLine:
    """A translation that waits."""

    title: str
    url: str
    kind: str
    language: str
    problem: str


class TranslationsView(FiguresView):
    """The translations that a person may bring up to date."""

    page_title = gettext_lazy("Traductions à reprendre")
    filename = "traductions-a-reprendre"
    index_url_name = "figures_translations"
    columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        Column("kind", label=gettext_lazy("Nature")),
        Column("language", label=gettext_lazy("Langue")),
        Column("problem", label=gettext_lazy("À faire")),
    ]

    def get_base_queryset(self) -> Any:
        return outdated_translations(self.request.user)

    def lines(self, found: Sequence[Any]) -> Iterable[TranslationLine]:
        for each in with_things(found):
            thing = each.thing
            model = thing.specific_class if isinstance(thing, Page) else type(thing)
            yield TranslationLine(
                title=get_latest_str(thing),
                url="" if self.is_export else self.edit_url(thing),
                kind=str(capfirst((model or Page)._meta.verbose_name)),
                language=str(LANGUAGES.get(each.language, each.language)),
                problem=why_outdated(each),
            )
