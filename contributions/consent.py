"""The text of the consent, by version.

A changed text is a new version, and the old one stays here: a contribution keeps the version that
its sender agreed to.
"""

from django.utils.translation import gettext_lazy as _

CONSENT_VERSION = "2026-01"
CONSENT_TEXTS = {
    "2026-01": _(
        "J'accepte que l'équipe du Projet PARÉ conserve ces informations pour étudier ma "
        "contribution et m'écrire à son sujet. Mon nom et mon adresse ne sont jamais publiés ; "
        "ils sont effacés un an après la publication, six mois après un refus ou un retrait. "
        "J'ai le droit de diffuser ces contenus, et les personnes qu'on y reconnaît l'acceptent."
    )
}
CONSENT_TEXT = CONSENT_TEXTS[CONSENT_VERSION]
NO_SITUATION = _("Ne décrivez aucune situation individuelle.")
