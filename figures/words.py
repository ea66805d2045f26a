"""Which words that were searched are kept: those searched on three different days.

A name, an address or a story that somebody types is theirs alone: it is not searched on three
days. Until then a keyed digest is kept in the place of the words.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.crypto import salted_hmac

from figures.increments import increment
from figures.models import SearchedDay, SearchedWords, UnconfirmedWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from figures.tally import Search

MAX_LENGTH = 60
DAYS_TO_CONFIRM = 3
MAX_NEW_A_DAY = 2_000
"""How many words of a day wait for others: made-up words must not fill the table."""
SALT = "figures.words"


def keepable(query: str) -> str:
    """Return the words of a search as they may be kept, or nothing if they never are.

    >>> keepable("  Repérage  en ESMS ")
    'repérage en esms'
    >>> keepable("06 12 34 56 78"), keepable("lea@example.org")
    ('', '')
    """
    words = " ".join(unicodedata.normalize("NFC", query).casefold().split())
    is_kept = (
        len(words) <= MAX_LENGTH
        and words.isprintable()
        and "@" not in unicodedata.normalize("NFKC", words)
        and not any(character.isnumeric() for character in words)
    )
    return words if is_kept else ""


def digest_of(words: str) -> str:
    """Return the keyed digest of words."""
    return salted_hmac(SALT, words, algorithm="sha256").hexdigest()


def write_words(searches: Mapping[Search, int]) -> None:
    """Write how often words were searched, those that may be kept."""
    days: dict[str, set[date]] = defaultdict(set)
    for each in searches:
        if each.words:
            days[each.words].add(each.day)
    known = dict(SearchedWords.objects.filter(words__in=days).values_list("words", "pk"))
    confirmed = _confirm({words: of for words, of in days.items() if words not in known})
    known |= dict(SearchedWords.objects.filter(words__in=confirmed).values_list("words", "pk"))
    totals: dict[tuple[date, int], dict[str, int]] = defaultdict(
        lambda: {"total": 0, "without_result": 0}
    )
    for each, times in searches.items():
        if each.words in known and each.day >= confirmed.get(each.words, each.day):
            row = totals[each.day, known[each.words]]
            row["total"] += times
            row["without_result"] += times * each.is_empty
    increment(SearchedDay, ("day", "words_id"), totals)


def _confirm(days: Mapping[str, Iterable[date]]) -> dict[str, date]:
    """Note on which days words were searched, and keep those of which this makes three.

    Returns:
        The words that are kept from now on, and the first day on which they count.
    """
    digests = {digest_of(words): words for words in days}
    rows = {row.digest: row for row in UnconfirmedWords.objects.filter(digest__in=digests)}
    confirmed, new, changed = {}, [], []
    for digest, words in digests.items():
        row = rows.get(digest)
        before = (row.first_day, row.second_day) if row else ()
        first, *others = sorted({day for day in (*before, *days[words]) if day})
        if len(others) + 1 >= DAYS_TO_CONFIRM:
            confirmed[words] = others[1]
        elif row is None:
            second = others[0] if others else None
            new.append(UnconfirmedWords(digest=digest, first_day=first, second_day=second))
        elif others and row.second_day is None:
            row.first_day, row.second_day = first, others[0]
            changed.append(row)
    # Another process may do the same at once: the first one's row is as good.
    UnconfirmedWords.objects.bulk_create(_with_room(new), ignore_conflicts=True)
    UnconfirmedWords.objects.bulk_update(changed, ["first_day", "second_day"])
    SearchedWords.objects.bulk_create(
        [SearchedWords(words=words) for words in confirmed], ignore_conflicts=True
    )
    UnconfirmedWords.objects.filter(digest__in=[digest_of(words) for words in confirmed]).delete()
    return confirmed


def _with_room(new: list[UnconfirmedWords]) -> list[UnconfirmedWords]:
    """Return the new rows for which their days have room."""
    days = UnconfirmedWords.objects.filter(first_day__in={row.first_day for row in new})
    numbers = Counter(dict(days.values_list("first_day").annotate(Count("pk"))))
    kept = []
    for row in new:
        if numbers[row.first_day] < MAX_NEW_A_DAY:
            numbers[row.first_day] += 1
            kept.append(row)
    return kept
