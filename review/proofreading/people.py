"""What could lead to a child: a first name with an age and a place, a face, a street."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from review.proofreading.findings import Finding, Topic, point_at
from review.proofreading.sources import DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.proofreading.passages import Passage

FIRST_NAMES_FILE = Path(__file__).resolve().parents[1] / "data" / "first_names.txt"
AGE = re.compile(
    r"(?<!\d)(?:[3-9]|1[0-7])\s*ans?\b(?!\s+(?:après|plus tard|d'expérience|de prison))"
)
CAPITALISED = re.compile(r"(?<![\w'’])[A-ZÀ-ÖØ-Þ][\w-]+")
PLACE = re.compile(
    r"(?i:\b(?:à|au|aux|de|du|en|dans|vers|sur)\s+(?:la\s+|le\s+|les\s+|l['’])?|\b[dl]['’])"
    r"([A-ZÀ-ÖØ-Þ][\w-]{2,}(?:[ -](?:en|sur|sous|de|la|le|les|[A-Z])[\w'’-]*)*)"
)
WHERE = re.compile(
    r"\b(?:collège|lycée|école|foyer|rue|avenue|boulevard|quartier|gare|hôtel|internat|cité)\b"
    r"\s+(?:(?:de|du|des|la|le|les)\s+)*(?:d['’]|l['’])?[A-ZÀ-ÖØ-Þ][\w'’-]+"
)
FACE = re.compile(
    r"\b(?:visages?|portraits?|de face|souri(?:t|re|res|ant|ante|ants|antes|ent)|"
    r"regard(?:e|ent|ant)? (?:vers )?l['’]objectif|yeux (?:bleus?|verts?|marron|noirs?)|"
    r"cheveux|taches de rousseur|tatouages?|cicatrices?)\b",
    re.I,
)
NO_PLACES = frozenset({"france", "europe", "noel", "internet", "etat", "union", "paques"})
NEAR_NAME, NEAR_PLACE = 60, 200
"""Characters between a first name and its age, and between them and a place."""
FOR_PUBLIC = frozenset({"mineurs", "jeunes-majeurs", "parents"})
HELPLINES = re.compile(r"(?<!\d)(?:119|30 ?18)(?!\d)")


def check_identities(passages: list[Passage]) -> Iterator[Finding]:
    """Yield where a first name, the age of a minor and a place are near each other."""
    for passage in passages:
        for age in AGE.finditer(passage.text):
            name = _first_name_near(passage.text, age)
            if name is None:
                continue
            start, end = min(name.start(), age.start()), max(name.end(), age.end())
            place = _place_near(passage.text, start, end, name.group())
            if place is None:
                continue
            yield point_at(
                passage,
                (min(start, place.start()), max(end, place.end())),
                Topic.PEOPLE,
                _("Un prénom, un âge et un lieu"),
                _(
                    "Ensemble, ils peuvent suffire à reconnaître un enfant. Changez le prénom et "
                    "écrivez-le (« prénom modifié »), donnez l'âge à peu près, et la région plutôt "
                    "que la ville."
                ),
            )


def check_descriptions(passages: list[Passage]) -> Iterator[Finding]:
    """Yield the descriptions of pictures in which there is a face or a place."""
    for passage in passages:
        if not passage.is_description:
            continue
        if face := FACE.search(passage.text):
            yield point_at(
                passage,
                face.span(),
                Topic.PEOPLE,
                _("Un visage dans une image"),
                _(
                    "Si c'est celui d'une personne mineure, choisissez une autre image : un accord "
                    "ne suffit pas, et une image en ligne ne s'efface plus. Un dessin, des mains, "
                    "un lieu sans personne conviennent mieux."
                ),
            )
        place = WHERE.search(passage.text) or _place_near(passage.text, 0, len(passage.text), "")
        if place:
            yield point_at(
                passage,
                place.span(),
                Topic.PEOPLE,
                _("Un lieu dans une image"),
                _(
                    "Un établissement, une rue ou une ville reconnaissables peuvent mener à un "
                    "enfant ou à un lieu d'accueil. Décrivez ce que l'image veut dire, non où "
                    "elle a été prise."
                ),
            )


def check_helplines(instance: Any, passages: list[Passage]) -> Iterator[Finding]:
    """Yield whether a page for the public gives neither 119 nor 3018."""
    if not is_for_public(instance):
        return
    texts = (passage.text.replace("\xa0", " ").translate(DIGITS) for passage in passages)
    if not any(HELPLINES.search(text) for text in texts):
        yield Finding(
            Topic.HELP,
            _("Ni 119 ni 3018 dans ce contenu"),
            _(
                "Il s'adresse à des jeunes ou à leurs proches, et peut être imprimé, copié ou "
                "partagé sans le bandeau du site. Donnez le 119 (enfance en danger) ou le 3018 "
                "(violences numériques), avec un appel à l'action si possible."
            ),
        )


def is_for_public(instance: Any) -> bool:
    """Return whether a content is for young people or those near them."""
    audiences = getattr(instance, "audiences", None)
    is_structure = hasattr(instance, "opening_hours")
    return (
        audiences is not None
        and not is_structure
        and any(term.slug in FOR_PUBLIC for term in audiences.all())
    )


@cache
def first_names() -> frozenset[str]:
    """Return the first names to look for, without accents."""
    return frozenset(FIRST_NAMES_FILE.read_text(encoding="utf-8").split())


def _bare(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _first_name_near(text: str, age: re.Match[str]) -> re.Match[str] | None:
    start = max(0, age.start() - NEAR_NAME)
    near = [
        word
        for word in CAPITALISED.finditer(text, start, age.end() + NEAR_NAME)
        if _bare(word.group()).split("-")[0] in first_names()
    ]
    return min(near, key=lambda word: abs(word.start() - age.start()), default=None)


def _place_near(text: str, start: int, end: int, name: str) -> re.Match[str] | None:
    for place in PLACE.finditer(text, max(0, start - NEAR_PLACE), end + NEAR_PLACE):
        words = _bare(place[1])
        is_person = words.split("-")[0].split(" ")[0] in first_names()
        if words != _bare(name) and not is_person and words not in NO_PLACES:
            return place
    return None
