"""What editors see of a draft before it is public, in each of its forms."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from core.registry import page_types
from home.models import HomePage
from network.models import Structure
from newsletter.models import NewsletterIssuePage
from resources.models import ResourcePage
from tests.factories import ResourcePageFactory, publish
from tests.factories.contributions import member
from tests.factories.network import StructureFactory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
STREET = "12 rue du Refuge"


@pytest.fixture
def preview(client: Client) -> Callable[[Any, str], str]:
    client.force_login(member("Relecture", "relectrice"))
    request = client.get("/").wsgi_request

    def show(thing: Any, mode: str) -> str:
        response = thing.make_preview_request(request, mode, {"in_preview_panel": True})
        assert response.status_code == 200
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert "private" in response["Cache-Control"]
        return str(response.content.decode())

    return show


def as_json(html: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        unescape(html.split('<pre tabindex="0">')[1].split("</pre>", maxsplit=1)[0])
    )
    return content


def modes(model: type[Any]) -> list[str]:
    return [name for name, _label in model().preview_modes]


def test_each_type_has_the_modes_that_make_sense() -> None:
    assert modes(ResourcePage) == ["", "json", "card"]
    assert modes(HomePage) == ["", "json"]
    assert modes(Structure) == ["", "json"]
    assert modes(NewsletterIssuePage) == ["email", "text", "web", "json"]
    for model in page_types():
        assert "json" in modes(model), model
        assert any(size["name"] == "mobile" for size in model().preview_sizes)


def test_the_json_is_that_of_the_api(
    preview: Callable[[Any, str], str], get_json: Callable[..., Any], settings: Any
) -> None:
    # A preview is made by a request of its own, without the host of the editor's.
    settings.PUBLIC_URL = "http://testserver"
    page = ResourcePageFactory(title="L'été & <b>après</b>")
    publish(page)
    page.refresh_from_db()

    shown = as_json(preview(page, "json"))

    assert shown == get_json(f"/api/v1/resources/{page.pk}/")


def test_the_json_and_the_card_are_those_of_the_draft(
    preview: Callable[[Any, str], str],
) -> None:
    page = ResourcePageFactory(title="Avant", summary="Ce qui est en ligne.")
    publish(page)
    page.refresh_from_db()
    page.title, page.summary = "Après", "Ce qui vient d'être écrit."

    card = preview(page, "card")

    assert as_json(preview(page, "json"))["title"] == "Après"
    assert "Après" in card
    assert "Ce qui vient d" in card
    assert "Ce qui est en ligne" not in card
    assert "mark.invalid" not in card


def test_a_page_that_was_never_saved_has_them_too(preview: Callable[[Any, str], str]) -> None:
    page = ResourcePageFactory(title="Nouvelle")
    page.live, page.first_published_at, page.last_published_at = False, None, None

    assert "Nouvelle" in preview(page, "card")
    assert as_json(preview(page, "json"))["title"] == "Nouvelle"


def test_the_json_of_a_confidential_structure_gives_no_place(
    preview: Callable[[Any, str], str],
) -> None:
    shelter = StructureFactory(is_confidential=True, street=STREET, municipality="Cachetteville")

    shown = preview(shelter, "json")

    assert as_json(shown)["id"] == shelter.pk
    assert STREET not in shown
    assert "Cachetteville" not in shown


def test_an_unknown_mode_shows_the_page(preview: Callable[[Any, str], str]) -> None:
    page = ResourcePageFactory(title="Une ressource")

    assert "<main" in preview(page, "nothing")
