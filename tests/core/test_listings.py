"""Windows, and the lenient reading of a page's address; filters are tested through the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core.search.words import words_of
from published.listings import SITE_LIMIT, list_for_request, pagination_links
from resources.listings import news_listing, resource_listing
from tests.factories import ResourcePageFactory, resource_index
from tests.factories.pages import draft_in, published_in


@given(limit=st.integers(1, 100), start=st.integers(0, 1000), count=st.integers(0, 1000))
def test_neighbours_exist_exactly_when_there_is_something_there(
    limit: int, start: int, count: int
) -> None:
    following, preceding = pagination_links("https://example.org/x/?theme=a", limit, start, count)

    assert (following is not None) == (start + limit < count)
    assert (preceding is not None) == (start > 0)
    if preceding:
        offset = int(parse_qs(urlsplit(preceding).query)["offset"][0])
        assert offset < max(1, min(start, count))
    for link in filter(None, (following, preceding)):
        assert link.startswith("https://example.org/x/?theme=a&")


def test_other_parameters_are_kept_as_they_were() -> None:
    url = "https://example.org/x/?theme=a&theme=b%26c&limit=5&offset=5&q=%C3%A9"

    following, preceding = pagination_links(url, 5, 5, 20)

    assert following == "https://example.org/x/?theme=a&theme=b%26c&q=%C3%A9&limit=5&offset=10"
    assert preceding == "https://example.org/x/?theme=a&theme=b%26c&q=%C3%A9&limit=5&offset=0"


@pytest.mark.django_db
class TestOnTheSite:
    def list(self, listing: Any = resource_listing, **query: Any) -> Any:
        return list_for_request(listing, RequestFactory().get("/ressources/", query), "fr")

    def test_the_address_is_the_state(self) -> None:
        ResourcePageFactory(title="Guide")
        ResourcePageFactory(title="Vidéo", video_url="https://video.example.org/")

        data = self.list(format="video")

        assert [item.title for item in data.items] == ["Vidéo"]
        assert data.facets
        assert data.limit == SITE_LIMIT

    @pytest.mark.parametrize(
        "query",
        [
            {"year": "abc"},
            {"order": "n'importe"},
            {"format": ["papier", "video"]},
            {"offset": "-5"},
            {"limit": "100000", "facets": "false"},
            {"published_from": "hier"},
            {"q": "a" * 5000},
            {"utm_source": "lettre", "fbclid": "x"},
            {"tag": ["t"] * 500},
            {"locale": "en"},
        ],
        ids=lambda query: next(iter(query)),
    )
    def test_a_value_that_makes_no_sense_is_passed_over(self, query: dict[str, Any]) -> None:
        ResourcePageFactory(title="Guide")

        for listing in (resource_listing, news_listing):
            data = self.list(listing, **query)

            assert data.limit == SITE_LIMIT
            assert data.facets is not None
        assert [item.title for item in self.list(**query).items] == ["Guide"]

    def test_a_reader_never_gets_an_error_from_an_address(self, client: Client) -> None:
        address = resource_index().url

        response = client.get(f"{address}?year=x&tag=%FF%FE&theme=&order=&q=%25&offset=1e9")

        assert response.status_code == 200

    @pytest.mark.parametrize("name", ["year", "q"])
    def test_an_address_that_is_no_text_is_refused(self, client: Client, name: str) -> None:
        response = client.get(f"{resource_index().url}?tag=%FF%FE&theme=&{name}=%00&offset=1e9")

        assert response.status_code == 400


@pytest.mark.parametrize(
    "typed,words",
    [
        ("l'enfant d’abord", "enfant abord"),
        ("fugue -parents", "fugue parents"),
        ('"mot exact" OR *', "mot exact OR"),
        ("R32 59", "R32 59"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_a_search_keeps_words_and_drops_operators(typed: str, words: str) -> None:
    assert words_of(typed) == words.split()


@pytest.mark.django_db
def test_french_stands_in_for_what_is_not_translated_only_where_it_is_asked_to(
    home: Any, get_json: Any, count_queries: Any
) -> None:
    translated = ResourcePageFactory(title="Traduit")
    published_in("en", translated, title="Translated")
    draft_in("en", ResourcePageFactory(title="Brouillon de traduction"))
    ResourcePageFactory(title="Seulement en français")

    def data(path: str = "/api/v1/resources/", **query: str) -> dict[str, tuple[str, bool]]:
        items = get_json(path, **query)["items"]
        return {item["title"]: (item["locale"], item["is_fallback"]) for item in items}

    assert data(locale="en") == {"Translated": ("en", False)}
    assert data(locale="en", fallback="true") == {
        "Translated": ("en", False),
        "Brouillon de traduction": ("fr", True),
        "Seulement en français": ("fr", True),
    }
    assert len(data(fallback="true")) == 3
    assert not any(is_fallback for _locale, is_fallback in data(fallback="true").values())
    found = data("/api/v1/search/", q="français", locale="en", fallback="true")
    assert found == {"Seulement en français": ("fr", True)}
    assert data("/api/v1/search/", q="français", locale="en") == {}
    plain = count_queries(lambda: data(locale="en"))
    assert count_queries(lambda: data(locale="en", fallback="true")) == plain


@pytest.mark.django_db
def test_the_website_shows_in_french_what_is_not_translated_and_marks_it(
    home: Any, client: Client
) -> None:
    copy = published_in("en", ResourcePageFactory(title="Traduit"), title="Translated")
    index = copy.get_parent()
    ResourcePageFactory(title="Seulement en français", summary="Pas encore.")

    for path in (index.url, "/en/recherche/?q=français"):
        page = client.get(path).content.decode()
        assert '<span lang="fr" dir="ltr">Seulement en français</span>' in page, path
        assert page.count("In French") == 1, path
    assert "Translated" in client.get(index.url).content.decode()
    assert "In French" not in client.get(resource_index().url).content.decode()
