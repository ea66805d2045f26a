"""Languages as parameters: that of an answer, or that in which to write to someone."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _only_of_the_site(value: str) -> str:
    if value not in dict(settings.LANGUAGES):
        raise ValueError("not a language of the site")
    return value


Locale = Annotated[
    str,
    Field(
        max_length=12,
        pattern=r"^[A-Za-z0-9-]*$",
        description="Language (BCP 47).",
        examples=[settings.LANGUAGE_CODE],
    ),
]

Fallback = Annotated[
    bool,
    Field(
        description="Also return in French what has no translation into `locale`: `is_fallback`."
    ),
]

WrittenLocale = Annotated[
    str,
    Field(
        max_length=12,
        description="Language of the site in which to write to them (BCP 47).",
        examples=[settings.LANGUAGE_CODE],
    ),
    AfterValidator(_only_of_the_site),
]


class InLanguage(BaseModel):
    """The language of the answer; French stands in for what is not translated into it."""

    model_config = ConfigDict(extra="forbid")

    locale: Locale = settings.LANGUAGE_CODE
