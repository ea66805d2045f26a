"""What the letters of this app are called in the list of letters, by their templates."""

from django.utils.translation import gettext_lazy as _

from outbox.labels import register_kinds

register_kinds(
    "accounts",
    {
        "invitation": _("À une personne : invitation à ouvrir son compte"),
        "second_factor_added": _("À une personne : second facteur mis en place"),
        "second_factor_reset": _("À une personne : second facteur réinitialisé"),
        "codes_refused": _("À une personne : mot de passe peut-être connu d'autrui"),
    },
)
