"""Where strangers may put a text, read from the URL configuration and the contract of the API."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from bs4 import BeautifulSoup
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from contributions.consent import CONSENT as TO_CONTRIBUTE
from contributions.models import Contribution
from contributions.tokens import follow_up_token
from core.web.signed_links import make_token
from events import tokens as event_tokens
from events.consent import CONSENT as TO_REGISTER
from events.models import Registration, Session
from network.models import Structure
from network.verification import verification_token
from newsletter import tokens as newsletter_tokens
from newsletter.models import Subscriber
from pare.api import api
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    text_pdf,
)
from tests.factories.contributions import ContributionFactory
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.forms import fields_sent, form_opened_earlier
from tests.factories.network import DirectoryPageFactory, StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory, SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

LONG = 60_000
HOSTILE = [
    "\x00",
    "a\x00b",
    "\x01",
    "a\x08b",
    "\x0b",
    "a\x0cb",
    "\x1b[31m",
    "\x7f",
    "\x9f",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\uffff",
    "\ufeff",
    "\u202eexe.fdp",
    "\u2066a\u2069",
    "\u200f",
    "\u0301" * 300,
    "\U0001f4a9",
    "%00",
    "%2500",
    "a\r\nBcc: x@example.org",
    "\n",
    "\t",
    "x" * LONG,
    "é" * LONG,
    "[" * LONG,
    "(" * LONG,
    '{"a":' * LONG,
    "<b>" * 5_000,
    "../" * 300,
    "' OR 1=1 --",
    '"; DROP TABLE x; --',
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}{% debug %}",
    "&#0;",
    "\\u0000",
    "\\x00",
    "%s%n%d",
    "*",
    "a & | ! <-> :*",
    "1e999",
    "-1",
    "NaN",
    "9" * 400,
    "٣",
    "0x10",
    "true",
    "null",
    "2026-02-30",
    "9999-12-31T23:59",
    "0001-01-01",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "http://[::1",
    "//example.org",
]
"""What has broken programs: NUL, control, bidi, overlong, nested, and what looks like code."""


@dataclass(frozen=True)
class Place:
    """Where a text goes in: a parameter of an address, a field of a form, a key of a body.

    Attributes:
        kind: ``path``, ``query``, ``form``, ``json`` or ``multipart``.
        address: with ``{}`` for the text where it is in the path.
        name: of the parameter or field.
        values: of the other fields.
    """

    kind: str
    address: str
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def send(self, client: Client, text: str) -> Any:
        """Send a text there, from a network address of its own."""
        extra = {"REMOTE_ADDR": next(ADDRESSES)}
        typed = text.encode("utf-8", "replace").decode()
        match self.kind:
            case "path":
                return client.get(self.address.replace("{}", quote(typed, safe="")), **extra)
            case "query":
                return client.get(f"{self.address}?{urlencode({self.name: typed})}", **extra)
            case "json":
                # Halves of characters are written as JSON can.
                body = json.dumps({**self.values, self.name: text})
                return client.post(self.address, body, content_type="application/json", **extra)
            case _:
                started = {"started": form_opened_earlier()} if "started" in self.values else {}
                data = {**self.values, **started, self.name: typed}
                return client.post(self.address, data, **extra)


ADDRESSES = (f"10.{a}.{b}.{c}" for a, b, c in itertools.product(range(256), repeat=3))


@dataclass
class Site:
    """A site with one of everything that a stranger may reach."""

    session: Session
    registration: Registration
    subscriber: Subscriber
    contribution: Contribution
    structure: Structure
    keys: dict[str, int]

    @classmethod
    def build(cls) -> Site:
        """Make it."""
        document = DocumentFactory(file=text_pdf("Bonjour"))
        resource = ResourcePageFactory(
            title="Repérer", document=document, cover=ImageFactory(), body=[]
        )
        news = NewsPageFactory(title="Une actualité")
        webinar = WebinarPageFactory(title="Un webinaire")
        DirectoryPageFactory()
        structure = StructureFactory(name="L'Abri", verified_on=dt.date(2025, 3, 1))
        issue = NewsletterIssuePageFactory(title="La lettre")
        session = only_session(webinar)
        keys = {
            "resource_id": resource.pk,
            "news_id": news.pk,
            "page_id": resource.pk,
            "event_id": webinar.pk,
            "structure_id": structure.pk,
            "issue_id": issue.pk,
            "document_id": document.pk,
        }
        return cls(
            session,
            RegistrationFactory(session=session, state=Registration.State.PENDING),
            SubscriberFactory(),
            ContributionFactory(),
            structure,
            keys,
        )

    @property
    def values(self) -> dict[str, str]:
        """What leads somewhere in an address, by the name of the route and of its parameter."""
        uuid = self.registration.uuid
        found = {purpose.route: make_token(purpose, uuid) for purpose in event_tokens.PURPOSES} | {
            purpose.route: make_token(purpose, self.subscriber.uuid)
            for purpose in newsletter_tokens.PURPOSES
        }
        found["newsletter:download"] = found["newsletter:preferences"]
        for name in ("follow", "amend", "withdraw"):
            found[f"contributions:{name}"] = follow_up_token(self.contribution)
        for name in ("confirm", "correct"):
            found[f"network:{name}"] = verification_token(self.structure)
        return found


SAMPLES = {
    "uuid": "6f3ad1a5-3f3e-4c5b-8a51-3f5d8a4a3f3e",
    "event": "6f3ad1a5-3f3e-4c5b-8a51-3f5d8a4a3f3e",
    "key": "6f3ad1a5-3f3e-4c5b-8a51-3f5d8a4a3f3e",
    "slug": "ressource",
    "code": "59",
    "pk": "1",
}


def routes(prefix: str = "/") -> Iterator[tuple[str, str, list[str]]]:
    """Yield the name of each route outside the administration, its pattern, its parameters."""
    stack: list[tuple[Any, str, str]] = [(get_resolver(), "", prefix)]
    while stack:
        resolver, namespace, before = stack.pop()
        for each in resolver.url_patterns:
            route = before + str(each.pattern).removeprefix("^").removesuffix("$").removesuffix(
                r"\Z"
            )
            if isinstance(each, URLResolver):
                inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
                if not route.startswith("/admin/"):
                    stack.append((each, inner, route))
            elif isinstance(each, URLPattern):
                yield f"{namespace}{each.name}", route, list(each.pattern.converters)


def filled(site: Site, name: str, route: str, parameters: list[str], hole: str = "") -> str:
    """Return the address of a route: with what leads somewhere, and a hole for one parameter."""
    found = site.values
    for parameter in parameters:
        value = found.get(name) if parameter == "token" else None
        if parameter == "uuid":
            value = str(site.session.uuid)
        value = value or str(site.keys.get(parameter, "")) or SAMPLES.get(parameter, "1")
        for converter in ("", "int:", "str:", "slug:", "uuid:", "path:"):
            text = "{}" if parameter == hole else value
            route = route.replace(f"<{converter}{parameter}>", text)
    return route


def addresses(site: Site) -> list[str]:
    """Return an address of each route that may be read, without parameters in its query."""
    return [
        filled(site, name, route, parameters)
        for name, route, parameters in routes()
        if "(?" not in route and "(" not in route and "[" not in route
    ]


def pages(site: Site) -> list[str]:
    """Return the addresses of pages: each of the site's own, and of what was admitted."""
    from published.models import Item

    return list(dict.fromkeys(Item.objects.values_list("path", flat=True)))


def path_places(site: Site) -> Iterator[Place]:
    yield Place("path", "/{}/")
    yield Place("path", "/{}")
    yield Place("path", "/ressources/{}/")
    yield Place("path", "/en/{}/")
    yield Place("path", "/media/{}")
    yield Place("path", "/static/{}")
    for name, route, parameters in routes():
        if "(" in route or "[" in route:
            continue
        for parameter in parameters:
            yield Place("path", filled(site, name, route, parameters, parameter), parameter)


def query_names() -> list[str]:
    """Return the name of each query parameter of the API, which pages of lists take too."""
    return list(
        dict.fromkeys(
            parameter["name"]
            for operations in api.get_openapi_schema()["paths"].values()
            for operation in operations.values()
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query"
        )
    )


V2 = ("fields", "search", "search_operator", "order", "limit", "offset", "type", "child_of")
V2 = (*V2, "descendant_of", "ancestor_of", "translation_of", "locale", "slug", "title", "site")
V2 = (*V2, "html_path", "id", "format")


def query_places(site: Site) -> Iterator[Place]:
    for path, operations in api.get_openapi_schema()["paths"].items():
        address = path
        for key, value in site.keys.items():
            address = address.replace(f"{{{key}}}", str(value))
        address = address.replace("{", "").replace("}", "")
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                yield Place("query", address, parameter["name"])
    for name in V2:
        for kind in ("pages", "images", "documents", "pages/find"):
            yield Place("query", f"/api/v2/{kind}/", name)
    lists = ("/", "/ressources/", "/agenda/", "/recherche/", "/annuaire/", "/lettre/")
    for name in (*query_names(), "calendar", "next", "zzz"):
        for address in lists:
            yield Place("query", address, name)
    for address in ("/admin/login/", "/admin/password_reset/", "/documents/1/a.pdf"):
        for name in ("next", "waiting", "email"):
            yield Place("query", address, name)


def form_places(site: Site, client: Client) -> Iterator[Place]:
    """Yield each field of each form that a page shows."""
    for address in [*addresses(site), "/admin/login/", "/admin/password_reset/"]:
        answer = client.get(address)
        if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
            continue
        html = answer.content.decode()
        forms = BeautifulSoup(html, "html.parser").select("form[method=post]")
        for form in forms:
            sent = fields_sent(f"<html>{form}</html>")
            for button in form.select("button[name]"):
                sent.setdefault(str(button["name"]), [str(button.get("value", ""))])
            values = {name: each[0] if each else "" for name, each in sent.items()}
            names = {str(each["name"]) for each in form.select("[name]")}
            filled_in = {name: sample_of(name) or values.get(name, "") for name in names}
            target = str(form.get("action") or address)
            if not target.startswith("/"):
                target = address
            for name in sorted(names):
                yield Place("form", target, name, filled_in)


def sample_of(name: str) -> str:
    """Return what somebody types in a field, so that the others are right."""
    samples = {
        "email": "hostile@example.org",
        "name": "Camille",
        "person_name": "Camille",
        "title": "Un titre",
        "text": "Un texte",
        "role": "professional",
        "structure_name": "Une association",
        "consent": "on",
        "message": "Bonjour",
        "website": "",
        "department": "59",
    }
    return samples.get(name, "")


def body_places(site: Site) -> Iterator[Place]:
    """Yield each key of each body that the API takes."""
    schema = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    for path, operations in schema["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {})
        for media_type, content in body.items():
            address = path
            for key, value in site.keys.items():
                address = address.replace(f"{{{key}}}", str(value))
            shape = content["schema"]
            if "$ref" in shape:
                shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
            kind = "json" if media_type == "application/json" else "multipart"
            values: dict[str, Any] = {"kind": "news"} if kind == "multipart" else {}
            for name in shape["properties"]:
                if sample_of(name):
                    values[name] = True if name == "consent" else sample_of(name)
            if "consent_version" in shape["properties"]:
                version = {"multipart": TO_CONTRIBUTE, "json": TO_REGISTER}[kind].version
                values["consent_version"] = version
            if kind == "json":
                values = {n: v for n, v in values.items() if n in shape["properties"]}
            for name in shape["properties"]:
                yield Place(kind, address, name, values)


def stored_texts() -> Iterator[tuple[str, str]]:
    """Yield each text that the database holds, with where."""
    from django.apps import apps

    for model in apps.get_models():
        columns = [
            each.attname
            for each in model._meta.concrete_fields
            if each.get_internal_type() in {"CharField", "TextField", "EmailField", "URLField"}
        ]
        if not columns or model._meta.app_label in {"wagtailsearch", "sessions"}:
            continue
        with connection.cursor():
            for row in model._base_manager.values_list(*columns):
                for name, value in zip(columns, row, strict=True):
                    if isinstance(value, str):
                        yield f"{model._meta.label}.{name}", value
