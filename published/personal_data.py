"""What is public holds of people: the names and contacts of its contents, and who admitted it."""

from __future__ import annotations

from core.personal_data import CONTENT, NUMBERS
from core.privacy.common import ACTIVITY, WITH_CONTENT
from core.privacy.registry import declare, declare_all, held

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
