"""What the letters of this app are called in the list of letters, by their templates."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds

register_kinds(
    "network",
    {
        "reminder": _("Fiche de structure à confirmer"),
        "correction": _("À l'équipe : fiche corrigée"),
    },
)
