"""What may be contributed, and the fields of each kind: one table for form, API and drafts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContributionKind(models.TextChoices):
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
    ContributionKind.ACTION: "action",
    ContributionKind.NEWS: "actualite",
    ContributionKind.RESOURCE: "ressource",
    ContributionKind.TRAINING: "formation",
    ContributionKind.WEBINAR: "webinaire",
    ContributionKind.STRUCTURE: "structure",
    ContributionKind.NETWORK: "reseau",
}
SHORT_LABELS = {
    ContributionKind.ACTION: _("Action"),
    ContributionKind.NEWS: _("Actualité"),
    ContributionKind.RESOURCE: _("Ressource"),
    ContributionKind.TRAINING: _("Formation"),
    ContributionKind.WEBINAR: _("Webinaire"),
    ContributionKind.STRUCTURE: _("Structure"),
    ContributionKind.NETWORK: _("Réseau"),
}
HELP_TEXTS = {
    ContributionKind.ACTION: _("Ce que votre structure mène ou prépare sur le terrain."),
    ContributionKind.NEWS: _("Un événement, une parution, une annonce."),
    ContributionKind.RESOURCE: _("Un guide, un outil, une étude, une vidéo."),
    ContributionKind.TRAINING: _("Une formation ouverte à d'autres professionnel·les."),
    ContributionKind.WEBINAR: _("Une rencontre en ligne, à venir."),
    ContributionKind.STRUCTURE: _(
        "Pour que l'on vous trouve, ou pour signaler une structure utile."
    ),
    ContributionKind.NETWORK: _("Pour participer au réseau national et recevoir ses invitations."),
}
CONTRIBUTE = (
    ContributionKind.ACTION,
    ContributionKind.NEWS,
    ContributionKind.RESOURCE,
    ContributionKind.TRAINING,
    ContributionKind.WEBINAR,
)
"""The kinds of the intent « contribuer »; the others are « être dans l'annuaire, rejoindre »."""
JOIN = (ContributionKind.STRUCTURE, ContributionKind.NETWORK)


@dataclass(frozen=True)
class FieldSpec:
    """A field of a kind: its name, and whether it is required."""

    name: str
    is_required: bool = False


REQUIRED = True
FIELDS_BY_KIND: dict[ContributionKind, tuple[FieldSpec, ...]] = {
    ContributionKind.ACTION: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("date"),
        FieldSpec("place"),
        FieldSpec("department"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    ContributionKind.NEWS: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("date"),
        FieldSpec("link"),
    ),
    ContributionKind.RESOURCE: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("resource_type"),
        FieldSpec("authors"),
        FieldSpec("date"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    ContributionKind.TRAINING: (
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
    ContributionKind.WEBINAR: (
        FieldSpec("title", REQUIRED),
        FieldSpec("text", REQUIRED),
        FieldSpec("starts_at", REQUIRED),
        FieldSpec("ends_at", REQUIRED),
        FieldSpec("speaker"),
        FieldSpec("organiser"),
        FieldSpec("audience"),
        FieldSpec("link"),
    ),
    ContributionKind.STRUCTURE: (
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
    ContributionKind.NETWORK: (
        FieldSpec("text", REQUIRED),
        FieldSpec("department", REQUIRED),
        FieldSpec("link"),
    ),
}
TAKES_FILES = frozenset(set(ContributionKind) - {ContributionKind.NETWORK})


def kind_for_slug(slug: str) -> ContributionKind | None:
    """Return the kind that a part of an address names."""
    return next((kind for kind in ContributionKind if kind.slug == slug), None)
