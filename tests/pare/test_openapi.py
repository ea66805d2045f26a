"""The contract of the API: committed, typed to its leaves, and kept by what is really answered."""

from __future__ import annotations

import json
import re
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic import BaseModel

from core.api.contract import Contract
from core.plain_text import PATTERN
from pare.api import api
from published.facets import VOCABULARY
from tests.factories import EmergencyNumberFactory, FunderFactory, ImageFactory, ResourcePageFactory
from tests.home.test_api import golden_pages
from tests.resources.test_api import golden_news, golden_resource
from tests.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from home.models import HomePage

CONSTRAINING_KEYWORDS = {"$ref", "type", "anyOf", "oneOf", "allOf", "enum", "const", "not"}
OUR_PACKAGES = {
    "contributions",
    "core",
    "events",
    "home",
    "network",
    "newsletter",
    "pare",
    "resources",
    "search",
}
METHODS = {"get", "post", "put", "patch", "delete"}


@cache
def the_schema() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema(), default=str))


def test_the_contract_is_the_committed_one(request: pytest.FixtureRequest) -> None:
    committed = Snapshots(
        Path(settings.ROOT_DIR) / "docs", update=request.config.getoption("--update-snapshots")
    )

    committed.check("openapi", the_schema(), normalise=False)


def test_it_is_served_where_it_is_promised(client: Client) -> None:
    data = client.get("/api/v1/openapi.json").json()

    assert data["openapi"].startswith("3.1")
    assert set(data["paths"]) == set(the_schema()["paths"])


def test_it_is_written_once_for_all_that_ask() -> None:
    assert api.get_openapi_schema(path_params={}) is api.get_openapi_schema(path_params={})
    other = api.get_openapi_schema(path_prefix="/ailleurs/")
    assert next(iter(other["paths"])).startswith("/ailleurs/")


def untyped(schema: Any, where: str) -> Iterator[str]:
    """Yield the places where a schema would take anything."""
    if schema is True or schema == {}:
        yield where
        return
    if not isinstance(schema, dict):
        return
    if not CONSTRAINING_KEYWORDS & set(schema):
        yield f"{where} says no type"
    if schema.get("type") == "array" and not {"items", "prefixItems"} & set(schema):
        yield f"{where} is a list of anything"
    if schema.get("type") == "object" and not {"properties", "additionalProperties"} & set(schema):
        yield f"{where} is an object of anything"
    if schema.get("additionalProperties") is True:
        yield f"{where} takes any property"
    for name, child in schema.get("properties", {}).items():
        yield from untyped(child, f"{where}.{name}")
    for name in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(name), dict):
            yield from untyped(schema[name], f"{where}.{name}")
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, child in enumerate(schema.get(name, [])):
            yield from untyped(child, f"{where}.{name}[{number}]")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in the_schema()["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def test_nothing_is_left_untyped() -> None:
    schema = the_schema()
    found = [
        place
        for name, component in schema["components"]["schemas"].items()
        for place in untyped(component, name)
    ]
    for path, method, operation in operations():
        for parameter in operation.get("parameters", []):
            found += untyped(parameter["schema"], f"{method} {path} ?{parameter['name']}")
        for status, response in operation["responses"].items():
            for content in response.get("content", {}).values():
                found += untyped(content.get("schema", {}), f"{method} {path} {status}")

    assert found == []


def test_every_operation_and_field_of_a_body_is_explained() -> None:
    for path, method, operation in operations():
        assert operation.get("summary"), (method, path)
        assert operation.get("description"), (method, path)
        assert operation.get("tags"), (method, path)


OPERATION_ID = re.compile(r"(list|get|create|export|search|resolve)([A-Z][a-z]+|[A-Z](?=[A-Z]))+")
"""A verb and its object, as client generators name methods (docs/api.md says why)."""


def test_every_operation_has_an_id_of_its_own_written_by_hand() -> None:
    declared = [
        (path, operation.operation_id)
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
    ]
    names = [name for _path, name in declared]

    assert len(declared) == len(list(operations()))
    assert [one for one in declared if not OPERATION_ID.fullmatch(one[1] or "")] == []
    assert [name for name in names if names.count(name) > 1] == []
    assert sorted(names) == sorted(operation["operationId"] for _, _, operation in operations())


def subclasses(of: type) -> Iterator[type]:
    for child in of.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_component_is_named_by_a_class() -> None:
    """Not by its module, a number or the parameters of a generic, which nobody chose."""
    # A class inside another has half a name: `Kind` of what?
    named = {
        one.__name__
        for base in (BaseModel, Enum)
        for one in subclasses(base)
        if one.__module__.split(".")[0] in OUR_PACKAGES and one.__qualname__ == one.__name__
    }
    components = the_schema()["components"]["schemas"]

    assert [name for name in components if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    assert [name for name in components if name not in named] == []
    assert [name for name, one in components.items() if one["title"] != name] == []


def test_two_components_do_not_share_a_name() -> None:
    contract = Contract(api, "/")

    with pytest.raises(ImproperlyConfigured, match="named Term"):
        contract.add_schema_definitions({"Term": {"type": "string"}})


def test_every_component_is_referred_to() -> None:
    written = json.dumps(the_schema())
    components = the_schema()["components"]["schemas"]

    unused = [name for name in components if f'"#/components/schemas/{name}"' not in written]
    assert unused == []


def test_blocks_are_told_apart_by_their_type() -> None:
    schema = the_schema()["components"]["schemas"]

    blocks = schema["StandardDetail"]["properties"]["body"]["items"]

    assert blocks["discriminator"]["propertyName"] == "type"
    assert len(blocks["oneOf"]) == len(blocks["discriminator"]["mapping"]) >= 11


def test_errors_are_declared_as_problems() -> None:
    for path, method, operation in operations():
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"], (method, path)


READS = [path for path, method, _operation in operations() if method == "get"]
EXAMPLES = {"path": "/", "calendar": "2026-12", "code": "59", "kind": "idea"}
"""Values of the parameters that an operation can't do without; 1 for the ids."""


@pytest.mark.django_db
@pytest.mark.parametrize("path", READS)
def test_each_read_refuses_a_parameter_that_it_does_not_know(client: Client, path: str) -> None:
    parameters = the_schema()["paths"][path]["get"].get("parameters", [])
    needed = {p["name"]: EXAMPLES.get(p["name"], 1) for p in parameters if p["required"]}
    query = {
        p["name"]: needed[p["name"]] for p in parameters if p["required"] and p["in"] == "query"
    }

    response = client.get(path.format(**needed), query | {"inconnu": "x"})

    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    (error,) = response.json()["errors"]
    assert (error["location"], error["code"]) == (["query", "inconnu"], "unknown")
    known = [p["name"] for p in parameters if p["in"] == "query"]
    assert error["message"] == f"Known ones: {', '.join(known)}."


FREE_TEXT = {"q", "place", "slug"}
"""What people type, and what names a content that may be gone: it may be found nowhere."""
NONSENSE = "n-importe-quoi"


def takes_a_vocabulary(schema: dict[str, Any]) -> bool:
    return bool({"enum", VOCABULARY} & (schema.keys() | schema.get("items", {}).keys()))


@pytest.mark.django_db
@pytest.mark.parametrize("path", READS)
def test_each_read_refuses_a_value_that_makes_no_sense(client: Client, path: str) -> None:
    parameters = the_schema()["paths"][path]["get"].get("parameters", [])
    needed = {p["name"]: EXAMPLES.get(p["name"], 1) for p in parameters if p["required"]}
    queries = [p for p in parameters if p["in"] == "query"]
    required = {p["name"]: needed[p["name"]] for p in queries if p["required"]}

    for parameter in queries:
        name = parameter["name"]
        if name in FREE_TEXT:
            continue
        response = client.get(path.format(**needed), required | {name: NONSENSE})

        assert response.status_code == 422, (name, response.content)
        assert response["Content-Type"] == "application/problem+json"
        (error,) = response.json()["errors"]
        assert error["location"][:2] == ["query", name]
        assert error["code"]
        if takes_a_vocabulary(parameter["schema"]):
            assert re.search("Known ones: .|should be '|languages of this site", error["message"])


def example_of(schema: dict[str, Any]) -> Any:
    """Return a value that a parameter takes."""
    kind = next(iter(schema.get("anyOf", [schema])))
    values = [*schema.get("examples", ()), *kind.get("enum", ()), kind.get("const")]
    values.append(schema.get("default"))
    if kind.get("format") == "date":
        return "2026-11-28"
    return next(value for value in values if value is not None)


@pytest.mark.django_db
@pytest.mark.parametrize("path", READS)
def test_each_read_refuses_several_values_where_it_takes_one(client: Client, path: str) -> None:
    parameters = the_schema()["paths"][path]["get"].get("parameters", [])
    address = path.format(**{p["name"]: EXAMPLES.get(p["name"], 1) for p in parameters})
    queries = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
    single = [name for name, schema in queries.items() if schema.get("type") != "array"]

    twice = {name: [example_of(queries[name])] * 2 for name in single}
    response = client.get(address, twice)

    if single:
        assert response.status_code == 422, response.content
        errors = response.json()["errors"]
        assert sorted(e["location"] for e in errors) == sorted(["query", name] for name in single)
        assert {e["code"] for e in errors} == {"repeated"}


def test_every_name_that_a_read_takes_is_of_a_vocabulary() -> None:
    """A list of texts without one would take any name, and find nothing."""
    lists = [
        (path, parameter["name"], parameter["schema"])
        for path, method, operation in operations()
        for parameter in operation.get("parameters", [])
        if method == "get"
        and parameter["in"] == "query"
        and parameter["schema"].get("items", {}).get("type") == "string"
    ]

    assert len(lists) > 20
    assert [
        (path, name)
        for path, name, schema in lists
        if not takes_a_vocabulary(schema) and schema["items"]["pattern"] == PATTERN
    ] == []


@pytest.mark.django_db
class TestAnswers:
    """What is really answered has the shape of the contract."""

    def validate(self, path: str, address: str, status: int = 200) -> None:
        response = Client().get(address)
        assert response.status_code == status, (address, response.content[:500])
        schema = the_schema()
        contents = schema["paths"][path]["get"]["responses"][str(status)]["content"]
        kind = response["Content-Type"].partition(";")[0]
        assert kind in contents, (address, kind)
        shape = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": schema["components"],
            **contents[kind]["schema"],
        }
        problems = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in jsonschema_rs.validator_for(shape, validate_formats=True).iter_errors(
                json.loads(response.content)
            )
        ]
        assert problems == [], address

    def test_rich_answers(self, home: HomePage) -> None:
        pages = golden_pages(home)
        resource, news = golden_resource(), golden_news()
        EmergencyNumberFactory()
        FunderFactory(logo=ImageFactory())
        v1 = "/api/v1"

        for path, address in (
            (f"{v1}/resources/", f"{v1}/resources/?facets=true"),
            (f"{v1}/resources/{{resource_id}}/", f"{v1}/resources/{resource.pk}/"),
            (f"{v1}/news/", f"{v1}/news/?facets=true"),
            (f"{v1}/news/{{news_id}}/", f"{v1}/news/{news.pk}/"),
            (f"{v1}/pages/", f"{v1}/pages/"),
            *((f"{v1}/pages/{{page_id}}/", f"{v1}/pages/{page.pk}/") for page in pages.values()),
            (f"{v1}/vocabularies/", f"{v1}/vocabularies/"),
            (f"{v1}/site/", f"{v1}/site/"),
            *(
                (f"{v1}/resolve/", f"{v1}/resolve/?path={path}")
                for path in ("/", resource.url, news.url, "/ressources/", "/actualites/")
            ),
        ):
            self.validate(path, address)

    def test_errors(self) -> None:
        self.validate("/api/v1/resources/", "/api/v1/resources/?limit=0", 422)
        self.validate("/api/v1/resources/{resource_id}/", "/api/v1/resources/0/", 404)
        self.validate("/api/v1/resolve/", "/api/v1/resolve/?path=/rien/", 404)


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Keep the test's own connection open between requests, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def tagged(home: HomePage) -> None:
    ResourcePageFactory(tags=["fugue"])


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Give the terms of the vocabularies, of which the contract has the names alone."""
    first_loaded = yaml.safe_load((settings.ROOT_DIR / "core/data/vocabularies.yaml").read_text())
    terms = {name: list(each) for name, each in first_loaded.items()}
    terms |= {"territories": ["59", "R32", "974", "national"], "tags": ["fugue"]}
    for path in raw_schema["paths"].values():
        for parameter in path.get("get", {}).get("parameters", ()):
            items = parameter["schema"].get("items", {})
            if VOCABULARY in items:
                items["enum"] = terms[items[VOCABULARY]]


contract = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
reads = contract.include(
    method="GET", path_regex=r"^/api/v1/(resources|news|pages|vocabularies|site|resolve)/"
)


@reads.parametrize()
@hypothesis_settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_is_answered_by_the_contract(
    case: Any, one_connection: None, tagged: None
) -> None:
    case.call_and_validate()
