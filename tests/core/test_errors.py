"""Errors are problem details on the API, pages for readers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import Http404
from django.test import Client, RequestFactory
from ninja.errors import AuthenticationError, HttpError, Throttled

from core.api.errors import ProblemAPI, problem

pytestmark = pytest.mark.django_db

ANSWERS: dict[type[Exception], tuple[int, str | None]] = {
    RuntimeError: (500, None),
    # A mistake of ours, and not the end of a connection.
    ProgrammingError: (500, None),
    OperationalError: (503, "60"),
    InterfaceError: (503, "60"),
}


@pytest.mark.parametrize(
    "error,status",
    [
        (Http404(), 404),
        (PermissionDenied("Non."), 403),
        (AuthenticationError(), 401),
        (Throttled(wait=12), 429),
        (HttpError(409, "Déjà fait."), 409),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_is_a_problem(error: Exception, status: int) -> None:
    api = ProblemAPI(urls_namespace=f"test-{status}")
    request = RequestFactory().get("/api/v1/x/")

    response = api.on_exception(request, error)

    data = json.loads(response.content)
    assert response.status_code == data["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert data["instance"] == "/api/v1/x/"
    if status == 429:
        assert response["Retry-After"] == "13"
    if status == 401:
        assert response["WWW-Authenticate"] == "Bearer"


def test_a_problem_has_a_title_of_http() -> None:
    data = json.loads(problem(RequestFactory().get("/x/"), 404, "Rien.").content)

    assert data == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Rien.",
        "instance": "/x/",
        "errors": [],
    }


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/rien/", "/api/v3/pages/", "/api/v1/resources/abc/"]
)
def test_an_unknown_path_of_the_api_is_a_problem(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_public_read_cannot_be_written_to(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/v1/resources/")

    assert response.status_code == 405
    assert response["Allow"]
    assert response["Content-Type"] == "application/problem+json"


def test_head_is_answered_where_get_is(client: Client) -> None:
    response = client.head("/api/v1/resources/")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/json")


def test_a_missing_page_is_a_page(client: Client) -> None:
    response = client.get("/rien-ici/")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("error", ANSWERS, ids=lambda error: error.__name__)
@pytest.mark.parametrize(
    "path,kind", [("/api/v1/resources/", "application/problem+json"), ("/", "text/html")]
)
def test_a_failure_is_answered_without_the_database(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    kind: str,
    error: type[Exception],
) -> None:
    from tests.factories import ResourcePageFactory

    ResourcePageFactory()
    client.raise_request_exception = False

    def fail(*args: Any) -> None:
        raise error("cassé")

    monkeypatch.setattr("resources.api.resource_listing", fail)
    monkeypatch.setattr("core.models.pages.BasePage.get_context", fail)
    response = client.get(path)

    assert (response.status_code, response.get("Retry-After")) == ANSWERS[error]
    assert response["Content-Type"].startswith(kind)
    assert "cassé" not in response.content.decode()


APIS = ["/api/v1/resources/", "/api/v1/rien/", "/api/v1/openapi.json", "/api/v2/pages/", "/api/"]


def too_large(client: Client, path: str) -> Any:
    return client.post(path, "x" * 3_000_000, content_type="application/json")


REFUSALS: dict[str, tuple[Any, set[int]]] = {
    "a host that is not ours": (
        lambda client, path: client.get(path, headers={"host": "ailleurs.example"}),
        {400},
    ),
    "no host": (lambda client, path: client.get(path, headers={"host": "é_é"}), {400}),
    "a path that is no UTF-8": (
        lambda client, path: client.get("/api/v1/%ff%fe/", headers={"accept": "text/html"}),
        {404},
    ),
    "half of an encoding": (lambda client, path: client.get("/api/v1/resources/%2"), {404}),
    "a query that is no UTF-8": (
        lambda client, path: client.get(f"{path}?q=%ff"),
        {200, 400, 404, 422},
    ),
    "a long address": (lambda client, path: client.get(f"{path}?q={'a' * 5000}"), {400, 404, 422}),
    "many parameters": (
        lambda client, path: client.get(f"{path}?{'q&' * 10_001}"),
        {400, 404, 422},
    ),
    "a method": (lambda client, path: client.delete(path), {404, 405}),
    "a method of nobody": (lambda client, path: client.generic("BREW", path), {404, 405}),
    "a large body": (too_large, {404, 405, 413}),
}


@pytest.mark.parametrize("path", APIS)
@pytest.mark.parametrize("what", REFUSALS)
def test_whatever_is_refused_under_the_api_is_a_problem(
    client: Client, what: str, path: str
) -> None:
    ask, expected = REFUSALS[what]

    response = ask(client, path)

    if path.endswith("openapi.json"):
        expected = expected | {200}
    # Those of version 2 are Wagtail's own, as its documentation has them.
    kinds = {"application/problem+json", *(["application/json"] if "/v2/" in path else [])}
    assert response.status_code in expected
    if response.status_code != 200:
        assert response["Content-Type"] in kinds
        assert json.loads(response.content)


@pytest.mark.parametrize("path", ["/api/v1/newsletter/subscriptions/", "/api/v1/contributions/"])
@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_a_body_that_is_too_large_is_a_problem(client: Client, path: str, kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 3_000_000
    if "multipart" not in kind:
        body = b"x" * 3_000_000

    response = client.post(path, body, content_type=kind)

    assert response.status_code in {400, 413, 415, 422}, response.content
    assert response.status_code != 400 or "multipart" in kind
    assert response["Content-Type"] == "application/problem+json"
