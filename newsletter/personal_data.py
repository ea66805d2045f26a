"""What the newsletter holds of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.consents import ConsentProof, register_proof
from core.personal_data import NUMBERS, TEAM_TEXTS
from core.privacy.common import ACTIVITY, WITH_CONTENT
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    Unlimited,
    declare,
    declare_all,
    held,
    retention,
)
from newsletter import retention as ends
from newsletter.consent import CONSENT
from newsletter.models import Consent
from newsletter.subscribing import erase

NEWSLETTER = Processing(
    key="newsletter",
    name=_("Lettre d'information"),
    purpose=_("Envoyer la lettre à qui l'a demandée, et savoir le prouver."),
    people=_("les personnes qui s'abonnent"),
    data=_(
        "adresse e-mail ; si la personne les donne, prénom, nom, fonction, structure, département, "
        "centres d'intérêt ; langue, dates de l'abonnement et de l'accord, lettres envoyées"
    ),
    legal_basis=LegalBasis.CONSENT,
    readers=(Reader.PERSON, Reader.DIRECTION, Reader.COORDINATION),
    is_for_visitors=True,
    remains=_(
        "Restent les dates de l'accord et le nombre de lettres envoyées, sans personne ; et une "
        "empreinte de l'adresse, pour qu'aucun import ne la remette dans la liste."
    ),
)

UNCONFIRMED = retention(
    "newsletter.unconfirmed",
    ends.PENDING_FOR,
    _("après une demande que personne ne confirme"),
    _("la demande est supprimée"),
    ends.delete_unconfirmed,
)
LEFT = retention(
    "newsletter.left",
    ends.LEFT_FOR,
    _("après un désabonnement"),
    _("l'adresse et tout ce qui nomme la personne sont effacés"),
    ends.erase_left,
)
EXPORTS = retention(
    "newsletter.exports",
    ends.EXPORTS_FOR,
    _("après un export de la liste"),
    _("sa trace est supprimée"),
    ends.delete_exports,
)
WITH_LIST = Unlimited(_("tant que la lettre existe : sans elle, un import ramènerait la personne"))


def erase_subscribers(rows: Rows) -> None:
    """Erase some subscribers: nothing of them stays but a digest."""
    for subscriber in rows:
        erase(subscriber)


declare(
    "newsletter.Subscriber",
    held(
        NEWSLETTER,
        "email role first_name last_name structure_name structure_type department language state "
        "themes paused_until created_at confirmed_at left_at left_reason",
        LEFT,
    ),
    others="id uuid soft_bounces",
    person=Person(address="email"),
    erase=erase_subscribers,
)


def prove_subscription(row: Consent) -> ConsentProof:
    """Return the proof that a subscriber agreed."""
    way = row.get_way_display() + (f" ({row.source})" if row.source else "")
    return CONSENT.prove(row.text_version, row.given_at, way, row.confirmed_at)


register_proof("newsletter.Consent", prove_subscription)
declare(
    "newsletter.Consent",
    held(NEWSLETTER, "way text_version source given_at confirmed_at", LEFT),
    others="id subscriber",
    person=Person(through="subscriber"),
)
declare(
    "newsletter.Delivery",
    held(NEWSLETTER, "state sent_at error", LEFT),
    others="id mailing subscriber uuid attempts next_attempt_at claimed_by lease_until",
    person=Person(through="subscriber"),
)
declare("newsletter.Suppression", held(NEWSLETTER, "digest", WITH_LIST), others="id added_at")
declare(
    "newsletter.ExportLog",
    held(ACTIVITY, "user exported_at filters", EXPORTS),
    others="id count file_format",
    person=Person(account="user"),
)
declare("newsletter.Mailing", held(ACTIVITY, "created_by", WITH_CONTENT), rest=TEAM_TEXTS)
declare_all("newsletter.Segment", NUMBERS)
declare_all("newsletter.NewsletterIndexPage newsletter.NewsletterIssuePage", TEAM_TEXTS)
