"""What people agree to when they register: the text, and the name of its version.

With a new text comes a new version, and the old text stays here: a registration
keeps the version that the person agreed to.
"""

from django.utils.translation import gettext_lazy as _

from core.consents import Consent, register_consent

CONSENT_TEXTS = {
    "2026-01": _(
        "J'accepte que le Projet PARÉ conserve ces informations pour organiser cette session et "
        "m'écrire à son sujet. Mes besoins d'accessibilité sont effacés une semaine après la "
        "session, le reste un an après. Je peux me désinscrire à tout moment."
    )
}
CONSENT = register_consent(Consent("registration", CONSENT_TEXTS))
CONSENT_VERSION = CONSENT.version
CONSENT_TEXT = CONSENT.text
