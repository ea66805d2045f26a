"""What the letters of this app are called in the list of letters, by their templates."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds

register_kinds(
    "review",
    {
        "step": _("À l'équipe : étape de relecture"),
        "restarted": _("À l'équipe : relecture recommencée"),
        "blocked": _("À l'équipe : relecture bloquée"),
        "approved": _("À l'équipe : contenu approuvé"),
        "rejected": _("À l'équipe : modifications demandées"),
        "reminder": _("À l'équipe : relance de relecture"),
    },
)
