"""The totals of each day or month of a period, of the site or of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import HeaderButton

from figures.models import DailyTotal
from figures.plots import bar_chart
from figures.queries import steps_of, totals_in
from figures.things import MODELS, Thing, find_things
from figures.views.base import FiguresView, NumberColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from figures.periods import Period
    from figures.queries import Step

Counted = DailyTotal.Counted


def plot_of(steps: Sequence[Step], period: Period, *kinds: Counted) -> Any:
    """Return the plot of what was counted in a period."""
    return bar_chart(
        [period.label_of(step.first_day, short=True) for step in steps],
        {str(kind.label): [step.totals.get(kind, 0) for step in steps] for kind in kinds},
    )


class StepsView(FiguresView):
    """The totals of each day or month of a period, as plots and as a table."""

    has_period = True
    paginate_by = None
    kinds: ClassVar[tuple[Counted, ...]]
    plots: ClassVar[tuple[tuple[Counted, ...], ...]]

    @property
    def columns(self) -> list[Column]:  # type: ignore[override]
        label = _("Mois") if self.period.is_by_month else _("Jour")
        return [
            Column("label", label=label),
            *(NumberColumn(kind.value, label=kind.label) for kind in self.kinds),
        ]

    def get_base_queryset(self) -> Any:
        return self.steps

    @cached_property
    def steps(self) -> list[Step]:
        """The days or months of the period."""
        return steps_of(self.period, self.rows())

    def rows(self) -> Any:
        """Return the totals that are shown."""
        return totals_in(self.period)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if self.is_export:
            return context
        sums = {kind: sum(step.totals.get(kind, 0) for step in self.steps) for kind in self.kinds}
        return context | {
            "sums": [(kind.label, total) for kind, total in sums.items()],
            "plots": [
                (
                    " · ".join(str(kind.label) for kind in kinds),
                    plot_of(self.steps, self.period, *kinds),
                )
                for kinds in self.plots
            ],
        }


class ThingView(StepsView):
    """How often one page, structure or document was read."""

    page_title = gettext_lazy("Fréquentation")
    template_name = "figures/admin/thing.html"
    # Of the thing that is asked for, once it is known.
    kinds: ClassVar[tuple[Counted, ...]] = (Counted.PAGE,)
    thing: Thing

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        counted, pk = kwargs["counted"], kwargs["pk"]
        if counted not in MODELS:
            raise Http404
        self.thing = find_things([(counted, pk)])[counted, pk]
        if self.thing.row is None:
            raise Http404
        self.kinds = (Counted(counted),)  # type: ignore[misc]
        self.plots = (self.kinds,)  # type: ignore[misc]
        self.filename = f"frequentation-{counted}-{pk}"  # type: ignore[misc]

    def rows(self) -> Any:
        return totals_in(self.period).filter(counted=self.thing.counted, thing_id=self.thing.pk)

    def get_index_url(self) -> str:
        return self.thing.figures_url

    def get_page_subtitle(self) -> str:
        return self.thing.title

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        url = self.edit_url(self.thing.row)
        if not url:
            return []
        return [HeaderButton(label=_("Modifier"), url=url, icon_name="edit")]
