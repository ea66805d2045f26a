"""How texts and files read in each direction."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from core.schemas import File
from core.templatetags.typography import about_file, long_day, long_moment, typo

GUIDE = File(
    title="Guide",
    url="https://example.org/guide.pdf",
    extension="pdf",
    size=131 * 1024,
    page_count=12,
    is_text_accessible=True,
)


@pytest.mark.parametrize(
    "language, text, expected",
    [
        ("fr", "« Qui appeler ? »", "«\u00a0Qui appeler\u00a0?\u00a0»"),
        ("fr", '<a title="Quoi ?">Quoi ?</a>', '<a title="Quoi ?">Quoi\u00a0?</a>'),
        ("en", "Call 116 000 ?", "Call 116 000 ?"),
        # A browser would otherwise show « 000 116 ».
        ("ar", "اتصلوا بالرقم 116 000", "اتصلوا بالرقم 116\u00a0000"),
        ("ar", '<a title="116 000">01 02</a>', '<a title="116 000">01\u00a002</a>'),
    ],
)
def test_spaces_that_do_not_break(language: str, text: str, expected: str) -> None:
    with override(language):
        assert typo(text) == expected


def test_what_is_told_of_a_file() -> None:
    with override("fr"):
        assert about_file(GUIDE) == "PDF, 131\u00a0Ko, 12 pages"
    with override("ar"):
        parts = about_file(GUIDE).split("، ")
    assert parts[0] == "\u2068PDF\u2069"
    assert [part[0] + part[-1] for part in parts] == ["\u2068\u2069"] * 3


@pytest.mark.parametrize(
    "language, moment, written",
    [
        ("fr", datetime(2026, 12, 1, 13, tzinfo=UTC), "1er décembre 2026 à 14\u00a0h"),
        ("fr", datetime(2026, 8, 11, 7, 30, tzinfo=UTC), "11 août 2026 à 9\u00a0h\u00a030"),
        ("en", datetime(2026, 12, 1, 13, tzinfo=UTC), "Dec. 1, 2026 at 2\u00a0p.m."),
        ("fr", datetime(2026, 12, 1, 14), "1er décembre 2026 à 14\u00a0h"),
        ("fr", None, ""),
    ],
)
def test_moments_are_as_people_write_them(
    language: str, moment: datetime | None, written: str
) -> None:
    with override(language):
        assert long_moment(moment) == written


def test_days_are_as_people_write_them() -> None:
    assert long_day(date(2026, 5, 1)) == "1er mai 2026"
    assert long_day(date(2026, 5, 21)) == "21 mai 2026"
    assert long_day(datetime(2026, 4, 30, 22, tzinfo=UTC)) == "1er mai 2026"
    assert long_day(None) == ""
