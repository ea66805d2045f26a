"""Words that can't be mistaken: whatever somebody writes in the machine holds one of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = 7
TOKEN = re.compile(rf"mot[0-9a-f]{{{DIGITS}}}")
SPREAD = 2654435761
"""An odd number: multiples of it differ, and look unlike each other to a search for likeness."""

OUTSIDE = "outside"
"""Who writes what partners and structures send."""
SCRIPT = "script"
"""Who writes by the ORM, with no user."""
FOUND = "found"
"""Who wrote what was there before anybody acted."""


@dataclass(frozen=True)
class Word:
    """A token, with its writer.

    Attributes:
        writer: name of a person, :data:`OUTSIDE`, :data:`SCRIPT` or :data:`FOUND`.
        is_secret: never public: a join link, an e-mail address of a partner.
        is_place: part of the address of a structure, which may be confidential.
    """

    token: str
    writer: str
    is_secret: bool = False
    is_place: bool = False


class Vocabulary:
    """Every token that was written, in their order."""

    def __init__(self, words: Iterable[Word] = ()) -> None:
        self.words = {word.token: word for word in words}

    def copy(self) -> Vocabulary:
        return Vocabulary(self.words.values())

    def __getitem__(self, token: str) -> Word:
        return self.words[token]

    def mint(self, writer: str, **more: bool) -> str:
        """Return a new token of a writer: lower case, one word for every search."""
        number = (len(self.words) + 1) * SPREAD % 16**DIGITS
        token = f"mot{number:0{DIGITS}x}"
        self.words[token] = Word(token, writer, **more)
        return token

    def find(self, content: Any) -> frozenset[str]:
        """Return the tokens in a text, bytes or data."""
        if isinstance(content, bytes):
            content = content.decode(errors="replace")
        elif not isinstance(content, str):
            content = json.dumps(content, cls=DjangoJSONEncoder)
        return frozenset(found for found in TOKEN.findall(content) if found in self.words)
