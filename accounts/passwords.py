"""Which passwords nobody may choose: those that are guessed first."""

from __future__ import annotations

import gzip
import inspect
import re
import unicodedata
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

FRENCH_PASSWORDS = Path(__file__).parent / "data" / "french-passwords.txt"
COMMON_PASSWORDS = "common-passwords.txt.gz"
OWN_WORDS = {"pare", "projetpare", "leprojetpare"}
"""What a stranger would try here and nowhere else."""
MIN_CORE_LENGTH = 4
# What is put in the place of letters.
_DISGUISES = (str.maketrans("0134578@$!€", "oieastbasie"), str.maketrans("01", "ol"))
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_BETWEEN = re.compile(r"[\W_]+")


class BreachedPasswordValidator:
    """Refuse the passwords of known leaks, and those that hide one behind what is put around it.

    The lists are files: no password, and no part of one, leaves this server.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Check a password.

        Raises:
            ValidationError: it is in a list, or made of one that is.
        """
        if any(core in known_passwords() for core in cores(password)):
            raise ValidationError(
                _(
                    "Ce mot de passe figure, tel quel ou avec peu de changements, dans des listes"
                    " de mots de passe volés. Choisissez par exemple quatre ou cinq mots sans"
                    " rapport entre eux."
                ),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """Return what is asked of a password."""
        return _(
            "Quatre ou cinq mots sans rapport entre eux font un bon mot de passe. Ceux qui ont été"
            " volés sur d'autres sites sont refusés."
        )


@cache
def known_passwords() -> frozenset[str]:
    """Return the passwords of the lists, in lower case."""
    common = Path(inspect.getfile(CommonPasswordValidator)).with_name(COMMON_PASSWORDS)
    with gzip.open(common, "rt", encoding="utf-8") as file:
        found = {line.strip() for line in file}
    french = FRENCH_PASSWORDS.read_text(encoding="utf-8").splitlines()
    found.update(normalized(line.strip()) for line in french)
    # One that is short is part of many good ones.
    return frozenset(each for each in found if len(each) >= MIN_CORE_LENGTH) | OWN_WORDS


def normalized(text: str) -> str:
    """Return a text in lower case, with its accents in one form."""
    return unicodedata.normalize("NFKC", text).casefold()


def cores(password: str) -> Iterator[str]:
    """Yield a password, and what is left of it without its disguises."""
    given = normalized(password)
    yield given
    plain = [given, *(given.translate(table) for table in _DISGUISES)]
    for text, table in product(plain, (None, *_DISGUISES)):
        for core in (_ENDS.sub("", text), _BETWEEN.sub("", text)):
            stripped = _ENDS.sub("", core.translate(table) if table else core)
            yield from (core, stripped)
            yield from (repeated(core), repeated(stripped))
    yield repeated(given)


def repeated(text: str) -> str:
    """Return what a text repeats, or the text."""
    found = re.fullmatch(r"(.+?)\1+.{0,2}", text)
    return found[1] if found and len(found[1]) < len(text) else text
