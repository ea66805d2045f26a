"""The OpenAPI document: names that are chosen, one meaning each, and none that leads nowhere.

OpenAPI 3.1, as validators and generators of others read it (``tests/contract``).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from core.plain_text import PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ninja import NinjaAPI

CONSTRAINTS = {"pattern", "enum", "const", "format", "contentMediaType"}
COMPONENTS = REF_TEMPLATE.format(model="")
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
ETAG = {
    "description": "Of this answer. Sent back in `If-None-Match`, it gets 304 and no content until "
    "something public changes (RFC 9110, 13.1.2).",
    "schema": {"type": "string"},
}
ANONYMOUS = "AllowAnonymous"
"""The class by whose name Ninja lists that a token may be missing (``core.api.access``)."""


class Contract(OpenAPISchema):
    """What Ninja writes, less the components that nothing refers to."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        # Ninja writes the classes of parameters as well, though it lists their fields one by one.
        used = self._used_components()
        self["components"]["schemas"] = {
            name: schema for name, schema in self.schemas.items() if name in used
        }
        self["components"].get("securitySchemes", {}).pop(ANONYMOUS, None)
        for methods in self["paths"].values():
            for method, operation in methods.items():
                _correct(operation)
                if method == "get":
                    _declare_caching(operation)
                self._require_plain_texts(operation)

    def _require_plain_texts(self, operation: dict[str, Any]) -> None:
        """Describe that what is asked for and sent has no control characters."""
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                _require_plain_text(parameter["schema"])
        body = operation.get("requestBody", {})
        for content in body.get("content", {}).values():
            schema = content["schema"]
            for name in _references(schema):
                _require_plain_text(self.schemas[name])
            _require_plain_text(schema)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Add components; refuse a name that another one has."""
        # Ninja would let the last one win, and every reference would change its meaning.
        for name, definition in definitions.items():
            if self.schemas.setdefault(name, definition) != definition:
                raise ImproperlyConfigured(f"Two components of the API are named {name}.")

    def _used_components(self) -> set[str]:
        """Return the names that operations refer to, directly or through others."""
        used: set[str] = set()
        new = set(_references(self["paths"]))
        while new:
            used |= new
            new = {name for one in new for name in _references(self.schemas[one])} - used
        return used


def _require_plain_text(schema: dict[str, Any]) -> None:
    """Add the pattern of plain texts to each text of a schema that has no narrower one."""
    if schema.get("type") == "string" and not CONSTRAINTS & schema.keys():
        schema["pattern"] = PATTERN
    for part in (schema.get("items"), *schema.get("anyOf", ())):
        if part:
            _require_plain_text(part)
    for part in schema.get("properties", {}).values():
        _require_plain_text(part)


def _correct(operation: dict[str, Any]) -> None:
    """Write what Ninja gives otherwise than OpenAPI 3.1 has it."""
    for parameter in operation.get("parameters", []):
        # A list there is not what OpenAPI means by that name; the schema has it, as JSON Schema's.
        parameter.pop("examples", None)
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= HTTPStatus.BAD_REQUEST and JSON in content:
            content[PROBLEM_JSON] = content.pop(JSON)
    # Empty beside another: a token is optional (OpenAPI 3.1, Security Requirement Object).
    operation["security"] = [
        {} if ANONYMOUS in requirement else requirement
        for requirement in operation.get("security", [])
    ]


def _declare_caching(operation: dict[str, Any]) -> None:
    """Declare the ETag of an answer, and what it is for."""
    # Not 304 as a response: it is given to who asks for it alone, and generators would have each
    # read return anything (``Any``) besides what it returns.
    for status, response in operation["responses"].items():
        if int(status) == HTTPStatus.OK:
            response["headers"] = {"ETag": ETAG}


def _references(part: Any) -> Iterator[str]:
    """Yield the names of the components that a part of the document refers to."""
    match part:
        case str() if part.startswith(COMPONENTS):
            yield part.removeprefix(COMPONENTS)
        case Mapping():
            for child in part.values():
                yield from _references(child)
        case list() | tuple():
            for child in part:
                yield from _references(child)
