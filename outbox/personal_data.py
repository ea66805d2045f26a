"""What is kept of the e-mails that were sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    declare,
    held,
    retention,
)
from outbox import retention as ends
from outbox.models import OutgoingEmail

EMAILS = Processing(
    key="emails",
    name=_("E-mails envoyés"),
    purpose=_("Faire parvenir un e-mail, et savoir s'il est parti."),
    people=_("les personnes à qui le site écrit"),
    data=_("adresse e-mail, texte de l'e-mail jusqu'à son départ, réponse du serveur, dates"),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.DIRECTION, Reader.COORDINATION),
    is_for_visitors=True,
)

TEXTS = retention(
    "outbox.texts",
    ends.TEXTS_KEPT,
    _("après un refus ou un abandon"),
    _("le texte de l'e-mail est effacé ; celui d'un e-mail parti l'est aussitôt"),
    ends.erase_texts,
)
ADDRESSES = retention(
    "outbox.addresses",
    ends.ADDRESSES_KEPT,
    _("après l'envoi"),
    _("l'adresse est effacée"),
    ends.erase_addresses,
)
ROWS = retention(
    "outbox.rows",
    ends.ROWS_KEPT,
    _("après l'envoi"),
    _("il ne reste rien de l'e-mail"),
    ends.delete_rows,
)


def erase_letters(rows: Rows) -> None:
    """Cancel letters that wait, and erase their texts and addresses."""
    OutgoingEmail.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).erase()


declare(
    "outbox.OutgoingEmail",
    held(EMAILS, "address error", ADDRESSES),
    held(EMAILS, "subject text html headers attachments", TEXTS),
    held(EMAILS, "kind state created_at ended_at", ROWS),
    others="id uuid thing_type thing_id sender attempts next_attempt_at retry_until expires_at "
    "claimed_by lease_until",
    person=Person(address="address"),
    erase=erase_letters,
)
