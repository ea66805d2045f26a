"""The table of screens of docs/relecture.md names each of them, and who opens it.

What the menus offer is what the table has, and the crawl (tests.pare.test_offers) takes all that
they offer: here are tried what is refused, and what no menu leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, RequestFactory
from django.urls import Resolver404, get_resolver, resolve
from wagtail.admin.menu import admin_menu
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet

from review.groups import TEAM
from tests.factories.contributions import member
from tests.pare.test_rights import DOCUMENT, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wagtail.admin.menu import Menu, MenuItem

    from core.models import User

pytestmark = pytest.mark.one_engine

ADMIN = "/admin/"
YES, READ, NO = "oui", "lecture", "non"
ADDING = ("add/", "new/")
# What other screens need, or everyone: tried by the acts of the table of rights and by the crawl.
BELONGING = (
    *("api/main/", "block-preview/", "bulk/", "choose-", "editing-sessions/", "embeds/chooser/"),
    *("localize/api/", "localize/jsi18n/", "localize/page/", "localize/submit/"),
    *("localize/translate/", "localize/update/", "registre/", "relecture/reprendre/"),
    *("snippets/choose/", "tag-autocomplete/", "traductions/", "workflows/"),
    *("dismissibles/", "jsi18n/", "login/", "logout/", "password_reset/", "sprite/"),
    *("comptes/", "connexion/"),
    *("failwhale/", "test404/"),
)
EXACTLY = ("", ".*/", "settings/", "snippets/")
"""The dashboard, what nothing answers, and what leads to the first of the screens below it."""


@dataclass(frozen=True)
class Row:
    title: str
    address: str
    verdicts: dict[str, str]


def read_screens() -> list[Row]:
    """Read the table of screens."""
    _before, _title, text = DOCUMENT.read_text(encoding="utf-8").partition(
        "## Le tableau des écrans"
    )
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head, _rule, *body = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert head[2:] == GROUPS
    return [
        Row(title, address.strip("`"), dict(zip(GROUPS, verdicts, strict=True)))
        for title, address, *verdicts in body
    ]


ROWS = read_screens()
ADDRESSES = [row.address for row in ROWS]


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Yield each address of the admin, as its pattern has it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern).lstrip("^")
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        elif route.startswith("admin/"):
            yield route.removeprefix("admin/")


ROUTES = set(routes())
STARTS = {re.split(r"[<(\\$]", route)[0] for route in ROUTES}
"""Each address up to its first argument."""


def adding(group: str, verdict: str) -> list[str]:
    """Return the addresses at which something is added to the screens of a verdict."""
    return [
        row.address + each
        for row in ROWS
        for each in ADDING
        if row.verdicts[group] == verdict and row.address + each in ROUTES
    ]


def items(menu: Menu, request: Any = None) -> Iterator[MenuItem]:
    """Yield the items of a menu and of those in it: all, or those shown to who asks."""
    for item in menu.menu_items_for_request(request) if request else menu.registered_menu_items:
        if submenu := getattr(item, "menu", None):
            yield from items(submenu, request)
        elif item.url.startswith(ADMIN):
            yield item


def addresses_of(found: Iterator[MenuItem]) -> set[str]:
    # The menu of those who have none of « Infos du site » is empty.
    return {item.url.removeprefix(ADMIN) for item in found} - {"snippets/"}


def test_each_row_is_a_screen_once_with_a_verdict_that_is_known() -> None:
    assert len(set(ADDRESSES)) == len(ADDRESSES)
    for row in ROWS:
        assert set(row.verdicts.values()) <= {YES, READ, NO}, row
        try:
            resolve(ADMIN + row.address)
        except Resolver404:
            pytest.fail(f"Nothing is at {row.address}.")


def test_the_table_names_each_item_of_the_menus() -> None:
    assert addresses_of(items(admin_menu)) - set(ADDRESSES) == set()


def test_the_table_names_each_list_of_a_viewset() -> None:
    lists = {f"{each.url_prefix}/" for each in viewsets.viewsets if isinstance(each, ModelViewSet)}

    assert lists - set(ADDRESSES) == set()


def test_each_address_of_the_admin_belongs_to_a_screen() -> None:
    left = [
        route
        for route in sorted(STARTS)
        if route not in EXACTLY
        and not route.startswith((*BELONGING, *ADDRESSES))
        and not any(address.startswith(route) for address in ADDRESSES)
    ]

    assert left == []


@pytest.fixture(scope="module")
def people(module_transaction: None) -> dict[str, User]:
    return {group: member(group, f"moi-{group.lower()}") for group in GROUPS}


@pytest.fixture(params=GROUPS)
def group(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_menu_leads_where_the_table_has_it(people: dict[str, User], group: str) -> None:
    request = RequestFactory().get(ADMIN)
    request.user = people[group]
    in_menus = addresses_of(items(admin_menu))
    named = {row.address for row in ROWS if row.verdicts[group] != NO}

    assert addresses_of(items(admin_menu, request)) == named & in_menus


def test_what_the_table_refuses_is_refused(people: dict[str, User], group: str) -> None:
    client = Client()
    client.force_login(people[group])
    refused = [row.address for row in ROWS if row.verdicts[group] == NO] + adding(group, READ)

    opened = {each: client.get(ADMIN + each).status_code for each in refused}

    assert {each for each, status in opened.items() if status not in {302, 403}} == set()


def test_what_no_menu_leads_to_opens_by_its_address(people: dict[str, User], group: str) -> None:
    client = Client()
    client.force_login(people[group])
    in_menus = addresses_of(items(admin_menu))
    opened = {
        row.address: client.get(ADMIN + row.address).status_code
        for row in ROWS
        if row.verdicts[group] != NO and row.address not in in_menus
    }

    assert set(opened.values()) == {200}, opened


@pytest.mark.parametrize("group", TEAM, indirect=True)
def test_what_is_added_to_a_screen_can_be_added(people: dict[str, User], group: str) -> None:
    client = Client()
    client.force_login(people[group])

    opened = {each: client.get(ADMIN + each).status_code for each in adding(group, YES)}

    assert set(opened.values()) == {200}, opened
