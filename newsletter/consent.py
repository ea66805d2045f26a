"""What people agree to when they subscribe, by version.

A change of the text takes a new version and keeps the old text here: a consent keeps the version
that was agreed to (CNIL, « Prospection commerciale par courrier électronique »).
"""

from django.utils.translation import gettext_lazy as _

from core.consents import Consent, register_consent

CONSENT_TEXTS = {
    "2026-01": _(
        "J'accepte de recevoir la lettre d'information du Projet PARÉ à cette adresse, quatre fois "
        "par an environ. Je peux me désabonner ou tout effacer à tout moment, par un lien présent "
        "dans chaque lettre."
    )
}
CONSENT = register_consent(Consent("subscription", CONSENT_TEXTS))
CONSENT_VERSION = CONSENT.version
CONSENT_TEXT = CONSENT.text
