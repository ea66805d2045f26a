from __future__ import annotations

import pytest

from core.models import Theme
from tests.factories import NewsPageFactory, ResourcePageFactory, StandardPageFactory, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def suggest(get_json):
    return lambda q, **query: get_json("/api/v1/search/suggest/", q=q, **query)["items"]


@pytest.mark.parametrize("typed", ["he", "hé", "HÉBERG", "hebergement d'ur", "d'heb", "urg"])
def test_titles_are_completed_whatever_the_accents(typed, suggest):
    ResourcePageFactory(title="Hébergement d'urgence", slug="hebergement")

    assert suggest(typed) == [
        {
            "title": "Hébergement d'urgence",
            "kind": "resource",
            "kind_label": "Ressource",
            "path": "/ressources/hebergement/",
            "html_url": "http://testserver/ressources/hebergement/",
        }
    ]


def test_the_middle_of_a_word_is_not_completed(suggest):
    NewsPageFactory(title="Hébergement")

    assert suggest("bergement") == []


@pytest.mark.parametrize("typed", ["", "r", "'", "*", "%", '"', "re*"])
def test_too_little_or_nonsense_is_no_error(typed, suggest):
    assert suggest(typed) == []


def test_what_is_no_text_is_refused(get_json):
    [error] = get_json("/api/v1/search/suggest/", q="\x00", status=422)["errors"]

    assert (error["location"], error["code"]) == (["query", "q"], "control_characters")


def test_terms_in_use_come_first_and_lead_to_the_search_for_them(suggest, client):
    page = NewsPageFactory(title="Repérer : mode d'emploi")
    page.themes.set([Theme.objects.get(slug="reperage")])
    publish(page)

    term, title = suggest("rep")

    assert (term["kind"], term["title"]) == ("theme", "Repérage et signalement")
    assert term["kind_label"] == "Thème"
    assert term["path"].startswith("/recherche/?q=Rep")
    assert title["title"] == "Repérer : mode d'emploi"


def test_terms_that_no_visible_page_has_are_not_suggested(suggest):
    theme = Theme.objects.get(slug="reperage")
    for hidden in ("draft", "private", "expired"):
        page = NewsPageFactory(title="Page", **{hidden: True})
        page.themes.set([theme])
        page.save()

    assert suggest("repérage") == []


def test_there_are_eight_at_most_and_the_closest_first(suggest):
    for number in range(12):
        StandardPageFactory(title=f"Parler de la fugue {number}")
    StandardPageFactory(title="Fugue")

    found = suggest("fug")

    assert len(found) == 8
    assert found[0]["title"] == "Fugue"


def test_the_number_of_queries_does_not_depend_on_the_number_of_pages(suggest, count_queries):
    counts = []
    for more in (2, 20):
        for _ in range(more):
            NewsPageFactory(title="Fugue")
        suggest("fug")
        counts.append(count_queries(lambda: suggest("fug")))

    assert counts[0] == counts[1]
    assert counts[0] <= 4
