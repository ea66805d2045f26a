"""Everything that anyone can read: every answer of the site and of its API, and what is in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client
from wagtail.models import Page, PageViewRestriction

from core.models import Document, Image
from network.models import Structure
from pare.api import api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.door.world import World

LOCALES = ("", "locale=en", "locale=en&fallback=true")
SITE = (
    "/",
    "/en/",
    "/sitemap.xml",
    "/robots.txt",
    "/.well-known/security.txt",
    "/recherche/",
    "/flux/actualites.atom",
    "/flux/ressources.atom",
    "/flux/lettre.atom",
    "/en/flux/actualites.atom",
    "/en/flux/ressources.atom",
    "/en/flux/lettre.atom",
    "/reseau/departements/59/",
    "/contribuer/",
)
WAGTAIL_API = (
    "/api/v2/pages/?fields=*&limit=100",
    "/api/v2/pages/?type=resources.ResourcePage&fields=*",
    "/api/v2/pages/?type=resources.NewsPage&fields=*",
    "/api/v2/pages/?type=home.StandardPage&fields=*",
    "/api/v2/documents/?fields=*&limit=100",
    "/api/v2/images/?fields=*&limit=100",
)
IDS = {
    "resource_id": Page,
    "news_id": Page,
    "page_id": Page,
    "event_id": Page,
    "issue_id": Page,
    "structure_id": Structure,
}
SEARCHES = ("search", "search/suggest", "structures", "resources", "news", "events")
ECHOES = ("q", "next", "previous", "instance", "query", "count_label", "detail")
"""Members of an answer that repeat the question."""
SEARCHED_WORDS = 4
"""How many words are searched for at each look: the latest that may not be found."""


@dataclass(frozen=True)
class Leak:
    """A word that anyone can read and that nobody admitted."""

    token: str
    writer: str
    address: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.token} of {self.writer} at {self.address}: …{self.excerpt}…"


def api_templates() -> tuple[list[tuple[str, set[str]]], list[str]]:
    """Return the reads of the API: lists with the names of their parameters, and details."""
    lists, details = [], []
    for path, operations in api.get_openapi_schema()["paths"].items():
        if "get" not in operations:
            continue
        parameters = operations["get"].get("parameters", [])
        if "{" in path:
            details.append(path)
        elif not any(each.get("required") for each in parameters):
            lists.append((path, {each["name"] for each in parameters}))
    return lists, details


LISTS, DETAILS = api_templates()


def list_addresses() -> Iterator[str]:
    """Yield the address of every list, in each language."""
    for path, names in LISTS:
        more = "&".join(
            f"{name}={value}"
            for name, value in (("facets", "true"), ("limit", 100))
            if name in names
        )
        known = [each for each in LOCALES if set(re.findall(r"(\w+)=", each)) <= names]
        for locale in known:
            query = "&".join(filter(None, (more, locale)))
            yield f"{path}?{query}" if query else path


def detail_addresses() -> Iterator[str]:
    """Yield the address of every detail of every row, live or not."""
    keys = {
        Page: list(Page.objects.filter(depth__gt=1).values_list("pk", "content_type__model")),
        Structure: [(pk, "structure") for pk in Structure.objects.values_list("pk", flat=True)],
    }
    kinds = {
        "resource_id": {"resourcepage"},
        "news_id": {"newspage"},
        "event_id": {"trainingpage", "webinarpage"},
        "issue_id": {"newsletterissuepage"},
        "page_id": {"standardpage", "campaignpage", "teampage", "homepage"},
        "structure_id": {"structure"},
    }
    for path in DETAILS:
        name = path.partition("{")[2].partition("}")[0]
        if name in kinds:
            for pk, kind in keys[IDS[name]]:
                if kind in kinds[name]:
                    yield path.replace(f"{{{name}}}", str(pk))


def paths() -> list[str]:
    """Return the path of every page and structure, live or not."""
    found = [page.url for page in Page.objects.filter(depth__gt=1)]
    found += [structure.path for structure in Structure.objects.select_related("locale")]
    return [path for path in found if path]


def addresses(world: World) -> Iterator[str]:
    """Yield every address to look at."""
    yield from SITE
    yield from list_addresses()
    yield from detail_addresses()
    here = paths()
    world.addresses |= set(here)
    for path in sorted(world.addresses):
        yield path
        if not path.startswith("/documents/"):
            yield f"/api/v1/resolve/?path={path}"
    yield from WAGTAIL_API
    for document in Document.objects.all():
        yield f"/media/{document.file.name}"
    for image in Image.objects.all():
        yield f"/media/{image.file.name}"


def text_of(response: Any) -> str:
    """Return the whole text of an answer, its redirection included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{content.decode(errors='replace')} {response.get('Location', '')}"


def without_echo(text: str) -> str:
    """Return an answer without the members that repeat the question."""
    try:
        data, _end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return text
    if isinstance(data, dict):
        for name in ECHOES:
            data.pop(name, None)
    return json.dumps(data, ensure_ascii=False)


class Answer(str):
    """What a reader gets at an address.

    Attributes:
        status: of HTTP.
    """

    status: int


def read_all(world: World) -> dict[str, Answer]:
    """Return what anyone gets at every address."""
    client = Client()
    return {address: read(client, address) for address in addresses(world)}


def read(client: Client, address: str) -> Answer:
    """Return what a reader gets at an address, without what repeats the question."""
    response = client.get(address)
    assert response.status_code < 500, (address, response.status_code)
    text = text_of(response)
    answer = Answer(without_echo(text) if address.startswith("/api/") else text)
    answer.status = response.status_code
    return answer


def find_leaks(world: World, answers: dict[str, Answer] | None = None) -> list[Leak]:
    """Return the words that anyone can read and that may not be read now.

    Args:
        world: the site.
        answers: what anyone gets now, if that was read already.
    """
    allowed = world.admissions.allowed()
    if answers is None:
        answers = read_all(world)
    leaks = [*find_open_doors(world, answers), *leaks_in(world, answers, allowed)]
    hidden = [token for token in world.words.words if token not in allowed]
    client = Client()
    for token in hidden[-SEARCHED_WORDS:]:
        # PostgreSQL corrects what nothing has to a word that something has.
        if client.get(f"/api/v1/search/?q={token}").json().get("is_fuzzy"):
            continue
        for path in SEARCHES:
            address = f"/api/v1/{path}/?q={token}"
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.content[:300])
            data = answer.json()
            items = data if isinstance(data, list) else data.get("items", data.get("suggestions"))
            if items:
                writer = world.words[token].writer
                leaks.append(Leak(token, writer, address, json.dumps(items)[:200]))
    return leaks


def find_open_doors(world: World, answers: dict[str, Answer]) -> list[Leak]:
    """Return what anyone can read and nobody made public, were its words public elsewhere."""
    client = Client()
    hidden = {
        world.path_of(key): key
        for key in world.admissions.things
        if not world.admissions.is_shown(key)
    }
    shown = {world.path_of(key) for key in world.admissions.things if key not in hidden.values()}
    return [
        Leak(str(key), "somebody", address, "is there")
        for address, key in hidden.items()
        if address not in shown and (answers.get(address) or read(client, address)).status == 200
    ]


def find_leaks_to_members(world: World) -> list[Leak]:
    """Return the words that somebody who signed in can read and may not."""
    closed = list(PageViewRestriction.objects.values_list("page__path", flat=True))
    mine = [
        page.url
        for page in Page.objects.filter(depth__gt=1)
        if any(page.path.startswith(path) for path in closed)
    ]
    mine += [structure.path for structure in Structure.objects.select_related("locale")]
    client = world.clients["membre"]
    answers = {address: read(client, address) for address in ["/", *filter(None, mine)]}
    return leaks_in(world, answers, world.admissions.allowed(is_member=True))


def leaks_in(world: World, answers: dict[str, Answer], allowed: frozenset[str]) -> list[Leak]:
    """Return the words of answers that may not be read now."""
    leaks = []
    for address, text in answers.items():
        # What the address itself has, an answer may repeat.
        found = world.words.find(text) - allowed - world.words.find(address)
        leaks += [
            Leak(token, world.words[token].writer, address, _around(text, token))
            for token in sorted(found)
        ]
    return leaks


def _around(text: str, token: str) -> str:
    place = text.find(token)
    return " ".join(text[max(0, place - 60) : place + 40].split())
