"""What is shown of resources that moves by others: labels, and the resources that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.references import Ref, to_words
from published.composing import FIRST, Reading, resolves
from published.models import ItemFacet
from published.queries import in_language, items
from published.resolvers import register_label
from resources.models import LANGUAGES, ResourcePage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

RELATED_LIMIT = 3

register_label("content_language", lambda code: str(LANGUAGES.get(code, code)))
register_label("licence", lambda value: str(dict(ResourcePage.Licence.choices).get(value, value)))


@resolves("resources_alike", stage=FIRST)
def resolve_resources_alike(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up the latest resources that share a theme: one query for each resource by itself."""
    found: dict[Ref, Any] = {}
    for ref in refs:
        own, language, *themes = ref.key
        alike = ItemFacet.objects.filter(name="theme", value__in=map(str, themes)).values("item")
        rows = in_language(items("resource"), language, fallback=True).filter(pk__in=alike)
        rows = rows.exclude(thing_id=own).order_by("-date", "-thing_id")
        ids = list(rows.values_list("thing_id", flat=True)[:RELATED_LIMIT]) if themes else []
        found[ref] = to_words(Ref("cards", tuple(ids))) if ids else []
    return found
