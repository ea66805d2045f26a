"""A list with nothing in it blames nobody's choices, and offers no filter of nothing."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories import NewsPageFactory, news_index, resource_index
from tests.factories.events import TrainingPageFactory, agenda, training_date
from tests.factories.network import StructureFactory, directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

CHOICES = "Rien ne correspond à tous ces choix"


def read(client: Client, page: Any, query: str = "") -> str:
    return unescape(client.get(f"{page.get_url()}{query}").content.decode()).replace("’", "'")


@pytest.mark.parametrize("index", [resource_index, news_index, directory])
def test_a_list_with_nothing_in_it_has_no_filters(client: Client, index: Callable[[], Any]) -> None:
    page = index()

    empty, searched = read(client, page), read(client, page, "?q=fugue")

    assert "Rien ici pour l'instant" in empty
    assert "data-filters" not in empty
    assert CHOICES not in empty
    assert CHOICES in searched
    assert "data-filters" in searched


def test_what_is_filtered_away_is_explained_by_the_filters(client: Client) -> None:
    NewsPageFactory(title="Une nouvelle")

    assert "data-filters" in read(client, news_index())
    assert CHOICES in read(client, news_index(), "?q=introuvable")


def test_a_place_far_from_everything_is_a_choice(client: Client) -> None:
    StructureFactory()

    assert CHOICES in read(client, directory(), "?place=97400&radius=10")


def test_an_agenda_without_a_date_to_come_leads_to_those_that_passed(client: Client) -> None:
    page = agenda()

    empty = read(client, page)
    TrainingPageFactory(dates=[training_date()])
    full = read(client, page)

    assert "Aucune date à venir pour l'instant" in empty
    assert f'href="{page.get_url()}?when=past"' in empty.partition('class="empty"')[2]
    assert "data-filters" not in empty
    assert "data-filters" in full
    assert CHOICES in read(client, page, "?q=introuvable")
