"""The registry in words: terms as people read them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.privacy.registry import Kept, Unlimited

DAYS_A_YEAR = 365
DAYS_A_MONTH = 30
FEW_MONTHS = 60
"""From how many days on a term is in months."""


def describe_period(period: timedelta) -> str:
    """Return a period in words: hours, days, months of thirty days, or years."""
    days = period.days
    if days < 1 or period % timedelta(days=1):
        hours = int(period / timedelta(hours=1))
        return ngettext("%(count)s heure", "%(count)s heures", hours) % {"count": hours}
    if days % DAYS_A_YEAR == 0:
        years = days // DAYS_A_YEAR
        return ngettext("%(count)s an", "%(count)s ans", years) % {"count": years}
    if days >= FEW_MONTHS and days % DAYS_A_MONTH == 0:
        months = days // DAYS_A_MONTH
        return ngettext("%(count)s mois", "%(count)s mois", months) % {"count": months}
    return ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}


def describe_kept(kept: Kept) -> str:
    """Return how long something is kept, in one sentence without its end."""
    if isinstance(kept, Unlimited):
        words = str(kept.reason)
    elif kept.keep:
        words = _("%(period)s %(since)s, %(outcome)s") % {
            "period": describe_period(kept.keep),
            "since": kept.since,
            "outcome": kept.outcome,
        }
    else:
        words = _("aussitôt %(since)s, %(outcome)s") % {
            "since": kept.since,
            "outcome": kept.outcome,
        }
    return words[:1].upper() + words[1:]
