"""The text of the consent, by version.

A changed text is a new version, and the old one stays here: a contribution keeps the version that
its sender agreed to.
"""

from django.utils.translation import gettext_lazy as _

from core.consents import Consent, register_consent

CONSENT_TEXTS = {
    "2026-01": _(
        "J'accepte que l'équipe du Projet PARÉ conserve ces informations pour étudier ma "
        "contribution et m'écrire à son sujet. Mon nom et mon adresse ne sont jamais publiés ; "
        "ils sont effacés un an après la publication, six mois après un refus ou un retrait. "
        "J'ai le droit de diffuser ces contenus, et les personnes qu'on y reconnaît l'acceptent."
    ),
    "2026-11": _(
        "J'accepte que l'équipe du Projet PARÉ conserve ces informations pour étudier ma "
        "contribution et m'écrire à son sujet. Mon nom et mon adresse ne sont jamais publiés ; "
        "ils sont effacés un an après la publication, six mois après un refus ou un retrait, un an "
        "après le dernier échange si rien n'est décidé. J'ai le droit de diffuser ces contenus, et "
        "les personnes qu'on y reconnaît l'acceptent."
    ),
}
CONSENT = register_consent(Consent("contribution", CONSENT_TEXTS))
CONSENT_VERSION = CONSENT.version
CONSENT_TEXT = CONSENT.text
NO_SITUATION = _("Ne décrivez aucune situation individuelle.")
