"""What may be contributed, and what is asked for each kind.

One table says it for the form, for the API and for whoever reads a contribution.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a contribution is; the values are those of the API."""

    ACTION = "action", _("Une action ou un projet")
    NEWS = "news", _("Une actualité")
    RESOURCE = "resource", _("Une ressource")
    TRAINING = "training", _("Une formation")
    WEBINAR = "webinar", _("Un webinaire")
    STRUCTURE = "structure", _("Une structure pour l'annuaire")
    NETWORK = "network", _("Une demande pour rejoindre le réseau")

    @property
    def slug(self) -> str:
        """Return its part of an address of the website."""
        return SLUGS[self]

    @property
    def short_label(self) -> str:
        """Return what the team calls it in a list."""
        return str(SHORT_LABELS[self])

    @property
    def help_text(self) -> str:
        """Return what helps to choose it."""
        return str(HELP_TEXTS[self])


SLUGS = {
    Kind.ACTION: "action",
    Kind.NEWS: "actualite",
    Kind.RESOURCE: "ressource",
    Kind.TRAINING: "formation",
    Kind.WEBINAR: "webinaire",
    Kind.STRUCTURE: "structure",
    Kind.NETWORK: "reseau",
}
SHORT_LABELS = {
    Kind.ACTION: _("Action"),
    Kind.NEWS: _("Actualité"),
    Kind.RESOURCE: _("Ressource"),
    Kind.TRAINING: _("Formation"),
    Kind.WEBINAR: _("Webinaire"),
    Kind.STRUCTURE: _("Structure"),
    Kind.NETWORK: _("Réseau"),
}
HELP_TEXTS = {
    Kind.ACTION: _("Ce que votre structure mène ou prépare sur le terrain."),
    Kind.NEWS: _("Un événement, une parution, une annonce."),
    Kind.RESOURCE: _("Un guide, un outil, une étude, une vidéo."),
    Kind.TRAINING: _("Une formation ouverte à d'autres professionnel·les."),
    Kind.WEBINAR: _("Une rencontre en ligne, à venir."),
    Kind.STRUCTURE: _("Pour que l'on vous trouve, ou pour signaler une structure utile."),
    Kind.NETWORK: _("Pour participer au réseau national et recevoir ses invitations."),
}
CONTRIBUTE = (Kind.ACTION, Kind.NEWS, Kind.RESOURCE, Kind.TRAINING, Kind.WEBINAR)
"""The kinds of the intent « contribuer »; the others are « être dans l'annuaire, rejoindre »."""
JOIN = (Kind.STRUCTURE, Kind.NETWORK)


@dataclass(frozen=True)
class Ask:
    """One thing that a kind asks for: the name of a field, and whether it must be answered."""

    name: str
    is_required: bool = False


REQUIRED = True
ASKED: dict[Kind, tuple[Ask, ...]] = {
    Kind.ACTION: (
        Ask("title", REQUIRED),
        Ask("text", REQUIRED),
        Ask("date"),
        Ask("place"),
        Ask("department"),
        Ask("audience"),
        Ask("link"),
    ),
    Kind.NEWS: (Ask("title", REQUIRED), Ask("text", REQUIRED), Ask("date"), Ask("link")),
    Kind.RESOURCE: (
        Ask("title", REQUIRED),
        Ask("text", REQUIRED),
        Ask("resource_type"),
        Ask("authors"),
        Ask("date"),
        Ask("audience"),
        Ask("link"),
    ),
    Kind.TRAINING: (
        Ask("title", REQUIRED),
        Ask("text", REQUIRED),
        Ask("starts_at", REQUIRED),
        Ask("ends_at", REQUIRED),
        Ask("place", REQUIRED),
        Ask("department"),
        Ask("organiser", REQUIRED),
        Ask("audience"),
        Ask("link"),
    ),
    Kind.WEBINAR: (
        Ask("title", REQUIRED),
        Ask("text", REQUIRED),
        Ask("starts_at", REQUIRED),
        Ask("ends_at", REQUIRED),
        Ask("speaker"),
        Ask("organiser"),
        Ask("audience"),
        Ask("link"),
    ),
    Kind.STRUCTURE: (
        Ask("title", REQUIRED),
        Ask("listed_type", REQUIRED),
        Ask("text", REQUIRED),
        Ask("department", REQUIRED),
        Ask("is_confidential"),
        Ask("street"),
        Ask("postcode"),
        Ask("municipality"),
        Ask("contact_phone"),
        Ask("contact_email"),
        Ask("link"),
    ),
    Kind.NETWORK: (Ask("text", REQUIRED), Ask("department", REQUIRED), Ask("link")),
}
TAKES_FILES = frozenset(set(Kind) - {Kind.NETWORK})


def kind_of(slug: str) -> Kind | None:
    """Return the kind that an address of the website names."""
    return next((kind for kind in Kind if kind.slug == slug), None)
