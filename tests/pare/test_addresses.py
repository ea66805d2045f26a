"""What everybody gets at each address of the site, its API and its administration.

``addresses.txt`` declares it, a line for each pattern of the URL configuration: a new address
without a line fails, and so does one that answers otherwise. ``--update-snapshots`` writes it
again; its diff is what to read. After each method comes what a stranger gets, then an account of
Partenaires, of Relecture, of Coordination and of Direction.

What is read holds no personal value that its reader may not see by the registry. The suite asks by
every method as the stranger and the partner, by GET as the team, and has Coordination and Direction
read what is closed to who sees less; ``make test-long`` has everybody ask by every method, and read
everything.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django.template.base
import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.template.backends.django import Template
from django.test import Client
from django.test.utils import _TestState
from django.urls import reverse
from django.utils.safestring import mark_safe
from wagtail.admin.templatetags import wagtailadmin_tags

from core.privacy.registry import Reader
from review.groups import COORDINATION, DIRECTION, PARTNERS, REVIEW
from tests.factories.world import fill
from tests.pare.addresses import Address, Arguments, addresses
from tests.pare.personal_values import PersonalValues, text_of, write_values

if TYPE_CHECKING:
    from django.http import HttpResponseBase

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine, pytest.mark.long]

TABLE = Path(__file__).with_name("addresses.txt")
STRANGER = Reader.VISITORS.value
PEOPLE = (STRANGER, PARTNERS, REVIEW, COORDINATION, DIRECTION)
READ_BEFORE = {COORDINATION: REVIEW, DIRECTION: COORDINATION}
"""Who reads before somebody, and sees less: what is open to them is not drawn again."""
OUTSIDE = PEOPLE[:2]
"""Who is not of the team."""
LETTERS = "admin/lettre/numeros/"
"""Where what is drawn is read again, before it is sent."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LOGIN, REFUSED, MISSING, NO_METHOD, OPEN, ERROR = "L", "-", "?", "x", "o", "!"
"""Led to sign in; refused; nothing there; no such method; something else; an error."""


@dataclass
class Site:
    """A site, and what came of what was asked.

    Attributes:
        outcomes: by route and method, that of each person after the other.
        leaks: what somebody read and may not see.
    """

    clients: dict[str, Client]
    paths: dict[Address, str]
    values: PersonalValues
    is_drawn: bool = True
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    leaks: set[tuple[str, str, str]] = field(default_factory=set)

    def ask(self, address: Address, person: str, method: str) -> str:
        """Send a request without content, and take back what came of it."""
        client = self.clients[person]
        cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
        with transaction.atomic():
            response: Any = client.generic(method, self.paths[address])
            if self.is_drawn:
                self.read(address, person, response)
            # The files alone: the end of a request, which closing is, would end the connection too.
            for close in response._resource_closers:
                close()
            transaction.set_rollback(True)
        client.cookies = cookies
        return judge(response)

    def read(self, address: Address, person: str, response: Any) -> None:
        """Note what of an answer its reader may not see."""
        has_link = "token" in address.route
        for found in self.values.read_by(text_of(response), person, is_person=has_link):
            self.leaks.add((person, address.route, found))


@pytest.fixture(scope="module")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether all is asked: to write the table, and for hours."""
    return bool(pytestconfig.getoption("--update-snapshots") or os.environ.get("PARE_LONG"))


@pytest.fixture(scope="module")
def site(module_transaction: None, is_long: bool) -> Site:
    may = Q(permissions__isnull=False) | Q(page_permissions__isnull=False)
    groups = set(Group.objects.filter(may).values_list("name", flat=True))
    assert groups == set(PEOPLE) - {STRANGER}
    world = fill()
    arguments = Arguments()
    values = write_values(world.people.values())
    clients = {name: Client(raise_request_exception=False) for name in PEOPLE}
    for name, person in world.people.items():
        clients[name].force_login(person)
    site = Site(clients, {each: arguments.fill(each) for each in addresses()}, values)
    with pytest.MonkeyPatch.context() as patch:
        draw_quickly(patch, site)
        for address in site.paths:
            ask_everybody(site, address, is_long)
    return site


def draw_quickly(patch: pytest.MonkeyPatch, site: Site) -> None:
    """Draw only what is read, without the menu, which has nothing of its own at any address."""
    render = Template.render

    def draw(template: Template, *args: Any, **kwargs: Any) -> Any:
        return render(template, *args, **kwargs) if site.is_drawn else mark_safe("")

    patch.setattr(Template, "render", draw)
    patch.setattr(wagtailadmin_tags, "sidebar_props", lambda *_args: {})
    # Without the copies of contexts that tests are given.
    patch.setattr(django.template.base.Template, "_render", _TestState.saved_data.template_render)


def ask_everybody(site: Site, address: Address, is_long: bool) -> None:
    """Ask for an address as each person, who sees least first."""
    site.outcomes[address.route] = outcomes = {}
    for method in METHODS:
        by_person: dict[str, str] = {}
        for person in PEOPLE if is_long or method == "GET" else OUTSIDE:
            is_known = by_person.get(READ_BEFORE.get(person, "")) == OPEN
            is_read = method == "GET" and (is_long or not is_known)
            site.is_drawn = is_read or address.route.startswith(LETTERS)
            by_person[person] = site.ask(address, person, method)
        outcomes[method] = "".join(by_person.values())


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
    site: Site, pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("--update-snapshots"):
        TABLE.write_text(write(site.outcomes), encoding="utf-8")

    declared = read_table()
    assert site.outcomes == {
        route: {method: declared[route][method][: len(each)] for method, each in by_method.items()}
        for route, by_method in site.outcomes.items()
        if route in declared
    }
    assert declared.keys() == site.outcomes.keys()


def test_nobody_reads_what_the_registry_does_not_let_them_see(site: Site) -> None:
    assert site.leaks == set()


def test_each_personal_text_has_a_value_to_look_for(site: Site) -> None:
    assert site.values.missing == {"wagtailcore.CommentReply.text"}


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
