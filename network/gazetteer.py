"""Geocoding of French postcodes and municipalities, to a few kilometres, from a file."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
SAINT = {"st": "saint", "ste": "sainte"}
OVERSEAS_PREFIX = "97"


@dataclass(frozen=True)
class GeocodedPlace:
    """A place that a visitor typed, with its coordinates."""

    label: str
    department: str
    latitude: float
    longitude: float


def plain(name: str) -> str:
    """Return a name without case, accents or hyphens, and « St » in full."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("œ", "oe")).encode("ascii", "ignore")
    words = re.split(r"[^a-z0-9]+", ascii_name.decode().lower())
    return " ".join(SAINT.get(word, word) for word in words if word)


@cache
def _gazetteer() -> tuple[dict[str, list[GeocodedPlace]], dict[str, list[GeocodedPlace]]]:
    """Return the places by postcode, and by plain name."""
    by_postcode: dict[str, list[GeocodedPlace]] = defaultdict(list)
    parts: dict[tuple[str, str], list[GeocodedPlace]] = defaultdict(list)
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        for postcode, department, latitude, longitude, names in list(csv.reader(file))[1:]:
            point = (department, float(latitude), float(longitude))
            served = names.split("|")
            label = served[0] if len(served) == 1 else ""
            by_postcode[postcode].append(GeocodedPlace(f"{postcode} {label}".strip(), *point))
            for name in served:
                parts[(name, department)].append(GeocodedPlace(name, *point))
    by_name: dict[str, list[GeocodedPlace]] = defaultdict(list)
    for (name, department), places in parts.items():
        middle = GeocodedPlace(
            f"{name} ({department})",
            department,
            sum(place.latitude for place in places) / len(places),
            sum(place.longitude for place in places) / len(places),
        )
        by_name[plain(name)].append(middle)
    return dict(by_postcode), dict(by_name)


def geocode(typed: str) -> list[GeocodedPlace]:
    """Return the places that a postcode or the name of a municipality may mean.

    A postcode that the file lacks (a company's own, « CEDEX ») gives the middle
    of its department. A municipality may be followed by the number of its
    department, where several have its name: ``Saint-Denis (974)``.
    """
    by_postcode, by_name = _gazetteer()
    words = plain(typed)
    if postcode := re.search(r"\b\d{5}\b", words):
        code = postcode[0]
        return by_postcode.get(code) or _middle_of(department_of(code), code)
    if found := by_name.get(words):
        return found
    name, _, department = words.rpartition(" ")
    return [place for place in by_name.get(name, []) if place.department == department.upper()]


def department_of(postcode: str) -> str:
    """Return the department in which a postcode most likely is."""
    if known := _gazetteer()[0].get(postcode):
        return known[0].department
    if postcode.startswith(OVERSEAS_PREFIX):
        return postcode[:3]
    if postcode.startswith("20"):
        return "2A" if postcode < "20200" else "2B"
    return postcode[:2]


def _middle_of(department: str, label: str) -> list[GeocodedPlace]:
    points = [
        place
        for places in _gazetteer()[0].values()
        for place in places
        if place.department == department
    ]
    if not points:
        return []
    latitude = sum(place.latitude for place in points) / len(points)
    longitude = sum(place.longitude for place in points) / len(points)
    return [GeocodedPlace(label, department, latitude, longitude)]


def on_unit_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Return a point as coordinates from the centre of the Earth, its radius being 1."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


def chord_of_distance(kilometres: float) -> float:
    """Return the length of the straight line through a unit sphere for a great-circle distance."""
    return 2 * math.sin(min(math.pi, kilometres / EARTH_RADIUS_KM) / 2)


def distance_of_chord(chord: float) -> float:
    """Return the great-circle distance in kilometres for a line through a unit sphere."""
    return 2 * EARTH_RADIUS_KM * math.asin(min(2.0, chord) / 2)
