"""Slugs from French titles: the same ones in the browser and on the server.

Wagtail's own keep the accents of « éditrice » and run « l'éditrice » together.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache

MAX_LENGTH = 255
LATIN = (*range(0xAA, 0x250), *range(0x2B0, 0x2B9), *range(0x1D2C, 0x1D6B), *range(0x1E00, 0x1F00))
SMALL = (*range(0x2070, 0x20A0), *range(0xFB00, 0xFB07))
"""Superscripts, subscripts and typographic ligatures."""
LETTERS = {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ŋ": "n",
    "ı": "i",
}
"""Letters of the Latin script that Unicode does not take apart."""
INVISIBLE = r"[\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]"
SEPARATORS = (
    r"[\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\xbf\xd7\xf7"
    # Apostrophes among the letters, Arabic punctuation, spaces and punctuation of every script.
    r"\u02b9-\u02bf\u060c\u061b\u061f\u1680\u2000-\u206f\u20a0-\u20cf\u2100-\u214f\u2190-\u2bff"
    # Emoji are written as they are, since Python and JavaScript escape them differently.
    r"\u3000-\u303f🀀-🫿]+"
)


@cache
def slug_formatters() -> tuple[tuple[str, str], ...]:
    """Return the replacements that make a slug, in order, as Python and JavaScript read them.

    An apostrophe, a dot of « prostitué·es » and whatever parts two words becomes a hyphen.
    Scripts other than the Latin keep their letters.
    """
    by_letters = defaultdict(list)
    for code in (*LATIN, *SMALL):
        letters = _latin_letters(chr(code))
        if letters:
            by_letters[letters].append(f"\\u{code:04x}")
    return (
        (INVISIBLE, ""),
        *((f"[{''.join(codes)}]", letters) for letters, codes in by_letters.items()),
        (SEPARATORS, "-"),
        ("-{2,}", "-"),
        ("^-|-$", ""),
    )


def make_slug(text: str, *, max_length: int = MAX_LENGTH, ascii_only: bool = False) -> str:
    """Return the slug of a text, which may be empty."""
    for pattern, replacement in slug_formatters():
        text = re.sub(pattern, replacement, text)
    kept = r"[^a-z0-9_-]" if ascii_only else r"[^\w-]"
    slug = re.sub("-{2,}", "-", re.sub(kept, "", text.lower()))
    return slug[:max_length].strip("-")


def _latin_letters(character: str) -> str:
    letters = LETTERS.get(character.lower())
    if letters is None:
        parts = unicodedata.normalize("NFKD", character)
        letters = "".join(part for part in parts if not unicodedata.combining(part))
    is_slug = letters.isascii() and letters.isalnum()
    return letters.lower() if is_slug else ""
