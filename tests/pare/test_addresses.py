"""What those outside the team get at each address of the site, its API and its administration.

``addresses.txt`` declares it, a line for each pattern of the URL configuration: a new address
without a line fails, and so does one that answers otherwise. ``--update-snapshots`` writes it
again; its diff is what to read.

After each method comes what a stranger gets, then an account of Partenaires. What each group of the
team may do is tried by the tables of docs/relecture.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe

from review.groups import PARTNERS
from tests.factories.world import fill
from tests.pare.addresses import Address, Arguments, addresses

if TYPE_CHECKING:
    from django.http import HttpResponseBase

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

TABLE = Path(__file__).with_name("addresses.txt")
STRANGER = "stranger"
PEOPLE = (STRANGER, PARTNERS)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LOGIN, REFUSED, MISSING, NO_METHOD, OPEN, ERROR = "L", "-", "?", "x", "o", "!"
"""Led to sign in; refused; nothing there; no such method; something else; an error."""


@dataclass
class Site:
    clients: dict[str, Client]
    paths: dict[Address, str]


@pytest.fixture(scope="module")
def site(module_transaction: None) -> Site:
    world = fill()
    clients = {name: Client(raise_request_exception=False) for name in PEOPLE}
    clients[PARTNERS].force_login(world.people[PARTNERS])
    arguments = Arguments()
    return Site(clients, {each: arguments.fill(each) for each in addresses()})


def judge(response: HttpResponseBase) -> str:
    """Return which of the outcomes an answer is."""
    status = response.status_code
    to = response.get("Location", "")
    if "/login/" in to or status == 401:
        return LOGIN
    # Wagtail sends home whom it refuses something.
    if status == 403 or to == reverse("wagtailadmin_home"):
        return REFUSED
    if status in {404, 410}:
        return MISSING
    if status == 405:
        return NO_METHOD
    return ERROR if status >= 500 else OPEN


def ask(site: Site, address: Address, person: str, method: str) -> str:
    """Send a request without content, and take back what came of it."""
    client = site.clients[person]
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with transaction.atomic():
        response: Any = client.generic(method, site.paths[address])
        # The files alone: the end of a request, which closing is, would end the connection too.
        for close in response._resource_closers:
            close()
        transaction.set_rollback(True)
    client.cookies = cookies
    return judge(response)


@pytest.fixture(scope="module")
def outcomes(site: Site) -> dict[str, dict[str, str]]:
    """Ask for each address, as everybody, by each method: what came of it, by route and method."""
    with pytest.MonkeyPatch.context() as patch:
        # Who gets something is decided before it is drawn, which takes most of the time.
        patch.setattr(Template, "render", lambda *_args, **_kwargs: mark_safe(""))
        return {
            address.route: {
                method: "".join(ask(site, address, person, method) for person in PEOPLE)
                for method in METHODS
            }
            for address in site.paths
        }


def write(outcomes: dict[str, dict[str, str]]) -> str:
    """Return the table, with the methods that have the same outcomes together."""
    lines = []
    for route, by_method in outcomes.items():
        together: dict[str, list[str]] = defaultdict(list)
        for method, outcome in by_method.items():
            together[outcome].append(method)
        words = [f"{','.join(methods)} {outcome}" for outcome, methods in together.items()]
        lines.append(f"{route}  {'  '.join(words)}\n")
    return "".join(lines)


def read_table() -> dict[str, dict[str, str]]:
    """Return the outcomes that are declared, by route and method."""
    declared = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        route, *parts = line.split("  ")
        declared[route] = {
            method: outcome
            for part in parts
            for methods, outcome in [part.split(" ")]
            for method in methods.split(",")
        }
    return declared


def test_each_address_answers_each_person_as_is_declared(
    outcomes: dict[str, dict[str, str]], pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("--update-snapshots"):
        TABLE.write_text(write(outcomes), encoding="utf-8")

    assert outcomes == read_table()


def test_the_administration_is_open_to_nobody_who_has_not_signed_in() -> None:
    reached = {
        route
        for route, by_method in read_table().items()
        if route.startswith("admin/")
        and {each[0] for each in by_method.values()} - {LOGIN, REFUSED}
    }

    # What is needed to sign in, and what holds no content: texts and icons of Wagtail, and whether
    # the session of who asks goes on.
    assert {route for route in reached if not route.startswith("admin/password_reset/")} == {
        *("admin/login/", "admin/connexion/invitation/<str:token>/"),
        *("admin/jsi18n/", "admin/sprite/", "admin/connexion/etat/"),
    }
