"""Bodies of pages, as the database keeps them."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtail.models import Page

    from core.models import Document, Image


def stream(*blocks: tuple[str, Any]) -> str:
    """Return blocks, each a name and a raw value, as a StreamField takes them."""
    return json.dumps(
        [
            {"type": name, "value": value, "id": str(uuid.UUID(int=position))}
            for position, (name, value) in enumerate(blocks)
        ]
    )


def full_body(image: Image, document: Document, page: Page) -> str:
    """Return a body with every block there is."""
    described = {"image": image.pk, "alt_text": "Une main tendue", "decorative": False}
    return stream(
        ("heading", {"text": "Ce que vous pouvez faire", "level": "2"}),
        (
            "rich_text",
            f'<p>Lisez <a linktype="page" id="{page.pk}">la page</a>, '
            f'<a linktype="document" id="{document.pk}">le guide</a> ou '
            '<a href="https://example.org/">ce site</a>.</p>',
        ),
        ("image", {"image": described, "caption": "Une légende"}),
        ("document", {"document": document.pk, "title": "Le guide complet"}),
        (
            "video",
            {
                "url": "https://video.example.org/1",
                "title": "Comprendre en trois minutes",
                "poster": described,
                "duration": "3:00",
                "transcript": "<p>Bonjour.</p>",
            },
        ),
        ("quote", {"text": "On m'a écoutée.", "attribution": "Une jeune fille"}),
        (
            "key_figures",
            {
                "figures": [
                    {
                        "value": "7 000 à 10 000",
                        "label": "mineurs concernés",
                        "source": "Rapport, 2021",
                        "source_url": "https://example.org/rapport",
                    }
                ]
            },
        ),
        (
            "call_to_action",
            {
                "title": "Besoin d'en parler ?",
                "text": "C'est gratuit.",
                "button": "Appeler le 119",
                "page": None,
                "url": "tel:119",
            },
        ),
        (
            "accordion",
            {"items": [{"title": "Qui appeler ?", "content": "<p>Le <b>119</b>.</p>"}]},
        ),
        (
            "table",
            {
                "caption": "Qui fait quoi",
                "table": {
                    "data": [["Qui", "Quoi"], ["ASE", None]],
                    "first_row_is_table_header": True,
                    "first_col_is_header": True,
                    "table_header_choice": "both",
                    "cell": [],
                    "mergeCells": [],
                },
            },
        ),
        ("linked_content", {"title": "À lire aussi", "pages": [page.pk]}),
    )
