"""What the API takes in."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, field_validator
from pydantic_core import PydanticCustomError

from core.plain_text import CODE, has_forbidden


class Input(BaseModel):
    """A body of a request: no text in it has a control character.

    Query and path are refused before, for all of the site (:mod:`pare.middleware`).
    """

    @field_validator("*", mode="after")
    @classmethod
    def refuse_control_characters(cls, value: Any) -> Any:
        """Return a value whose texts are plain.

        Raises:
            PydanticCustomError: one has a control character.
        """
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(each, str) and has_forbidden(each) for each in texts):
            raise PydanticCustomError(CODE, "Text may not have control characters")
        return value
