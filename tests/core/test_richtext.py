"""Rich text, as readers get it: links resolved when it is read."""

from __future__ import annotations

import pytest

from core.references import to_words
from core.richtext import html_words
from home.models import HomePage
from published.composing import Reading, compose_value
from tests.factories import DocumentFactory, StandardPageFactory, publish

pytestmark = pytest.mark.django_db

ORIGIN = "https://example.org"


def render_rich_text(source: str, origin: str) -> str:
    html: str = compose_value(to_words(html_words(source)), Reading(origin))
    return html


def link(page_id: int) -> str:
    return f'<p>Lire <a linktype="page" id="{page_id}">la suite</a>.</p>'


def test_a_link_to_a_page_follows_its_moves(home: HomePage) -> None:
    page = StandardPageFactory(slug="avant")
    source = link(page.pk)
    assert 'href="https://example.org/avant/"' in render_rich_text(source, ORIGIN)

    page.slug = "apres"
    publish(page)

    assert 'href="https://example.org/apres/"' in render_rich_text(source, ORIGIN)


@pytest.mark.parametrize("hidden", ["draft", "expired", "private"])
def test_the_words_of_a_link_stay_without_it_when_its_page_is_hidden(hidden: str) -> None:
    page = StandardPageFactory(slug="brouillon-secret", **{hidden: True})

    data = render_rich_text(link(page.pk), ORIGIN)

    assert data == "<p>Lire <a>la suite</a>.</p>"


def test_a_link_to_a_deleted_page_loses_its_address() -> None:
    assert "href" not in render_rich_text(link(999_999), ORIGIN)


def test_a_link_to_a_document_is_absolute() -> None:
    document = DocumentFactory()

    data = render_rich_text(f'<a linktype="document" id="{document.pk}">Le guide</a>', ORIGIN)

    assert data == f'<a href="https://example.org{document.url}">Le guide</a>'


def test_outside_links_stay_as_they_are() -> None:
    source = '<a href="https://ailleurs.example/">x</a> <a href="mailto:a@b.fr">y</a>'

    assert render_rich_text(source, ORIGIN) == source


def test_an_ampersand_in_an_address_stays_escaped() -> None:
    data = render_rich_text('<a href="/recherche/?a=1&amp;b=2">x</a>', ORIGIN)

    assert data == '<a href="https://example.org/recherche/?a=1&amp;b=2">x</a>'


def test_a_protocol_relative_address_is_not_taken_for_ours() -> None:
    source = '<a href="//ailleurs.example/">x</a>'

    assert render_rich_text(source, ORIGIN) == source


def test_words_about_links_are_left_alone() -> None:
    source = '<p>Écrivez href="/x" dans votre page.</p>'

    assert render_rich_text(source, ORIGIN) == source


def test_many_links_cost_one_query_and_their_paths(
    django_assert_max_num_queries: object, home: HomePage
) -> None:
    pages = [StandardPageFactory() for _ in range(10)]
    source = "".join(link(page.pk) for page in pages)
    render_rich_text(source, ORIGIN)

    with django_assert_max_num_queries(2):  # type: ignore[operator]
        data = render_rich_text(source, ORIGIN)

    assert data.count("https://example.org/") == 10
