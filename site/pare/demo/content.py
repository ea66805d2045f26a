"""The texts of the demonstration, as read from the YAML files beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
# The parser in C where PyYAML has it: ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Item = dict[str, Any]

NO_BREAK = "\u00a0"
SPACES = [
    (re.compile(r" (?=[;:!?»%€])"), NO_BREAK),
    (re.compile(r"(?<=«) "), NO_BREAK),
    # Numbers (116 000), and numbers with what they count (24 h/24, 7 j/7).
    (re.compile(r"(?<=\d) (?=\d|(?:h|j|ans|mois|jours|pages)\b)"), NO_BREAK),
    (re.compile(r"(?<=n°) |(?<=\b[pP]\.) "), NO_BREAK),
]
VERBATIM = {"number", "time"}
"""Keys whose values a machine reads."""


@dataclass(frozen=True)
class Content:
    """All that is loaded, apart from the files."""

    site: Item
    pages: list[Item]
    resources: list[Item]
    news: list[Item]

    @property
    def keys(self) -> list[str]:
        """The keys of all the pages."""
        return [item["key"] for item in (*self.pages, *self.resources, *self.news)]


def read_content() -> Content:
    """Read the pages, resources and news."""
    content = _read("content.yaml")
    return Content(
        site=content["site"],
        pages=_read("pages.yaml")["pages"],
        resources=content["resources"],
        news=content["news"],
    )


def read_agenda() -> Item:
    """Read the agenda and its events."""
    agenda: Item = _read("events.yaml")
    return agenda


def read_newsletter() -> Item:
    """Read the newsletter."""
    newsletter: Item = _read("newsletter.yaml")
    return newsletter


def read_translations() -> Item:
    """Read the translations: the slugs of the pages, then what the French becomes by language.

    The keys are typeset as the French texts are, of which they are copies.
    """
    with (FOLDER / "translations.yaml").open(encoding="utf-8") as file:
        data: Item = yaml.load(file, LOADER)  # noqa: S506 (both loaders are safe ones)
    return {
        name: value if name == "pages" else {french(key): text for key, text in value.items()}
        for name, value in data.items()
    }


def french(text: str) -> str:
    """Return ``text`` with no-break spaces where French typography wants them.

    They can't be told from spaces in an editor, so the files have plain ones.
    """
    for pattern, replacement in SPACES:
        text = pattern.sub(replacement, text)
    return text


def _read(name: str) -> Any:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return _typeset(yaml.load(file, LOADER))  # noqa: S506 (both loaders are safe ones)


def _typeset(value: Any) -> Any:
    match value:
        case str():
            return french(value)
        case list():
            return [_typeset(each) for each in value]
        case dict():
            return {key: each if key in VERBATIM else _typeset(each) for key, each in value.items()}
        case _:
            return value
