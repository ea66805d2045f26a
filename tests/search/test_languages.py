"""Words lose their endings as in the language of the page, which is that of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend

from core.schemas.languages import CODES
from tests import factories
from tests.factories import NewsPageFactory
from tests.factories.network import StructureFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from home.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish(home: HomePage) -> Callable[..., Page]:
    """Publish news that are translated, or translated only, into a language."""

    def publish(language: str, **data: str) -> Page:
        locale, _ = Locale.objects.get_or_create(language_code=language)
        page = NewsPageFactory(title="Original", summary="").copy_for_translation(
            locale, copy_parents=True
        )
        for name, value in data.items():
            setattr(page, name, value)
        factories.publish(page)
        for parent in page.get_ancestors().filter(locale=locale, live=False):
            factories.publish(parent.specific)
        return page

    return publish


@pytest.mark.parametrize("words", ["family", "Families", "the families", "helps", "helped"])
def test_english_words_are_found_by_their_forms(
    words: str, publish: Callable[..., Page], titles: Callable[..., list[str]]
) -> None:
    publish("en", title="Helping families")

    assert titles(words, locale="en") == ["Helping families"]


@pytest.mark.postgres
@pytest.mark.parametrize("words", ["قاصر", "القاصرين", "للقاصرين", "قَاصِر"])
def test_arabic_words_are_found_whatever_comes_before_and_after_them(
    words: str, publish: Callable[..., Page], search: Callable[..., Any]
) -> None:
    publish("ar", title="حماية", summary="حماية القاصرين من العنف")

    (hit,) = search(words, locale="ar")["items"]

    assert "<mark>القاصرين</mark>" in hit["excerpt"]


@pytest.mark.postgres
def test_a_word_is_cut_as_in_the_language_that_is_searched(
    publish: Callable[..., Page], search: Callable[..., Any]
) -> None:
    NewsPageFactory(title="Le journal")
    publish("en", title="Le journal")

    assert not search("journaux")["is_fuzzy"]
    assert search("journaux", locale="en")["is_fuzzy"]


def test_a_word_without_meaning_in_one_language_has_one_in_another(
    publish: Callable[..., Page], titles: Callable[..., list[str]]
) -> None:
    publish("en", title="Quel refuge")
    publish("en", title="Refuge")

    assert titles("quel refuge", locale="en") == ["Quel refuge"]


@pytest.mark.postgres
def test_a_typing_mistake_is_compared_with_words_of_the_language(
    publish: Callable[..., Page], search: Callable[..., Any]
) -> None:
    publish("en", title="Exploitation of children")
    NewsPageFactory(title="Childeric")

    data = search("childern", locale="en")

    assert ([item["title"] for item in data["items"]], data["is_fuzzy"]) == (
        ["Exploitation of children"],
        True,
    )


def test_french_stands_in_after_what_is_translated_and_is_cut_as_french(
    publish: Callable[..., Page], search: Callable[..., Any]
) -> None:
    NewsPageFactory(title="Protection des familles, protections")
    publish("en", title="Protections")

    data = search("protection", locale="en", fallback="true")

    assert [(item["title"], item["is_fallback"]) for item in data["items"]] == [
        ("Protections", False),
        ("Protection des familles, protections", True),
    ]
    (french,) = search("famille", locale="en", fallback="true")["items"]
    assert french["is_fallback"]


def test_lists_are_searched_in_their_language(
    home: HomePage, publish: Callable[..., Page], get_json: Callable[..., Any]
) -> None:
    publish("en", title="Helping families")
    english = Locale.objects.get(language_code="en")
    StructureFactory(name="Helping families", locale=english, department="59")

    for path in ("/api/v1/news/", "/api/v1/structures/"):
        assert get_json(path, q="help family", locale="en")["count"] == 1, path


@pytest.mark.postgres
@pytest.mark.parametrize("words,title", [("helped", "Helping them"), ("aides", "Les aider")])
def test_editors_find_a_page_in_whatever_language(
    words: str, title: str, publish: Callable[..., Page]
) -> None:
    publish("en", title="Helping them")
    NewsPageFactory(title="Les aider")

    found = get_search_backend().search(words, Page.objects.all())

    assert [page.title for page in found] == [title]


@pytest.mark.postgres
def test_a_language_without_stems_is_searched_word_for_word(
    publish: Callable[..., Page],
    titles: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.schemas.languages.CODES", [*CODES, "uk"])
    publish("uk", title="Діти")

    assert titles("діти", locale="uk") == ["Діти"]
