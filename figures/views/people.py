"""Reports about contributions, the newsletter, and a year."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import HeaderButton

from core.languages.times import format_day
from figures.annual import annual_report
from figures.people import contribution_steps, median_delay, subscriber_steps
from figures.periods import years
from figures.plots import bar_chart
from figures.views.base import FiguresView, NumberColumn

if TYPE_CHECKING:
    from collections.abc import Mapping


class PeopleView(FiguresView):
    """Totals by day or month, with a plot, and the way to where they come from."""

    has_period = True
    default_period = "12m"
    paginate_by = None
    template_name = "figures/admin/thing.html"
    plotted: ClassVar[Mapping[str, Any]]
    source: ClassVar[tuple[str, Any, str]]
    """The right to open the list that this is about, its label and the name of its address."""

    @cached_property
    def steps(self) -> list[Any]:
        """The days or months of the period."""
        raise NotImplementedError

    def sums(self) -> list[tuple[Any, Any]]:
        """Return the sums of the period."""
        raise NotImplementedError

    def get_base_queryset(self) -> Any:
        return self.steps

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        right, label, name = self.source
        if not self.request.user.has_perm(right):
            return []
        return [HeaderButton(label=str(label), url=reverse(name), icon_name="list-ul")]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        if self.is_export:
            return context
        labels = [self.period.label_of(step.first_day, short=True) for step in self.steps]
        values = {
            str(label): [getattr(step, name) for step in self.steps]
            for name, label in self.plotted.items()
        }
        plot = (" · ".join(values), bar_chart(labels, values))
        return context | {"sums": self.sums(), "plots": [plot], "hides_what_counts": True}


class ContributionsView(PeopleView):
    page_title = gettext_lazy("Contributions par mois")
    filename = "contributions"
    index_url_name = "figures_contributions"
    header_icon = "mail"
    explanation = gettext_lazy(
        "Le délai est le nombre de jours, de la réception à la publication, que la moitié des "
        "contributions publiées n'ont pas dépassé."
    )
    plotted: ClassVar[Mapping[str, Any]] = {
        "received": gettext_lazy("Reçues"),
        "published": gettext_lazy("Publiées ou acceptées"),
    }
    source = (
        "contributions.view_contribution",
        gettext_lazy("Contributions"),
        "contribution:index",
    )
    columns: ClassVar[list[Column]] = [
        Column("label", label=gettext_lazy("Période")),
        NumberColumn("received", label=gettext_lazy("Reçues")),
        NumberColumn("published", label=gettext_lazy("Publiées ou acceptées")),
        NumberColumn("refused", label=gettext_lazy("Refusées")),
        NumberColumn("withdrawn", label=gettext_lazy("Retirées")),
        NumberColumn("delay", label=gettext_lazy("Délai médian (jours)")),
    ]

    @cached_property
    def steps(self) -> list[Any]:
        return list(contribution_steps(self.period))

    def sums(self) -> list[tuple[Any, Any]]:
        delay = median_delay(self.period)
        return [
            (_("Reçues"), sum(step.received for step in self.steps)),
            (_("Publiées ou acceptées"), sum(step.published for step in self.steps)),
            (_("Refusées"), sum(step.refused for step in self.steps)),
            (_("Délai médian, en jours"), "–" if delay is None else delay),
        ]


class NewsletterView(PeopleView):
    page_title = gettext_lazy("Abonnements à la lettre")
    filename = "abonnements"
    index_url_name = "figures_newsletter"
    header_icon = "mail"
    plotted: ClassVar[Mapping[str, Any]] = {"total": gettext_lazy("Abonné·es")}
    source = ("newsletter.view_subscriber", gettext_lazy("Abonné·es"), "subscribers:index")
    columns: ClassVar[list[Column]] = [
        Column("label", label=gettext_lazy("Période")),
        NumberColumn("new", label=gettext_lazy("Nouveaux")),
        NumberColumn("left", label=gettext_lazy("Départs")),
        NumberColumn("total", label=gettext_lazy("Abonné·es à la fin")),
    ]

    @cached_property
    def steps(self) -> list[Any]:
        return list(subscriber_steps(self.period))

    def sums(self) -> list[tuple[Any, Any]]:
        return [
            (_("Abonné·es à la fin"), self.steps[-1].total),
            (_("Nouveaux"), sum(step.new for step in self.steps)),
            (_("Départs"), sum(step.left for step in self.steps)),
        ]


class AnnualReportView(FiguresView):
    """The report of a year to the funder, on one page to print."""

    page_title = gettext_lazy("Rapport annuel")
    template_name = "figures/admin/annual.html"
    index_url_name = "figures_annual"
    header_icon = "doc-full"
    paginate_by = None
    columns: ClassVar[list[Column]] = [
        Column("section", label=gettext_lazy("Rubrique")),
        Column("label", label=gettext_lazy("Indicateur")),
        NumberColumn("value", label=gettext_lazy("Nombre")),
    ]

    @cached_property
    def year(self) -> int:
        """The year that was chosen, this one without a choice."""
        asked = self.request.GET.get("annee", "")
        return int(asked) if asked in map(str, years()) else years()[0]

    def get_filename(self) -> str:
        return f"rapport-annuel-{self.year}"

    def get_page_subtitle(self) -> str:
        return str(self.year)

    def get_base_queryset(self) -> Any:
        return annual_report(self.year)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        sections = groupby(context["object_list"], key=lambda fact: fact.section)
        return context | {
            "year": self.year,
            "today": format_day(timezone.localdate()),
            "years": years(),
            "sections": [(title, list(facts)) for title, facts in sections],
        }
