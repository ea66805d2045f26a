"""What the letters of this app are called in the list of letters, and what they are about."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds, register_screen

register_kinds(
    "contributions",
    {
        "received": _("Contribution reçue"),
        "amended": _("Contribution modifiée"),
        "in_review": _("Contribution en relecture"),
        "changes_requested": _("Contribution à modifier"),
        "scheduled": _("Contribution programmée"),
        "published": _("Contribution publiée"),
        "accepted": _("Demande acceptée"),
        "rejected": _("Contribution refusée"),
        "withdrawn": _("Contribution retirée"),
        "message": _("Message à un partenaire"),
        "new_link": _("Nouveau lien de suivi"),
        "file_refused": _("Fichier refusé"),
        "address_changed": _("Adresse d'un partenaire changée"),
        "team_received": _("À l'équipe : contribution reçue"),
        "team_amended": _("À l'équipe : contribution modifiée"),
        "team_message": _("À l'équipe : message d'un partenaire"),
        "team_withdrawn": _("À l'équipe : contribution retirée"),
    },
)
register_screen("contributions.contribution", "contribution:inspect")
