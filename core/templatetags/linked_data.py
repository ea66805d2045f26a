"""What search engines read: schema.org in JSON-LD, as blocks of data that nothing executes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.schemas import Link, PageDetail

register = template.Library()

# As django.utils.html.json_script does: no text can close the element.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def _block(data: dict[str, Any]) -> SafeString:
    text = json.dumps(
        {"@context": "https://schema.org"} | data, cls=DjangoJSONEncoder, ensure_ascii=False
    ).translate(ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 (escaped above)
    )


@register.simple_tag
def linked_data(kind: str, **properties: Any) -> SafeString:
    """Return a block of data about a thing of a schema.org type; empty properties are left out."""
    data = {name: value for name, value in properties.items() if value not in (None, "", [])}
    return _block({"@type": kind} | data)


@register.simple_tag
def breadcrumb_data(page: PageDetail) -> SafeString:
    """Return the way from the home page to a page, as a schema.org BreadcrumbList."""
    trail: list[Link | PageDetail] = [*page.breadcrumbs, page]
    return _block(
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": step.title,
                    "item": step.html_url,
                }
                for position, step in enumerate(trail, start=1)
            ],
        }
    )


@register.filter
def as_authors(authors: Iterable[Any]) -> list[dict[str, str]]:
    """Return authors as schema.org persons and organisations."""
    kinds = {"person": "Person", "organisation": "Organization"}
    return [{"@type": kinds[author.kind], "name": author.name} for author in authors]
