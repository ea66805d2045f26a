"""What is shown on pages of text that moves by others: the latest of a section, the pages below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.models import Page

from core.references import Ref, to_words
from core.registry import listing_for
from core.web.links import build_absolute_url
from published.composing import FIRST, Reading, model_of, resolves
from published.queries import page_items

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@resolves("latest", stage=FIRST)
def resolve_latest(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up the latest pages of sections: a query for the sections, and one for each."""
    sections = page_items().filter(page__in={ref.key[0] for ref in refs})
    by_id = {section.page_id: section for section in sections.only("kind", "path", "language")}
    found: dict[Ref, Any] = {}
    for ref in refs:
        page_id, limit = ref.key
        if section := by_id.get(page_id):
            listing = listing_for(model_of(section))
            ids = listing.latest_ids(section.path, section.language, limit)
            found[ref] = to_words(Ref("teasers", tuple(ids))) if ids else []
    return found


@resolves("children", stage=FIRST)
def resolve_children(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up the public pages right below others, in the order of the tree."""
    parents = dict(
        Page.objects.filter(pk__in={ref.key[0] for ref in refs}).values_list("pk", "path")
    )
    found: dict[Ref, Any] = {}
    for ref in refs:
        path = parents.get(ref.key[0], "")
        below = page_items().filter(
            page__path__startswith=path, page__depth=len(path) // Page.steplen + 1
        )
        rows = below.order_by("page__path").values_list("title", "path") if path else []
        found[ref] = [
            {
                "title": title,
                "path": target,
                "html_url": build_absolute_url(target, reading.origin),
            }
            for title, target in rows
        ]
    return found
