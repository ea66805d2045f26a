"""The report of a year to the funder: numbers, and nothing of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from figures.models import DailyTotal
from figures.people import (
    attendance_in,
    contribution_steps,
    median_delay,
    moments_of,
    subscriber_steps,
)
from figures.periods import year_period
from figures.queries import sums_of
from network.models import Structure
from published.queries import items, items_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from figures.periods import Period

Counted = DailyTotal.Counted


class Fact(NamedTuple):
    """A row of the report."""

    section: str
    label: str
    value: Any


def annual_report(year: int) -> list[Fact]:
    """Return the report of a year; the number of queries depends on nothing that it counts."""
    period = year_period(year)
    return [
        *_contents(period),
        *_reading(period),
        *_trainings(period),
        *_newsletter(period),
        *_contributions(period),
        *_structures(),
    ]


def _contents(period: Period) -> Iterator[Fact]:
    section = _("Centre de ressources et actualités")
    start, end = moments_of(period)
    for kind, new, every in (
        (
            "resource",
            _("Ressources mises en ligne dans l'année"),
            _("Ressources en ligne à ce jour"),
        ),
        ("news", _("Actualités mises en ligne dans l'année"), _("Actualités en ligne à ce jour")),
    ):
        found = items(kind).filter(language=settings.LANGUAGE_CODE, is_alias=False)
        in_year = found.filter(published_at__gte=start, published_at__lt=end)
        yield Fact(section, new, in_year.count())
        yield Fact(section, every, found.count())


def _reading(period: Period) -> Iterator[Fact]:
    section = _("Fréquentation du site")
    sums = sums_of(period)
    for kind in Counted:
        yield Fact(section, str(kind.label), sums.get(kind, 0))


def _trainings(period: Period) -> Iterator[Fact]:
    section = _("Formations et webinaires")
    found = attendance_in(period, settings.LANGUAGE_CODE)
    yield Fact(section, _("Sessions tenues"), found.sessions)
    yield Fact(section, _("Inscriptions confirmées"), found.registered)
    yield Fact(section, _("Personnes formées (présences)"), found.attended)


def _newsletter(period: Period) -> Iterator[Fact]:
    section = _("Lettre d'information")
    steps = subscriber_steps(period)
    yield Fact(section, _("Abonné·es à la fin de l'année, ou à ce jour"), steps[-1].total)
    yield Fact(section, _("Nouveaux abonnements"), sum(step.new for step in steps))
    yield Fact(section, _("Départs"), sum(step.left for step in steps))


def _contributions(period: Period) -> Iterator[Fact]:
    section = _("Contributions des partenaires")
    steps = contribution_steps(period)
    yield Fact(section, _("Reçues"), sum(step.received for step in steps))
    yield Fact(section, _("Publiées ou acceptées"), sum(step.published for step in steps))
    yield Fact(section, _("Refusées"), sum(step.refused for step in steps))
    delay = median_delay(period)
    yield Fact(
        section,
        _("Délai médian jusqu'à la publication, en jours"),
        "–" if delay is None else delay,
    )


def _structures() -> Iterator[Fact]:
    section = _("Structures de l'annuaire, par département, à ce jour")
    shown = items_of(Structure).filter(language=settings.LANGUAGE_CODE).values("thing_id")
    counts = (
        Structure.objects.filter(pk__in=shown)
        .order_by("department__code")
        .values_list("department__code", "department__name")
        .annotate(count=Count("pk"))
    )
    rows = [(f"{name} ({code})" if code else _("Sans département"), n) for code, name, n in counts]
    yield Fact(section, _("Ensemble"), sum(number for _label, number in rows))
    for label, number in rows:
        yield Fact(section, label, number)
