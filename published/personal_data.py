"""What is public holds of people: the names and contacts of its contents, and who admitted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from core.personal_data import CONTENT, NUMBERS
from core.privacy.common import ACTIVITY, WITH_CONTENT
from core.privacy.erasing import rewritten
from core.privacy.registry import declare, declare_all, held
from published.admission import ledger_entry, transaction_number
from published.models import Item, LedgerEntry
from review.content import canonical_hash

if TYPE_CHECKING:
    from core.privacy.finding import Mention


@receiver(rewritten, sender=Item, dispatch_uid="published.admit_without_address")
def admit_without_address(mention: Mention, values: dict[str, Any], **kwargs: Any) -> None:
    """Keep the ledger true of an item from which an address was erased."""
    if "content" not in values:
        return
    item = Item.objects.get(pk=mention.pk)
    before, item.content_hash = item.content_hash, canonical_hash(values["content"])
    Item.objects.filter(pk=item.pk).update(content_hash=item.content_hash)
    last = LedgerEntry.objects.filter(
        content_type=item.content_type, thing_id=item.thing_id, content_hash=before
    ).last()
    number = transaction_number()
    approvers = last.approvers if last else []
    ledger_entry(item, LedgerEntry.Act.ADMIT, None, approvers, "erasure", transaction=number).save()


declare(
    "published.Item",
    held(CONTENT, "title card teaser detail content body_text row_text", WITH_CONTENT),
    rest=NUMBERS,
)
declare("published.LedgerEntry", held(ACTIVITY, "user approvers at", WITH_CONTENT), rest=NUMBERS)
declare("published.LinkUse", others="address", rest=NUMBERS)
declare_all(
    "published.ItemFacet published.ItemReference published.LinkedAddress published.FormerSlug",
    NUMBERS,
)
