"""Whatever is typed in a list of the administration, it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import resolve

from tests.pare.test_urls import named_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

TYPED = "l'é\" fu"
MOST_ON_A_PHONE = 4


def searchable_lists() -> Iterator[str]:
    """Yield the address of every list of the administration in which something can be sought."""
    for _name, address in named_patterns():
        view: Any = getattr(resolve(address).func, "view_class", None)
        if address.startswith("/admin/") and getattr(view, "is_searchable", None) is not None:
            yield address


LISTS = sorted(set(searchable_lists()))


def test_there_are_lists() -> None:
    assert {"/admin/snippets/core/theme/", "/admin/contributions/"} <= set(LISTS)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/contributions/",
        "/admin/inscriptions/personnes/",
        "/admin/inscriptions/sessions/",
        "/admin/lettre/abonnes/",
        "/admin/snippets/core/theme/",
        "/admin/snippets/home/emergencynumber/",
        "/admin/snippets/home/funder/",
        "/admin/snippets/network/structure/",
    ],
)
def test_a_phone_shows_what_a_list_is_opened_for(editor_client: Client, address: str) -> None:
    columns = editor_client.get(address).context["table"].columns.values()

    kept = [
        column.name
        for column in columns
        if column.name != "bulk_actions" and column.classname not in {"list-detail", "list-context"}
    ]

    assert len(kept) <= MOST_ON_A_PHONE


@pytest.mark.parametrize("address", LISTS)
def test_a_list_answers_whatever_is_typed(editor_client: Client, address: str) -> None:
    for query in ({"q": TYPED}, {"q": "fu", "ordering": "-label"}):
        response = editor_client.get(address, query)

        assert response.status_code in {200, 302, 404}, (address, query)
    # What nobody types is refused before any list is asked (pare.middleware).
    assert editor_client.get(address, {"q": "\x00"}).status_code == 400
