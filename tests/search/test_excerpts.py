from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.words import Forms, root_of
from search.excerpts import EXCERPT_CHARACTERS, _excerpt
from tests.factories import NewsPageFactory, StandardPageFactory, stream

MARK = re.compile(r"</?mark>")


def excerpt(text: str, *words: str) -> str:
    return _excerpt([text], Forms([root_of(word) for word in words]))


@pytest.mark.parametrize(
    "word,marked",
    [
        ("hebergement", ["Hébergé", "hébergements", "HÉBERGER"]),
        ("soeur", ["sœurs"]),
        ("sœur", ["sœurs"]),
        ("adolescence", ["Adolescentes", "adolescence"]),
        ("lois", ["loi"]),
        ("vie", ["vies"]),
        ("2021", ["2021"]),
        ("numérique", ["numériques"]),
    ],
)
def test_forms_and_accents_are_marked_and_nothing_else(word, marked):
    text = (
        "Hébergé, hébergements, HÉBERGER, réhébergement. Mes sœurs. Adolescentes, adolescence. "
        "La loi, au loin. Des vies, des vieux. 2021, 12021. Un numéro, des outils numériques."
    )

    assert re.findall("<mark>(.*?)</mark>", excerpt(text, word)) == marked


def test_text_is_escaped():
    assert (
        excerpt("<script>alert('emprise')</script> & <b>x</b>", "emprise")
        == "&lt;script&gt;alert(&#x27;<mark>emprise</mark>&#x27;)&lt;/script&gt; &amp; "
        "&lt;b&gt;x&lt;/b&gt;"
    )


def test_the_window_is_where_most_of_the_words_are():
    text = "La fugue. " + "Autre chose. " * 60 + "La fugue d'une mineure. " + "Et encore. " * 60

    data = excerpt(text, "fugue", "mineures")

    assert "<mark>fugue</mark> d&#x27;une <mark>mineure</mark>" in data
    assert data.startswith("… ")
    assert data.endswith(" …")
    assert len(MARK.sub("", data)) < EXCERPT_CHARACTERS + 20


@given(st.text(max_size=600), st.lists(st.sampled_from(["ab", "cd", "é", "œ", "emprise", "aide"])))
def test_an_excerpt_has_no_tag_but_marks(text, words):
    data = excerpt(text + " emprise " + text, "emprise", *words)

    assert "<mark>" in data
    assert not re.search("[<>]", MARK.sub("", data))
    assert data.count("<mark>") == data.count("</mark>")


@pytest.mark.django_db
def test_a_match_deep_in_a_long_body_is_shown(search):
    filling = "Il est question d'autre chose, assez longtemps. " * 2000
    data = f"<p>{filling}Une l'Hôtellerie répond aux proxénètes.{filling}</p>"
    StandardPageFactory(title="Page", summary="Sans rapport.", body=stream(("rich_text", data)))

    (hit,) = search("hôtelleries")["items"]

    assert "<mark>Hôtellerie</mark> répond aux proxénètes." in hit["excerpt"]
    assert len(hit["excerpt"]) < 2 * EXCERPT_CHARACTERS


@pytest.mark.django_db
def test_the_summary_is_preferred_where_it_has_the_words(search):
    body = stream(("rich_text", "<p>L'emprise, encore.</p>"))
    NewsPageFactory(title="Page", summary="Sur l'emprise.", body=body)

    (hit,) = search("emprise")["items"]

    assert hit["excerpt"] == "Sur l&#x27;<mark>emprise</mark>."


@pytest.mark.django_db
def test_terms_of_the_page_are_no_excerpt(search):
    from core.models import Theme

    NewsPageFactory(title="Page", themes=[Theme.objects.get(slug="reperage")])

    (hit,) = search("repérage")["items"]

    assert hit["excerpt"] == ""
