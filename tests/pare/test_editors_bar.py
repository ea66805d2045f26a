"""Wagtail's user bar on the public site: for the team, and no trace of it for anyone else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from network import views
from tests.factories import NewsPageFactory, UserFactory, publish
from tests.factories.contributions import member
from tests.factories.network import StructureFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from network.models import Structure
    from resources.models import NewsPage

pytestmark = pytest.mark.django_db
BAR = b"wagtail-userbar"


@pytest.fixture
def news() -> NewsPage:
    page: NewsPage = NewsPageFactory()
    publish(page)
    return page


@pytest.fixture
def structure() -> Structure:
    structure: Structure = StructureFactory()
    publish(structure)
    return structure


def signed_in(group: str) -> Client:
    client = Client()
    client.force_login(member(group, group.lower()))
    return client


@pytest.mark.parametrize("group", ["Direction", "Coordination", "Relecture"])
def test_a_page_leads_the_team_to_its_editor(group: str, news: NewsPage) -> None:
    response = signed_in(group).get(news.url)

    edit = reverse("wagtailadmin_pages:edit", args=[news.pk])
    assert f'{edit}"' in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    assert "unsafe-inline" not in _directive(response, "script-src")
    assert "unsafe-inline" in _directive(response, "style-src")


@pytest.mark.parametrize(
    "rights, others, is_team",
    [
        (["add_structure"], [], True),
        (["add_structure"], ["Partenaires"], True),
        (["pages"], [], True),
        # Nothing to do but to sign in.
        ([], [], False),
        ([], ["Partenaires"], False),
    ],
)
def test_an_account_of_another_group_has_both_the_bar_and_the_guide_or_neither(
    news: NewsPage, rights: list[str], others: list[str], is_team: bool
) -> None:
    group = Group.objects.create(name="Stagiaires")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *rights]))
    if "pages" in rights:
        change = Permission.objects.get(codename="change_page")
        GroupPagePermission.objects.create(group=group, page=news.get_root(), permission=change)
    user = UserFactory()
    user.groups.add(group, *Group.objects.filter(name__in=others))
    client = Client()
    client.force_login(user)

    assert (BAR in client.get(news.url).content) == is_team
    assert (client.get(reverse("guide")).status_code == 200) == is_team


def test_a_structure_that_goes_while_it_is_read_has_no_bar(
    structure: Structure, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = signed_in("Coordination"), structure.path
    build = views._detail

    def build_then_lose(*args: Any) -> Any:
        detail = build(*args)
        structure.delete()
        return detail

    monkeypatch.setattr(views, "_detail", build_then_lose)

    response = client.get(path)

    assert response.status_code == 200
    assert BAR not in response.content


def test_a_structure_leads_to_its_editor_who_may_edit_it(structure: Structure) -> None:
    edit = reverse(type(structure).snippet_viewset.get_url_name("edit"), args=[quote(structure.pk)])

    bar = signed_in("Coordination").get(structure.path).content.decode()

    assert f'{edit}"' in bar
    assert "Modifier cette fiche" in bar


def test_nobody_else_sees_anything_of_it(
    news: NewsPage, structure: Structure, settings: Any
) -> None:
    settings.RESPONSE_CACHE_SECONDS = 300
    before = [Client().get(path) for path in (news.url, structure.path)]

    signed_in("Direction").get(news.url)
    partner = signed_in("Partenaires").get(news.url)
    stale = Client(headers={"Cookie": "sessionid=gone"}).get(news.url)
    after = [Client().get(path) for path in (news.url, structure.path)]

    assert BAR not in partner.content
    assert BAR not in stale.content
    for first, second in zip(before, after, strict=True):
        assert BAR not in first.content
        assert first.content == second.content
        assert not first.cookies
        assert "unsafe-inline" not in first["Content-Security-Policy"]
    assert before[0]["Cache-Control"] == after[0]["Cache-Control"]
    assert before[0]["Cache-Control"].startswith("public")


def test_a_visitor_costs_no_query_more(
    news: NewsPage, structure: Structure, count_queries: Callable[..., int], settings: Any
) -> None:
    settings.RESPONSE_CACHE_SECONDS = 0
    client = Client()
    client.get(news.url)
    for path in (news.url, structure.path):
        stranger = Client(headers={"Cookie": "theme=dark"})
        counts = [count_queries(partial(reader.get, path)) for reader in (client, stranger)]
        assert counts[0] == counts[1]


def test_a_preview_has_the_checks(news: NewsPage, structure: Structure) -> None:
    request = signed_in("Coordination").get(news.url).wsgi_request
    for thing in (news, structure):
        response = thing.make_preview_request(request, "", {"in_preview_panel": True})

        assert BAR in response.content, thing
        assert b"checker-axe-configuration" in response.content
        assert b"image-alt" in response.content
        assert b"Modifier cette" not in response.content
        assert "no-store" in response["Cache-Control"]
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]


def _directive(response: Any, name: str) -> str:
    policy = response["Content-Security-Policy"]
    return next(part for part in policy.split(";") if part.strip().startswith(name))
