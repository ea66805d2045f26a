"""One finds a department among a hundred by its name or its number."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from network.models import Structure
from tests.factories.contributions import member

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

CHOOSER = "wagtailsnippetchoosers_core_territory"


def found(client: Client, **query: str) -> list[str]:
    """Return what the chooser offers."""
    page = client.get(reverse(f"{CHOOSER}:choose_results"), query).content.decode()
    links = re.findall(r"<a[^>]*data-chooser-modal-choice[^>]*>(.*?)</a>", page, flags=re.S)
    return [unescape(link).strip() for link in links]


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(member("Relecture"))
    return client


@pytest.mark.parametrize(
    "typed,names",
    [
        ("herault", ["Hérault (34)"]),
        ("34", ["Hérault (34)"]),
        ("2a", ["Corse-du-Sud (2A)"]),
        ("seine denis", ["Seine-Saint-Denis (93)"]),
        ("974", ["La Réunion (974)"]),
        ("Atlantide", []),
    ],
)
def test_a_department_is_found_by_its_name_or_its_number(
    editor: Client, typed: str, names: list[str]
) -> None:
    assert found(editor, q=typed, kind="department") == names


def test_what_is_for_a_department_offers_no_region(editor: Client) -> None:
    assert "Bretagne (région)" in found(editor, q="bretagne")
    assert found(editor, q="bretagne", kind="department") == []
    form = editor.get(reverse(Structure.snippet_viewset.get_url_name("add"))).content.decode()
    address = reverse(f"{CHOOSER}:choose")
    assert f"{address}?kind=department" in unescape(form).replace("\\u003D", "=")


def test_the_chooser_keeps_to_departments_as_one_types(editor: Client) -> None:
    opened = editor.get(reverse(f"{CHOOSER}:choose"), {"kind": "department"}).json()["html"]

    assert f'action="{reverse(f"{CHOOSER}:choose_results")}?kind=department"' in opened
    assert 'placeholder="Nom ou numéro"' in opened
    assert editor.get(reverse(f"{CHOOSER}:choose"), {"q": "\x00"}).status_code == 400
