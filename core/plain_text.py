"""Text from outside: which characters no text of ours has, and where they are refused.

Control characters and halves of characters: PostgreSQL stores no NUL and no half, XML (feeds,
sitemap, workbooks) takes none of them, and terminals obey some. Addresses are refused by
:class:`pare.middleware.PlainAddressMiddleware`, fields of every form by Django's own validator,
which is made to look for all of them, and what the API takes by :class:`core.schemas.inputs.Input`.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters but tabs and line breaks, halves of characters, and what is no character."""
PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]*$"
"""The same for the contract of the API, as JSON Schema writes it."""
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text around it, unseen: a name would turn the line it is in."""
CONTEXT = 20
CODE = "control_characters"


def has_forbidden(text: str) -> bool:
    """Return whether a text has a character that is refused."""
    return FORBIDDEN.search(text) is not None


def without_forbidden(text: str) -> str:
    """Return a text without the characters that are refused: for what no form has checked."""
    return FORBIDDEN.sub("", text)


def without_directions(text: str) -> str:
    """Return a text whose letters alone give its direction."""
    return DIRECTIONS.sub("", text)


def refuse_forbidden(text: str) -> None:
    """Refuse a text that has such a character, and point at the first.

    Raises:
        ValidationError: nobody sees it in what they pasted, so the words before it are repeated.
    """
    found = FORBIDDEN.search(text)
    if found is None:
        return
    before = text[: found.start()][-CONTEXT:]
    if before.strip():
        message = _(
            "Ce texte contient un caractère invisible, après « %(before)s ». Effacez-le, ou tapez "
            "de nouveau ce passage."
        )
    else:
        message = _(
            "Ce texte commence par un caractère invisible. Effacez-le, ou tapez de nouveau ce "
            "passage."
        )
    raise ValidationError(message, code=CODE, params={"before": before.strip()})


def patch_null_validator() -> None:
    """Have the validator of every text field of every form refuse all of them, and not NUL alone.

    Django gives it to each ``CharField``, those of Wagtail's forms and ours alike.
    """

    def validate(self: ProhibitNullCharactersValidator, value: object) -> None:
        refuse_forbidden(str(value))

    ProhibitNullCharactersValidator.__call__ = validate  # type: ignore[method-assign]
