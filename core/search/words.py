"""Words of each language: without their accents, and without their endings."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import snowballstemmer
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

APOSTROPHES = re.compile(r"[’'ʼ`´]")
WORD = re.compile(r"\w(?:[\w.+-]*\w)?")
SNOWBALL = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "tr": "turkish",
}
"""The stemmer of each language, by the name that PostgreSQL and the library give it."""
_STOP_WORDS = {
    "fr": """
        à ai as au aux avec ça ce ces cet cette d dans de des du elle elles en est et eu eux il
        ils j je l la le les leur leurs lui m ma mais me même mes moi mon n ne nos notre nous on
        ont ou où par pas pour qu que quel quelle quels quelles qui s sa sans se ses si son sont
        sur t ta te tes toi ton tu un une vos votre vous y
    """,
    "en": """
        a an and any are as at be been but by can do does for from had has have he her his how i
        if in is it its me my not of on or our she so some than that the their them then there
        these they this to us was we were what when where which who why will with you your
    """,
    "ar": """
        في من على إلى الى عن مع أن ان إن أو او ثم هو هي هم هذا هذه ذلك تلك التي الذي الذين ما لا
        لم لن هل كل بين عند قد كان كانت كيف أين متى
    """,
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
"""Words that mean nothing for a search, in the form in which people type them."""

LETTERS = {"oe": "(?:oe|œ)", "ae": "(?:ae|æ)"} | {
    plain: f"[{plain}{accented}]"
    for plain, accented in (
        ("a", "àâäáãå"),
        ("c", "ç"),
        ("e", "éèêë"),
        ("i", "îïíì"),
        ("n", "ñ"),
        ("o", "ôöóòõ"),
        ("u", "ùûüú"),
        ("y", "ÿý"),
        ("ا", "أإآٱ"),
        ("و", "ؤ"),
        ("ي", "ئى"),
    )
}
"""What stands in a text for what :func:`fold` makes of it."""
FOLDED = re.compile("|".join(LETTERS))

SHORTEST_ROOT = 3


class Root(NamedTuple):
    """How all forms of a word begin, or the whole of a word too short for that.

    Other words may begin so too (« numér », of « numérique » and « numéro »):
    the stem distinguishes them. In Arabic, what is added may also come before.
    """

    text: str
    word: str
    stem: str
    is_whole: bool = False
    language: str = settings.LANGUAGE_CODE


def fold(text: str) -> str:
    """Return the text in lower case, without accents or ligatures."""
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def typed_words(query: str) -> list[str]:
    """Return the words of a typed query, without the operators an engine would read in it."""
    text = APOSTROPHES.sub(" ", unicodedata.normalize("NFKC", query))
    # Vowel signs, which Arabic has and nobody types, would cut words.
    return WORD.findall("".join(c for c in text if not unicodedata.combining(c)))


def words_of(query: str, language: str = settings.LANGUAGE_CODE) -> list[str]:
    """Return the words to search for, without single letters and stop words."""
    words = [word for word in typed_words(query) if len(word) > 1 or word.isdigit()]
    stop_words = STOP_WORDS.get(language, ())
    return [word for word in words if word.casefold() not in stop_words]


@lru_cache(maxsize=4096)
def stem_of(folded: str, language: str = settings.LANGUAGE_CODE) -> str:
    """Return a word, without accents, without its ending; whole in a language that is unknown."""
    stemmer = SNOWBALL.get(language)
    return str(snowballstemmer.stemmer(stemmer).stemWord(folded)) if stemmer else folded


def root_of(word: str, language: str = settings.LANGUAGE_CODE) -> Root:
    """Return how the forms of a word begin: « heberg » for « Hébergements »."""
    folded = fold(word)
    singular = folded.removesuffix("s") if len(folded) > SHORTEST_ROOT else folded
    stem = stem_of(folded, language)
    if language == "ar" and stem in folded and len(stem) >= SHORTEST_ROOT:
        return Root(stem, folded, stem, language=language)
    # What an ending replaces (« signaux », « signal ») is not in both.
    both = takewhile(lambda pair: pair[0] == pair[1], zip(singular, stem, strict=False))
    root = "".join(letter for letter, _same in both)
    if language == "en":
        # « famili » is the stem of « family » too.
        root = root.removesuffix("i")
    if len(root) < SHORTEST_ROOT or len(singular) <= SHORTEST_ROOT or not singular.isalpha():
        return Root(singular, singular, stem, is_whole=True, language=language)
    return Root(root, singular, stem, language=language)


def pattern_of(root: Root) -> str:
    """Return the regular expression of the words with a root, as Python and PostgreSQL read it."""
    if root.language == "ar" and not root.is_whole:
        return rf"\w*{accented(root.text)}\w*"
    return accented(root.text) + ("s?" if root.is_whole else r"\w*")


def accented(folded: str) -> str:
    """Return the regular expression of a word that had its accents taken away."""
    return FOLDED.sub(lambda found: LETTERS[found[0]], re.escape(folded))


class Forms:
    """Finds the forms of some words in a text, whatever their accents."""

    def __init__(self, roots: Iterable[Root]) -> None:
        self.roots = sorted(roots, key=lambda root: -len(root.text))
        groups = "|".join(f"({pattern_of(root)})" for root in self.roots)
        self.pattern = re.compile(rf"(?<!\w)(?:{groups})(?!\w)", re.IGNORECASE)

    def find(self, text: str) -> list[re.Match[str]]:
        """Return the matches, each with the number of its word (``lastindex``).

        Words that begin alike without having the same stem count only where
        there is nothing better.
        """
        alike = list(self.pattern.finditer(text))
        return [match for match in alike if self._is_form(match)] or alike

    def _is_form(self, match: re.Match[str]) -> bool:
        root = self.roots[(match.lastindex or 1) - 1]
        return root.is_whole or stem_of(fold(match[0]), root.language) == root.stem
