"""Languages as parameters: that of an answer, or that in which to write to someone."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

CODES = [code for code, _name in settings.LANGUAGES]


def find_language(tag: str) -> str:
    """Return the language of the site that a tag names, whatever its case (BCP 47, 2.1.1).

    Raises:
        ValueError: the site has none of that name.
    """
    for code in CODES:
        if code.casefold() == tag.casefold():
            return code
    raise ValueError(f"The languages of this site are: {', '.join(CODES)}.")


def _validate_language(tag: str) -> str:
    try:
        return find_language(tag)
    except ValueError as error:
        raise PydanticCustomError("unknown_language", "{why}", {"why": str(error)}) from error


_Code = Annotated[
    str, AfterValidator(_validate_language), WithJsonSchema({"type": "string", "enum": CODES})
]

Locale = Annotated[_Code, Field(description="Language (BCP 47).")]

Fallback = Annotated[
    bool,
    Field(
        description="Also return in French what has no translation into `locale`: `is_fallback`."
    ),
]

WrittenLocale = Annotated[
    _Code, Field(description="Language of the site in which to write to them (BCP 47).")
]


class InLanguage(BaseModel):
    """The language of the answer; French stands in for what is not translated into it."""

    model_config = ConfigDict(extra="forbid")

    locale: Locale = settings.LANGUAGE_CODE
