"""What the letters of this app are called in the list of letters, and what they are about."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds, register_screen

register_kinds(
    "newsletter",
    {
        "confirm": _("Abonnement à confirmer"),
        "already": _("Abonnement déjà fait"),
        "welcome": _("Abonnement confirmé"),
        "preferences": _("Lien d'un abonnement"),
        "unknown": _("Lien demandé sans abonnement"),
        "address_changed": _("Adresse d'un abonnement changée"),
        "test": _("Test d'un numéro de la lettre"),
    },
)
register_screen("newsletter.subscriber", "subscribers:edit")
