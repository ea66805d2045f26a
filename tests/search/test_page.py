from __future__ import annotations

import pytest

from tests.factories import NewsPageFactory

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_is_found(client):
    NewsPageFactory(title="Une page", summary="Sur l'emprise et <autre> chose.")

    response = client.get("/recherche/", {"q": "emprises"})

    assert response.status_code == 200
    assert "Une page" in response.content.decode()
    assert "<mark>emprise</mark>" in response.content.decode()
    assert "<autre>" not in response.content.decode()
    assert response.context["results"].count == 1


def test_the_page_is_not_for_search_engines(client):
    assert client.get("/recherche/")["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "a" * 10_000},
        {"q": "'\"<script>"},
        {"q": "emprise", "theme": "%", "kind": ["x y", "news"], "offset": "x", "limit": "9999"},
        {"q": "emprise", "order": "x", "locale": "en", "colour": "red"},
    ],
)
def test_what_makes_no_sense_is_passed_over(query, client):
    NewsPageFactory(title="L'emprise")

    response = client.get("/recherche/", query)

    assert response.status_code == 200
    assert "<script>" not in response.content.decode().replace('<script src="', "").replace(
        '<script type="', ""
    )


@pytest.mark.parametrize("query", [{"q": "\x00'\"<script>"}, {"q": "emprise", "theme": "\x00"}])
def test_what_is_no_text_is_refused(query, client):
    NewsPageFactory(title="L'emprise")

    response = client.get("/recherche/", query)

    assert response.status_code == 400
    assert "<script>" not in response.content.decode()


def test_a_post_is_refused(client):
    assert client.post("/recherche/").status_code == 405
