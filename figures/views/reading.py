"""« Fréquentation »: what is read, downloaded and searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, Table

from figures.models import DailyTotal
from figures.queries import most_counted, most_searched
from figures.things import Thing, find_things
from figures.views.base import ActColumn, FiguresView, NumberColumn
from figures.views.steps import StepsView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Counted = DailyTotal.Counted
READ = (Counted.PAGE, Counted.STRUCTURE)
SHORT_LIST = 10
"""How many rows the overview has of each list."""


@dataclass(frozen=True)
class ReadLine:
    """Something that was read."""

    thing: Thing
    sum: int

    def __getattr__(self, name: str) -> Any:
        # Of the thing, as columns and exports ask for it.
        return getattr(self.thing, name)

    @property
    def url(self) -> str:
        """Where its figures are, and from there its editor."""
        return self.thing.figures_url


def read_lines(rows: Iterable[Any]) -> list[ReadLine]:
    """Return rows of sums with what they are about."""
    rows = list(rows)
    keys = [(row["counted"], row["thing_id"]) for row in rows]
    things = find_things(keys)
    return [ReadLine(things[key], row["sum"]) for key, row in zip(keys, rows, strict=True)]


@dataclass(frozen=True)
class WordsLine:
    """Words that were searched."""

    words: str
    sum: int
    without_result: int

    @property
    def url(self) -> str:
        """What the site finds with them."""
        return f"{reverse('search')}?{urlencode({'q': self.words})}"


def words_lines(rows: Iterable[Any]) -> list[WordsLine]:
    """Return words with how often they were searched."""
    return [WordsLine(row.words, row.sum, row.without_result) for row in rows]


class ShortListed(FiguresView):
    """A list of which the overview has the start."""

    has_period = True
    index_url_name: str
    short_columns: ClassVar[list[Column]]


class MostReadView(ShortListed):
    page_title = gettext_lazy("Ce qui est le plus lu")
    filename = "plus-lu"
    index_url_name = "figures_read"
    short_columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        NumberColumn("sum", label=gettext_lazy("Lectures")),
    ]
    columns: ClassVar[list[Column]] = [
        *short_columns,
        Column("kind", label=gettext_lazy("Nature")),
        Column("language", label=gettext_lazy("Langue")),
    ]

    def get_base_queryset(self) -> Any:
        return most_counted(READ, self.period)

    def lines(self, found: Sequence[Any]) -> Iterable[Any]:
        return read_lines(found)


class MostDownloadedView(MostReadView):
    page_title = gettext_lazy("Documents les plus téléchargés")
    filename = "plus-telecharges"
    index_url_name = "figures_downloaded"
    short_columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        NumberColumn("sum", label=gettext_lazy("Téléchargements")),
    ]
    columns = short_columns

    def get_base_queryset(self) -> Any:
        return most_counted([Counted.DOCUMENT], self.period)


class MostSearchedView(ShortListed):
    page_title = gettext_lazy("Mots les plus cherchés")
    filename = "mots-cherches"
    index_url_name = "figures_searched"
    explanation = gettext_lazy(
        "Des mots ne sont gardés qu'une fois cherchés trois jours différents, jamais avec un "
        "chiffre ou un @, et pendant douze mois. Les autres recherches comptent dans le total."
    )
    short_columns: ClassVar[list[Column]] = [
        ActColumn("words", label=gettext_lazy("Mots")),
        NumberColumn("sum", label=gettext_lazy("Recherches")),
    ]
    columns: ClassVar[list[Column]] = [
        *short_columns,
        NumberColumn("without_result", label=gettext_lazy("dont sans résultat")),
    ]

    def get_base_queryset(self) -> Any:
        return most_searched(self.period)

    def lines(self, found: Sequence[Any]) -> Iterable[Any]:
        return words_lines(found)


class SearchedInVainView(MostSearchedView):
    page_title = gettext_lazy("Cherchés sans résultat")
    filename = "sans-resultat"
    index_url_name = "figures_searched_in_vain"
    short_columns: ClassVar[list[Column]] = [
        ActColumn("words", label=gettext_lazy("Mots")),
        NumberColumn("without_result", label=gettext_lazy("Sans résultat")),
    ]
    columns = short_columns

    def get_base_queryset(self) -> Any:
        return most_searched(self.period, in_vain=True)


class OverviewView(StepsView):
    """Everything that is counted, and the start of each list."""

    page_title = gettext_lazy("Fréquentation")
    template_name = "figures/admin/overview.html"
    filename = "frequentation"
    index_url_name = "figures"
    kinds = tuple(Counted)
    plots = (READ, (Counted.DOCUMENT,), (Counted.SEARCH, Counted.EMPTY_SEARCH))

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if self.is_export:
            return context
        found = most_counted(READ, self.period)[:SHORT_LIST]
        documents = most_counted([Counted.DOCUMENT], self.period)[:SHORT_LIST]
        # Together, so that what they are about is looked up once.
        lines = read_lines([*found, *documents])
        count = sum(line.thing.counted != Counted.DOCUMENT for line in lines)
        return context | {
            "lists": [
                self._short(MostReadView, lines[:count]),
                self._short(MostDownloadedView, lines[count:]),
                self._short(MostSearchedView, words_lines(most_searched(self.period)[:SHORT_LIST])),
                self._short(
                    SearchedInVainView,
                    words_lines(most_searched(self.period, in_vain=True)[:SHORT_LIST]),
                ),
            ],
            "never_opened_url": self._url("figures_never_opened"),
        }

    def _url(self, name: str) -> str:
        query = self.request.GET.urlencode()
        return f"{reverse(name)}{'?' if query else ''}{query}"

    def _short(self, view: type[ShortListed], lines: list[Any]) -> dict[str, Any]:
        return {
            "title": view.page_title,
            "url": self._url(view.index_url_name),
            "table": Table(view.short_columns, lines) if lines else None,
        }
