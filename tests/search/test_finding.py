"""Which pages are found by which words, on both engines unless a test names one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.search.fulltext import find
from published.models import Item
from tests.factories import NewsPageFactory, ResourcePageFactory, StandardPageFactory, stream

pytestmark = pytest.mark.django_db

FORMS = ["hebergement", "Hébergements", "hébergé", "HÉBERGER", "l'hébergement", "d’hébergement"]


@pytest.mark.parametrize("words", FORMS)
def test_all_forms_of_a_word_find_it(words, titles):
    NewsPageFactory(title="Un lieu d'hébergement ouvre")
    NewsPageFactory(title="Autre chose")

    assert titles(words) == ["Un lieu d'hébergement ouvre"]


@pytest.mark.parametrize("title", ["Hébergement", "hébergements d'urgence", "Être hébergée"])
@pytest.mark.parametrize("words", FORMS)
def test_a_word_finds_all_its_forms(title, words, titles):
    NewsPageFactory(title=title)

    assert titles(words) == [title]


def test_all_words_are_asked_for(titles):
    NewsPageFactory(title="Les fugues des adolescentes")
    NewsPageFactory(title="Les fugues")

    assert titles("fugue adolescente") == ["Les fugues des adolescentes"]


def test_words_without_meaning_are_not_searched(titles):
    NewsPageFactory(title="Protection : quelle enfance ?")

    assert titles("la protection de l'enfance") == ["Protection : quelle enfance ?"]


def test_what_is_no_text_is_refused(get_json):
    [error] = get_json("/api/v1/search/", q="\x00", status=422)["errors"]

    assert (error["location"], error["code"]) == (["query", "q"], "control_characters")


@pytest.mark.parametrize("words", ["", "   ", "de la", "l'", "«  »", "*", "'\"", "-"])
def test_nothing_to_look_for_finds_nothing_and_is_no_error(words, search):
    NewsPageFactory(title="De la protection de l'enfance")

    data = search(words, facets="true")

    assert (data["count"], data["items"], data["is_fuzzy"]) == (0, [], False)


def test_titles_count_more_than_summaries_and_these_more_than_bodies(titles, search):
    data = ("rich_text", "<p>Une page où il est question de tout et de proxénétisme.</p>")
    StandardPageFactory(title="Corps", body=stream(data))
    StandardPageFactory(
        title="Résumé",
        summary="De tout et de proxénétisme.",
        body=stream(("rich_text", "<p>a</p>")),
    )
    StandardPageFactory(title="Proxénétisme : comprendre et agir avec les jeunes et les familles")

    found = titles("proxénétisme")

    assert found[0].startswith("Proxénétisme")
    assert set(found[1:]) == {"Résumé", "Corps"}


@pytest.mark.postgres
def test_summaries_count_more_than_bodies(titles):
    data = ("rich_text", "<p>" + "Le proxénétisme. " * 50 + "</p>")
    StandardPageFactory(title="Résumé", summary="De tout et de proxénétisme.")
    StandardPageFactory(title="Corps", body=stream(data))

    assert titles("proxénétisme") == ["Résumé", "Corps"]


@pytest.mark.postgres
@pytest.mark.parametrize("words", ["prostitusion", "hebergemant", "acompagnement", "vilolence"])
def test_a_typing_mistake_finds_what_looks_like_it(words, search):
    NewsPageFactory(title="Prostitution, hébergement, accompagnement, violences")

    data = search(words)

    assert data["count"] == 1
    assert "mark" in data["items"][0]["excerpt"] or not data["items"][0]["summary"]


@pytest.mark.postgres
def test_the_answer_marks_that_words_that_look_alike_were_taken(search):
    NewsPageFactory(title="Un hébergement", summary="Un hébergement pour les mineures.")

    exact, fuzzy = search("hébergement mineures"), search("hebergemant mineurs")

    assert not exact["is_fuzzy"]
    assert fuzzy["is_fuzzy"]
    assert "<mark>hébergement</mark> pour les <mark>mineures</mark>" in fuzzy["items"][0]["excerpt"]


@pytest.mark.postgres
def test_words_that_look_like_nothing_find_nothing(search):
    NewsPageFactory(title="Un hébergement")

    data = search("xylophone")

    assert (data["count"], data["is_fuzzy"]) == (0, False)


@pytest.mark.postgres
def test_words_of_hidden_pages_are_never_taken_for_those_typed(search):
    NewsPageFactory(title="Un hébergement", draft=True)
    NewsPageFactory(title="Un hébergement", private=True)
    NewsPageFactory(title="Un hébergement", expired=True)

    data = search("hebergemant")

    assert (data["count"], data["is_fuzzy"]) == (0, False)


def test_every_kind_of_page_is_found(search):
    NewsPageFactory(title="Parole 1")
    ResourcePageFactory(title="Parole 2")
    StandardPageFactory(title="Parole 3")

    data = search("parole")

    assert {item["kind"] for item in data["items"]} == {"news", "resource", "standard"}


@given(st.text(max_size=200))
@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_query_fails(q):
    find(Item.objects.all(), q, ["fr", "en", "ar"])


@pytest.mark.parametrize(
    "q",
    [
        "hébergement & (fugue | !accueil) <-> nuit:*",
        '"hébergement" AND title:x OR NOT NEAR(a b) ^c -d *',
        "'; DROP TABLE wagtailcore_page; --",
        "% _ %s %(a)s {} {0} \\",
        "__ _ ²³ ½ ﬁ ǅ ß ı İ œuvre ŒUVRE",
        "c++ data.inclusion mineur.e.s mineur·es a-b-c 0 800 05 12 34",
        "👩‍👧 العنف насилие 暴力",
        "mot " * 49,
        "é" * 200,
    ],
)
def test_operators_and_other_scripts_are_only_words(q, search):
    NewsPageFactory(title=q[:100].replace("\x00", " "), summary=q[:100].replace("\x00", " "))

    search(q)
    search(q, facets="true", kind="news", theme="reperage", audience="parents", territory="59")
