"""Looking, a few at a time, whether something is still at the addresses of what is public."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import override
from wagtail.contrib.redirects.models import Redirect

from published.links.fetching import Answer, Problem, fetch
from published.models import LinkedAddress
from published.paths import normalise_path
from published.queries import CONDITIONS, items_of, page_items

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

MAX_CHECKED = 100
MAX_SECONDS = 600
"""Of a run: begun again an hour later, it goes on where it ended."""
PAUSE_SECONDS = 1
"""Between two requests to one host."""
FRESH = timedelta(days=7)
"""How long what was found good is believed."""
DAYS_TO_BREAK = 2
"""On how many days in a row nothing is there before a link is called broken."""
FEWEST_HOSTS = 3
"""How many hosts have to be silent, and no other answer, to doubt of our own network."""
OUR_FAULT = frozenset({Problem.SILENT, Problem.UNKNOWN_HOST})


def check_links(now: datetime | None = None) -> dict[str, int]:
    """Check the addresses that have waited longest, one after the other.

    Returns:
        How many were checked, and how many are broken now.
    """
    now = now or timezone.now()
    answers = [*_check_ours(), *_check_others(now)]
    with transaction.atomic():
        for address, answer in answers:
            record(address, answer, now)
    return {
        "checked": len(answers),
        "broken": LinkedAddress.objects.filter(is_broken=True).count(),
    }


def record(address: LinkedAddress, answer: Answer, now: datetime) -> None:
    """Keep what was found at an address.

    A link is broken once nothing was there on two days in a row: what fails for an hour bothers
    nobody. What its site calls gone is so at once.
    """
    day = timezone.localdate(now)
    address.checked_at, address.status = now, answer.status
    address.problem = answer.problem or ""
    if answer.problem is None:
        address.failures, address.failed_on, address.is_broken = 0, None, False
        address.answered_at = now
    else:
        address.failures += address.failed_on != day
        address.failed_on = day
        is_gone = answer.problem == Problem.GONE
        address.is_broken = is_gone or address.failures >= DAYS_TO_BREAK
    address.save()


# The web


def _check_others(now: datetime) -> list[tuple[LinkedAddress, Answer]]:
    end = time.monotonic() + MAX_SECONDS
    last: dict[str, float] = {}
    answers: list[tuple[LinkedAddress, Answer]] = []
    for address in due(now)[:MAX_CHECKED]:
        if time.monotonic() > end:
            break
        host = urlsplit(address.url).netloc.lower()
        if host in last:
            time.sleep(max(0.0, last[host] + PAUSE_SECONDS - time.monotonic()))
        answers.append((address, fetch(address.url)))
        last[host] = time.monotonic()
    if len(last) >= FEWEST_HOSTS and all(answer.problem in OUR_FAULT for _each, answer in answers):
        logger.warning("No host of %s answered: nothing is recorded of them.", len(last))
        return []
    return answers


def due(now: datetime) -> QuerySet[LinkedAddress]:
    """Return the addresses of others to look at, those never looked at first.

    What failed is looked at again the next day, and the rest once a week.
    """
    fresh = Q(checked_at__gt=now - FRESH, failures=0)
    failed_today = Q(failed_on=timezone.localdate(now))
    rows = LinkedAddress.objects.exclude(url__startswith="/").exclude(fresh)
    return rows.exclude(failed_today).order_by(F("checked_at").asc(nulls_first=True), "pk")


# Our own site


def _check_ours() -> list[tuple[LinkedAddress, Answer]]:
    addresses = list(LinkedAddress.objects.filter(url__startswith="/"))
    missing = missing_paths({address.url for address in addresses})
    gone = Answer(Problem.GONE)
    return [(each, gone if each.url in missing else Answer()) for each in addresses]


def missing_paths(paths: set[str]) -> set[str]:
    """Return the paths at which our site has nothing, in a few queries."""
    places = {path: normalise_path(path) for path in paths if _is_of_a_page(path)}
    found: set[str] = set()
    for items in (page_items(), *map(items_of, CONDITIONS)):
        found |= set(items.filter(path__in=places.values()).values_list("path", flat=True))
    old = {path: Redirect.normalise_path(path) for path in places}
    redirects = Redirect.objects.filter(old_path__in=old.values())
    redirected = set(redirects.values_list("old_path", flat=True))
    return {path for path in places if places[path] not in found and old[path] not in redirected}


def _is_of_a_page(path: str) -> bool:
    first = path.split("/")[1]
    language = first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    try:
        with override(language):
            return resolve(path).url_name == "wagtail_serve"
    except Resolver404:
        return True
