"""What the letters of this app are called in the list of letters, and what they are about."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds, register_screen

register_kinds(
    "events",
    {
        "confirm": _("Inscription à confirmer"),
        "already": _("Inscription déjà faite"),
        "address_changed": _("Adresse d'une inscription changée"),
        "confirmed": _("Inscription confirmée"),
        "waiting": _("Inscription en liste d'attente"),
        "promoted": _("Place obtenue"),
        "cancelled": _("Désinscription"),
        "changed": _("Session modifiée"),
        "session_cancelled": _("Session annulée"),
        "week_before": _("Rappel une semaine avant"),
        "day_before": _("Rappel la veille"),
        "follow_up": _("Suites d'une session"),
        "message": _("Message aux inscrits"),
    },
)
register_screen("events.registration", "registrations:person")
