"""Words that the Luxembourg Guidelines advise against, and those to take instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.utils.translation import gettext as _

from review.proofreading.findings import Topic, point_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.proofreading.findings import Finding
    from review.proofreading.passages import Passage

FILE = Path(__file__).resolve().parents[1] / "data" / "terminology.yaml"
ALIKE = str.maketrans({"’": "'", "\xa0": " ", "\u202f": " ", "‑": "-"})
"""Characters that are written in two ways, one for one so that positions stay."""


ENDS = {"<e>": r"(?:[·•.(-]?e\)?)?(?:[·•.)-]?s\)?)?"}
"""How patterns write the ends of inclusive writing."""


@dataclass(frozen=True)
class Entry:
    """A word of the list.

    Attributes:
        pattern: what is looked for.
        instead: what to write.
        why: the reason.
        is_avoided: whether the guidelines advise against it, else it needs care.
        source: the address of the reason.
    """

    pattern: re.Pattern[str]
    instead: str
    why: str
    is_avoided: bool
    source: str


@cache
def load_entries() -> tuple[Entry, ...]:
    """Return the list of words."""
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    sources: dict[str, str] = data["sources"]
    return tuple(
        Entry(
            _compile(entry["pattern"]),
            entry["instead"],
            entry["why"],
            entry["level"] == "avoid",
            sources[entry["source"]],
        )
        for entry in data["entries"]
    )


def check_words(passages: list[Passage]) -> Iterator[Finding]:
    """Yield the words to avoid or to weigh, each with what to write instead."""
    for passage in passages:
        text = passage.text.translate(ALIKE)
        taken: set[int] = set()
        for entry in load_entries():
            for match in entry.pattern.finditer(text):
                span = set(range(*match.span()))
                if taken & span:
                    continue
                taken |= span
                yield _point(passage, match, entry)


def _compile(pattern: str) -> re.Pattern[str]:
    for mark, ends in ENDS.items():
        pattern = pattern.replace(mark, ends)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.I)


def _point(passage: Passage, match: re.Match[str], entry: Entry) -> Finding:
    title = _("Mot à éviter") if entry.is_avoided else _("Mot à peser")
    advice = _("Plutôt : %(instead)s. %(why)s") % {"instead": entry.instead, "why": entry.why}
    if passage.is_quote:
        advice += " " + _("Dans une citation, gardez le mot : il est de la personne citée.")
    return point_at(passage, match.span(), Topic.WORDS, title, advice, source=entry.source)
