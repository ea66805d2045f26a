"""Hostile texts in every parameter and form: never a 500, and nothing of ours is broken by them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ninja.params.models import BodyModel, FormModel

from core.plain_text import DIRECTIONS, FORBIDDEN
from core.schemas.inputs import Input
from events.models import Registration
from pare.api import api
from tests.pare.hostile import (
    HOSTILE,
    Place,
    Site,
    body_places,
    form_places,
    path_places,
    query_places,
    stored_texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_django.fixtures import SettingsWrapper

    from home.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(home: HomePage) -> Site:
    return Site.build()


def ask(client: Client, place: Place, text: str) -> Any:
    """Send a text somewhere, and require an answer that is no failure."""
    try:
        answer = place.send(client, text)
    except Exception as error:
        raise AssertionError(f"{place} fails of {text[:30]!r}: {error!r}") from error
    assert answer.status_code < 500, (place, text[:30])
    if answer.status_code in {400, 422} and place.address.startswith("/api/v1/"):
        assert answer["Content-Type"] == "application/problem+json", place
    return answer


def failures_of(client: Client, asked: Iterable[tuple[Place, str]]) -> list[str]:
    failures = []
    for place, text in asked:
        try:
            ask(client, place, text)
        except AssertionError as failure:
            failures.append(str(failure)[:300])
    return failures


def require_plain_rows() -> None:
    """Find no text that was stored with what is refused, nor one that turns its surroundings."""
    wrong = [
        (where, text[:60])
        for where, text in stored_texts()
        if FORBIDDEN.search(text) or DIRECTIONS.search(text)
    ]
    assert wrong == []


def test_no_text_of_the_list_breaks_anything(site: Site) -> None:
    client = Client(raise_request_exception=True)
    of_forms = [*form_places(site, client), *body_places(site)]
    places = [*path_places(site), *query_places(site), *of_forms]
    assert {each.kind for each in places} == {"path", "query", "form", "json", "multipart"}
    if connection.vendor == "sqlite":
        # Which stores all of it: a part is enough.
        places, of_forms = places[::16], of_forms[::16]
    # Each place gets another text of the list, and each field those that no form takes.
    listed = zip(places, itertools.cycle(HOSTILE), strict=False)
    refused = itertools.product(of_forms, ["a\x00b"])

    assert failures_of(client, [*listed, *refused]) == []
    require_plain_rows()


def test_no_text_that_hypothesis_finds_breaks_anything(site: Site) -> None:
    client = Client(raise_request_exception=True)
    places = [*path_places(site), *query_places(site), *body_places(site)]
    places += form_places(site, client)
    texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(HOSTILE)

    @settings(
        max_examples=300 if connection.vendor == "postgresql" else 40,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(st.sampled_from(places), texts)
    def nothing_breaks(place: Place, text: str) -> None:
        ask(client, place, text)

    nothing_breaks()
    require_plain_rows()


RAW_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"\\ud800"',
    b"{",
    b"\x00",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"email":' * 50_000,
    b'{"email": {"a": ["b"]}, "consent": true}',
    b"9" * 100_000,
    b"x" * 3_000_000,
]
MEDIA_TYPES = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=\xff",
    "text/plain; charset=nonsense",
]


def test_no_body_breaks_anything(site: Site) -> None:
    places = [*form_places(site, Client()), *body_places(site)]
    addresses = dict.fromkeys(each.address for each in places)
    sent = [
        Body(address, media_type, body)
        for address, (media_type, body) in zip(
            itertools.chain.from_iterable(itertools.repeat(tuple(addresses), 4)),
            itertools.cycle(itertools.product(MEDIA_TYPES, RAW_BODIES)),
            strict=False,
        )
    ]

    assert failures_of(Client(), [(each, "") for each in sent]) == []


@dataclass(frozen=True)
class Body(Place):
    """A whole body, whatever it is."""

    media_type: str = ""
    body: bytes = b""

    def __init__(self, address: str, media_type: str, body: bytes) -> None:
        for name, value in {
            "kind": "body",
            "address": address,
            "name": f"{media_type} {body[:20]!r}",
            "values": {},
            "media_type": media_type,
            "body": body,
        }.items():
            object.__setattr__(self, name, value)

    def send(self, client: Client, text: str) -> Any:
        return client.post(self.address, self.body, content_type=self.media_type)


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "wagtail-view"])
def test_no_cookie_breaks_anything(home: HomePage, name: str) -> None:
    for value in ('"abcdefgh\\000abc"', "x" * 3000, "\xe2\x80\xae", '"\\012\\015"'):
        for address in ("/", "/admin/", "/admin/login/", "/lettre/inscription/"):
            client = Client(raise_request_exception=True)
            answer = client.get(address, headers={"cookie": f"{name}={value}"})
            assert answer.status_code < 500, (address, value)


HEADERS = (
    *("accept-language", "if-none-match", "if-modified-since", "range", "authorization"),
    *("x-request-id", "x-real-ip", "x-forwarded-for", "referer", "origin", "user-agent", "accept"),
    *("content-length", "content-type", "host", "x-requested-with", "x-http-method-override"),
)


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_breaks_anything(home: HomePage, name: str, settings: SettingsWrapper) -> None:
    settings.CLIENT_ADDRESS_HEADER, settings.REQUEST_ID_HEADER = (
        "HTTP_X_REAL_IP",
        "HTTP_X_REQUEST_ID",
    )
    for value in ("", "\x01", "x" * 9000, "\xe2\x80\xae", "-1", 'W/"', "bytes=9-1", "[::1", "é"):
        for address in ("/api/v1/resources/", "/lettre/inscription/"):
            answer = Client().generic("GET", address, headers={name: value})
            assert answer.status_code < 500, (name, value[:20], address)


def test_a_problem_names_the_parameter(client: Client) -> None:
    answer = client.get("/api/v1/resolve/?path=%2F%00&locale=fr")

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [(each["location"], each["code"]) for each in answer.json()["errors"]] == [
        (["query", "path"], "control_characters")
    ]


def test_an_address_is_not_found_and_a_query_is_refused(home: HomePage, client: Client) -> None:
    assert client.get("/a%00b/").status_code == 404
    assert client.get("/?q=%01").status_code == 400
    assert client.get("/?q=%C2%9F").status_code == 400
    # What people type, in any language, is taken.
    for text in ("é 🙂 مرحبا", "a\tb\nc", "\u200f\u0301"):
        assert client.get("/recherche/", {"q": text}).status_code == 200


def test_the_message_is_beside_the_field_and_repeats_what_stands_before(site: Site) -> None:
    place = next(
        each
        for each in form_places(site, Client())
        if each.name == "first_name" and "/lettre/inscription/" in each.address
    )

    answer = place.send(Client(), "Camille, de l'association\x0b Exemple")

    assert answer.status_code == 422
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    error = page.select_one("#id_first_name-error")
    assert error is not None
    assert "un caractère invisible, après « le, de l'association »" in error.get_text(
        " ", strip=True
    )


def test_a_name_turns_nothing_around_it(site: Site) -> None:
    place = next(each for each in body_places(site) if each.address.endswith("/registrations/"))
    data = Place(place.kind, place.address, "name", {**place.values, "email": "z@example.org"})

    assert data.send(Client(), "Camille \u202eelpmexE").status_code == 202

    assert Registration.objects.get(email="z@example.org").name == "Camille elpmexE"


def test_each_body_of_the_api_takes_plain_texts_alone() -> None:
    models = {
        field.annotation
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for model in operation.models
        if issubclass(model, (BodyModel, FormModel))
        for field in model.model_fields.values()
    }

    assert {each.__name__ for each in models} >= {"SubscriptionIn", "RegistrationIn"}
    assert [each for each in models if not issubclass(each, Input)] == []


def test_an_object_of_another_kind_is_no_number(client: Client) -> None:
    for name in ("pages", "images", "documents"):
        for wrong in ("abc", "٣", "9" * 400, ""):
            assert client.get(f"/api/v2/{name}/find/", {"id": wrong}).status_code == 400
