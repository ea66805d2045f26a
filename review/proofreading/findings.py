"""What the reading of a draft finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from review.proofreading.passages import Passage, Place

AROUND = 50
"""Characters of an excerpt on each side of the words."""


class Topic(TextChoices):
    """What a finding is about, in the order of the panel."""

    PEOPLE = "people", _("Protéger les personnes")
    WORDS = "words", _("Les mots justes")
    HELP = "help", _("Où trouver de l'aide")
    SOURCES = "sources", _("Chiffres et sources")
    FILES = "files", _("Documents")
    LINKS = "links", _("Liens")


@dataclass(frozen=True)
class Finding:
    """A piece of advice.

    Attributes:
        topic: what it is about.
        title: what was found.
        advice: what to do, and why.
        place: where it is on the form; ``None`` if it is about the whole.
        before: what is before the words.
        words: the words.
        after: what is after them.
        source: the address of what the advice rests on.
    """

    topic: Topic
    title: str
    advice: str
    place: Place | None = None
    before: str = ""
    words: str = ""
    after: str = ""
    source: str = ""


def point_at(
    passage: Passage,
    span: tuple[int, int],
    topic: Topic,
    title: str,
    advice: str,
    *,
    source: str = "",
) -> Finding:
    """Return a finding about some words of a passage."""
    text, (start, end) = passage.text, span
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Finding(
        topic,
        title,
        advice,
        passage.place,
        ("…" if start > AROUND else "") + before,
        text[start:end],
        after + ("…" if len(text) > end + AROUND else ""),
        source,
    )
