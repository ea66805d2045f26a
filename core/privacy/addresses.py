"""An e-mail address in texts of all kinds, however it is written there."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote

from django.utils.crypto import salted_hmac

from core.email_addresses import normalize_email

MARK = "[effacé]"
"""What stands where an address was erased from a text."""
# After an escape of a line break, or an encoded character, a letter is none of the address.
BEFORE = r"(?:(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<![\w.+%-]))"
AFTER = r"(?![\w-]|\.\w)"


class Address:
    """An address to look for."""

    def __init__(self, written: str) -> None:
        self.value = normalize_email(written)
        self.spellings = spellings(self.value)
        self._pattern = re.compile(
            BEFORE + "(?:" + "|".join(map(re.escape, self.spellings)) + ")" + AFTER, re.IGNORECASE
        )

    @property
    def digest(self) -> str:
        """Return its keyed digest, which leads nobody back to it."""
        return salted_hmac("core.privacy.address", self.value, algorithm="sha256").hexdigest()

    def is_in(self, value: Any) -> bool:
        """Return whether it is somewhere in a value, texts of JSON in texts included."""
        return bool(self.removed_from(value) != value)

    def removed_from(self, value: Any) -> Any:
        """Return a value without it: nothing where it stood alone, and a mark in a text."""
        match value:
            case str():
                return self._removed_from_text(value)
            case list():
                return [self.removed_from(each) for each in value]
            case dict():
                return {
                    self.removed_from(key): self.removed_from(each) for key, each in value.items()
                }
            case _:
                return value

    def excerpts_of(self, value: Any) -> list[str]:
        """Return the words around it in a value, without the rest, which may be about others."""
        match value:
            case str() if (parsed := parse_json(value)) is not None:
                return self.excerpts_of(parsed)
            case str():
                return [
                    value[max(0, found.start() - AROUND) : found.end() + AROUND]
                    for found in self._pattern.finditer(value)
                ]
            case list():
                return [words for each in value for words in self.excerpts_of(each)]
            case dict():
                return [
                    words
                    for key, each in value.items()
                    for words in (*self.excerpts_of(key), *self.excerpts_of(each))
                ]
            case _:
                return []

    def _removed_from_text(self, text: str) -> str:
        if not self._pattern.search(text):
            return text
        if normalize_email(text) == self.value:
            return ""
        parsed = parse_json(text)
        if parsed is not None and (removed := self.removed_from(parsed)) != parsed:
            return json.dumps(removed, ensure_ascii="\\u" in text)
        return self._pattern.sub(MARK, text)


AROUND = 40
"""Characters before and after an address in an excerpt."""


def parse_json(text: str) -> Any:
    """Return the list or the object that a text has as JSON, or ``None``."""
    if not text.startswith(("[", "{")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def spellings(address: str) -> list[str]:
    """Return an address as texts, JSON, HTML and links have it, the longest first."""
    found = {
        address,
        json.dumps(address)[1:-1],
        html.escape(address),
        quote(address),
        quote(address, safe="@+"),
        quote(address, safe="@"),
    }
    return sorted(found, key=lambda each: (-len(each), each))
