"""Words that were searched are kept once they were on three days, and for a year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils import timezone

from figures.models import DailyTotal, SearchedDay, SearchedWords, UnconfirmedWords
from figures.tally import Search, tally
from figures.words import keepable
from figures.writing import flush

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)


def search(words: str, *days: int, times: int = 1, is_empty: bool = False) -> None:
    """Search on some days after the first, each written apart."""
    for day in days:
        tally.add(Search(TODAY + dt.timedelta(days=day), keepable(words), is_empty), times)
        flush()


def kept() -> dict[str, Counter[int]]:
    found: dict[str, Counter[int]] = {}
    for row in SearchedDay.objects.select_related("words"):
        found.setdefault(row.words.words, Counter())[(row.day - TODAY).days] = row.total
    return found


def test_words_are_kept_from_the_third_day_on() -> None:
    search("  Foyer  d'urgence", 0, 0, 4)
    assert not SearchedWords.objects.exists()
    assert "foyer" not in str(list(UnconfirmedWords.objects.values()))

    search("foyer d'urgence", 9, times=2)
    search("FOYER d'urgence", 9, 10)

    assert kept() == {"foyer d'urgence": {9: 3, 10: 1}}
    assert not UnconfirmedWords.objects.exists()


def test_one_person_who_insists_is_not_kept() -> None:
    search("le nom de quelqu'un", *[0] * 10, *[1] * 10, times=5)

    assert kept() == {}
    assert DailyTotal.objects.get(counted="search", day=TODAY).total == 50


def test_three_days_that_are_written_at_once_count() -> None:
    for day in range(4):
        tally.add(Search(TODAY + dt.timedelta(days=day), "emprise", is_empty=day == 3))
    flush()

    assert kept() == {"emprise": {2: 1, 3: 1}}
    assert SearchedDay.objects.get(without_result=1).day == TODAY + dt.timedelta(days=3)


@pytest.mark.parametrize(
    "query",
    [
        "06 12 34 56 78",
        "léa@example.org",
        "léa＠example.org",
        "née en ٢٠١٠",
        "½",
        "a" * 61,
        "a\x00b",
    ],
)
def test_what_may_name_somebody_is_never_kept(query: str) -> None:
    search(query, 0, 1, 2, 3)

    assert kept() == {}
    assert not UnconfirmedWords.objects.exists()
    assert DailyTotal.objects.filter(counted="search").count() == 4


def test_the_number_of_queries_does_not_depend_on_the_words(
    count_queries: Callable[[Callable[[], None]], int],
) -> None:
    def write(*words: str) -> int:
        for each in words:
            tally.add(Search(TODAY, each, is_empty=False))
        return count_queries(flush)

    assert write("a", "b") == write(*"cdefghijkl")


def test_made_up_words_fill_neither_the_table_nor_the_days_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("figures.words.MAX_NEW_A_DAY", 3)
    search("emprise", 0)
    for words in ("a", "b", "c", "d"):
        search(words, 0)
    assert UnconfirmedWords.objects.count() == 3
    for words in ("e", "f", "g", "h"):
        tally.add(Search(TODAY + dt.timedelta(days=1), words, is_empty=True))
    flush()
    assert UnconfirmedWords.objects.count() == 6

    search("emprise", 1, 2)

    assert kept() == {"emprise": {2: 1}}
    assert DailyTotal.objects.get(counted="search", day=TODAY).total == 5


def test_words_are_erased_after_a_year() -> None:
    search("emprise", 0, 1, 2, 200)
    search("hier", 0)

    call_command("apply_retention")
    assert SearchedDay.objects.count() == 2
    SearchedDay.objects.filter(day=TODAY + dt.timedelta(days=2)).update(
        day=timezone.localdate() - dt.timedelta(days=366)
    )
    UnconfirmedWords.objects.update(first_day=timezone.localdate() - dt.timedelta(days=366))
    call_command("apply_retention")
    assert kept() == {"emprise": {200: 1}}
    assert not UnconfirmedWords.objects.exists()

    SearchedDay.objects.update(day=timezone.localdate() - dt.timedelta(days=366))
    call_command("apply_retention")
    assert not SearchedWords.objects.exists()


def test_totals_are_erased_after_five_years() -> None:
    DailyTotal.objects.create(day=TODAY - dt.timedelta(days=6 * 365), counted="page", total=3)
    search("x" * 70, 0)

    call_command("apply_retention")

    assert [row.counted for row in DailyTotal.objects.all()] == ["search"]
