"""What may be contributed, and the fields of each kind: one table for form, API and drafts."""

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
        """Return the part of an address that names the kind."""
        return SLUGS[self]

    @property
    def short_label(self) -> str:
        """Return the label of the kind in the team's lists."""
        return str(SHORT_LABELS[self])

    @property
    def help_text(self) -> str:
        """Return the sentence that helps to choose the kind."""
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
class FieldSpec:
    """A field of a kind: its name, and whether it is required."""

    name: str
    is_required: bool = False


REQUIRED = True
FIELDS_BY_KIND: dict[Kind, tuple[FieldSpec, ...]] = {
    Kind.ACTION: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("date"),
        FieldSpec("place"),
        FieldSpec("department"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    Kind.NEWS: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("date"),
        FieldSpec("link"),
    ),
    Kind.RESOURCE: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("resource_type"),
        FieldSpec("authors"),
        FieldSpec("date"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    Kind.TRAINING: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("starts_at", REQUIRED),
        FieldSpec("ends_at", REQUIRED),
        FieldSpec("place", REQUIRED),
        FieldSpec("department"),
        FieldSpec("organiser", REQUIRED),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    Kind.WEBINAR: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("starts_at", REQUIRED),
        FieldSpec("ends_at", REQUIRED),
        FieldSpec("speaker"),
        FieldSpec("organiser"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    Kind.STRUCTURE: (
        FieldSpec("title", REQUIRED),
        FieldSpec("listed_type", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("department", REQUIRED),
        FieldSpec("is_confidential"),
        FieldSpec("street"),
        FieldSpec("postcode"),
        FieldSpec("municipality"),
        FieldSpec("contact_phone"),
        FieldSpec("contact_email"),
        FieldSpec("link"),
    ),
    Kind.NETWORK: (
        FieldSpec("text", REQUIRED),
        FieldSpec("department", REQUIRED),
        FieldSpec("link"),
    ),
}
TAKES_FILES = frozenset(set(Kind) - {Kind.NETWORK})


def kind_for_slug(slug: str) -> Kind | None:
    """Return the kind that a part of an address names."""
    return next((kind for kind in Kind if kind.slug == slug), None)
