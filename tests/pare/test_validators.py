"""Who has an answer already is not sent it again, whatever public address it is of.

The addresses are those of the contract and of the URL configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from core.models import ContentVersion
from core.web.caching import cached
from home.models import SiteSettings
from pare.middleware import PrivateCookiesMiddleware
from tests.factories import NewsPageFactory, ResourcePageFactory, StandardPageFactory, publish
from tests.factories.events import TrainingPageFactory, training_date
from tests.factories.network import LILLE, StructureFactory, directory
from tests.factories.newsletter import NewsletterIssuePageFactory
from tests.pare.addresses import addresses
from tests.pare.test_openapi import EXAMPLES, READS, the_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

FEEDS = sorted(f"/{each.route}" for each in addresses() if each.route.endswith(".atom"))
CONTRACT = reverse("api_v1:openapi-json")


@pytest.fixture(scope="module")
def keys(module_transaction: None) -> dict[str, Any]:
    """Return what stands in each argument of the addresses of the contract."""
    directory()
    SiteSettings.load()  # The first reader of a new site has them made.
    keys = {
        "resource_id": ResourcePageFactory(),
        "news_id": NewsPageFactory(),
        "event_id": TrainingPageFactory(dates=[training_date()]),
        "structure_id": StructureFactory(**LILLE),
        "page_id": StandardPageFactory(),
        "issue_id": NewsletterIssuePageFactory(),
    }
    return EXAMPLES | {name: each.pk for name, each in keys.items()}


@pytest.fixture(autouse=True)
def _cached(settings: Any) -> None:
    settings.RESPONSE_CACHE_SECONDS = 3600


def read(path: str, keys: dict[str, Any], **headers: str) -> Any:
    """Read an address of the contract, with what it can't do without."""
    parameters = the_schema()["paths"].get(path, {}).get("get", {}).get("parameters", ())
    query = {p["name"]: keys[p["name"]] for p in parameters if p["required"] and p["in"] == "query"}
    return Client().get(path.format(**keys), query, headers=headers)


def content(response: Any) -> bytes:
    return b"".join(response) if response.streaming else bytes(response.content)


@pytest.mark.parametrize("path", [*READS, *FEEDS, CONTRACT])
def test_each_public_answer_is_sent_once(path: str, keys: dict[str, Any]) -> None:
    first = read(path, keys)
    assert first.status_code == 200, content(first)[:500]
    assert content(first)

    second = read(path, keys, **{"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == second["Cache-Control"] == "public, no-cache"
    assert "Authorization" in first["Vary"]
    assert (second.status_code, second["ETag"]) == (304, first["ETag"])
    assert content(second) == b""
    assert not first.cookies
    assert not second.cookies


@pytest.mark.parametrize("path", ["/api/v1/structures.csv", FEEDS[0]])
def test_a_change_is_sent_at_once(path: str, keys: dict[str, Any]) -> None:
    before = read(path, keys)["ETag"]

    publish(NewsPageFactory())

    after = read(path, keys, **{"if-none-match": before})
    assert (after.status_code, after["ETag"] == before) == (200, False)


def test_the_contract_declares_it() -> None:
    for path in READS:
        header = the_schema()["paths"][path]["get"]["responses"]["200"]["headers"]["ETag"]
        assert header["schema"] == {"type": "string"}, path
        assert "304" in header["description"], path


def public_paths() -> Iterator[str]:
    """Yield the addresses without an argument that are not the team's."""
    for each in addresses():
        if not each.is_admin and not set("<(") & set(each.route):
            yield f"/{each.route}"


def test_what_sets_a_cookie_is_never_public(keys: dict[str, Any]) -> None:
    looked_at = 0
    for path in sorted({"/", *public_paths()}):
        response = Client().get(path)
        is_public = "public" in response.get("Cache-Control", "")
        looked_at += is_public
        assert not (is_public and response.cookies), path
    assert looked_at > 10


def test_what_sets_a_cookie_is_neither_kept_nor_public(db: None) -> None:
    def view(request: Any) -> HttpResponse:
        made.append(HttpResponse("à toi"))
        made[-1].set_cookie("cle", str(len(made)))
        made[-1]["Cache-Control"] = "public, no-cache"
        return made[-1]

    made: list[HttpResponse] = []
    answer = PrivateCookiesMiddleware(
        lambda request: cached(
            request, lambda: view(request), vary="Cookie", get_version=ContentVersion.current
        )
    )

    found = [answer(RequestFactory().get("/x/")) for _ in range(2)]

    assert [each.cookies["cle"].value for each in found] == ["1", "2"]
    assert {each["Cache-Control"] for each in found} == {"private, no-cache"}
    assert not any("ETag" in each for each in found)
