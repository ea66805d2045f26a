"""What the letters of this app are called in the list of letters, and what they are about."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds, register_screen

register_kinds(
    "network",
    {
        "reminder": _("Fiche de structure à confirmer"),
        "correction": _("À l'équipe : fiche corrigée"),
    },
)
register_screen("network.structure", "wagtailsnippets_network_structure:edit")
