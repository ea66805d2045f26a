"""What the site shows, the API gives: each page is rendered again from the API's JSON alone.

The HTML that a reader gets is compared, byte for byte, with that of the same template given
nothing but its own address and what an app could have read over HTTP: ``resolve/``, ``site/``,
and the list of an index page, with its map or its calendar.
"""

from __future__ import annotations

import datetime as dt
import difflib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection
from django.template import Context
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from pydantic import TypeAdapter

from core.models import FRENCH_TERMS, Service, Territory, Theme
from core.registry import registered_models, schema_for
from events.models import EventDocument, Speaker, TrainingPage, WebinarPage
from events.schemas import EventCalendar, EventList
from events.session_sync import cancel_session
from home.models import HomePage
from home.schemas import SiteInfo
from network.models import Structure
from network.schemas import FranceMap, StructureList
from newsletter.schemas import NewsletterList
from pare.resolving import Resolved
from resources.schemas import NewsList, ResourceList
from tests.factories import (
    CampaignPageFactory,
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    news_index,
    resource_index,
)
from tests.factories.events import (
    TrainingPageFactory,
    WebinarPageFactory,
    agenda,
    training_date,
)
from tests.factories.network import LILLE, MARSEILLE, StructureFactory, directory
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    archive,
    section,
    sections,
)
from tests.home.test_api import golden_pages
from tests.resources.test_api import golden_news, golden_resource, rich_news, rich_resource

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

LISTS: dict[str, Any] = {
    "resource_index": ResourceList,
    "news_index": NewsList,
    "newsletter_index": NewsletterList,
    "event_index": EventList,
    "directory": StructureList,
}
"""For each index page's ``type``, the shape of its list."""

SHEET = "department_sheet"
"""The type of what is resolved without being a model of its own."""


def resources(home: HomePage, rows: int = 14) -> list[str]:
    for number in range(rows):
        rich_resource(title=f"Ressource {number:02}", slug=f"r-{number:02}")
    address = resource_index().url
    return [
        address,
        f"{address}?offset=12",
        f"{address}?theme=fugue&theme=soin&territory=R32&format=document",
        f"{address}?q=ressource&order=title",
        f"{address}?theme=handicap",
        f"{address}?year=1999&tag=fugue",
    ]


def news(home: HomePage, rows: int = 14) -> list[str]:
    for number in range(rows):
        rich_news(title=f"Actualité {number:02}", slug=f"a-{number:02}")
    address = news_index().url
    return [address, f"{address}?offset=12", f"{address}?theme=fugue&q=actualite"]


def events(home: HomePage, rows: int = 16) -> list[str]:
    rich_training()
    for days in (40, *range(-3, 12))[:rows]:
        WebinarPageFactory(days=days or 0.5)
    month = f"{timezone.localdate():%Y-%m}"
    address = agenda().url
    return [
        address,
        f"{address}?offset=12",
        f"{address}?when=past",
        f"{address}?kind=training&theme=fugue&territory=R32&mode=onsite",
        f"{address}?q=webinaire&order=title",
        f"{address}?month={month}",
        f"{address}?theme=handicap",
        f"{address}?calendar={month}",
        f"{address}?calendar={month}&kind=training&mode=onsite",
        f"{address}?calendar=2031-02",
    ]


def rich_training() -> TrainingPage:
    """Return a training with something everywhere, one of its dates cancelled and one past."""
    past, cancelled, coming = (
        training_date(days, department=Territory.objects.get(code="59"), capacity=2)
        for days in (-10, 20, 30)
    )
    page = TrainingPageFactory(
        summary="En bref.",
        goals="<p>Repérer, <b>orienter</b>.</p>",
        attendees="Professionnel·les",
        duration="2 jours",
        prerequisites="Aucun",
        organiser="Droit d'Enfance",
        price=180,
        image=ImageFactory(),
        themes=[Theme.objects.get(slug="fugue", **FRENCH_TERMS)],
        dates=[past, cancelled, coming],
        documents=[EventDocument(document=DocumentFactory(), title="Programme")],
    )
    cancel_session(page.sessions.get(key=cancelled.key).pk)
    return page


def rich_webinar() -> WebinarPage:
    """Return a webinar that is over, with its speakers, its replay and its documents."""
    return WebinarPageFactory(
        days=-2,
        summary="Déjà vu.",
        replay_url="https://video.example.org/1",
        speakers=[Speaker(name="Camille Exemple", role="Éducatrice")],
        documents=[EventDocument(document=DocumentFactory())],
    )


def structures(home: HomePage, rows: int = 13) -> list[str]:
    for number in range(rows):
        rich_structure(name=f"Structure {number:02}", external_id=f"D{number}")
    StructureFactory(name="Refuge", shelter=True)
    StructureFactory(name="Ailleurs", department="13", **MARSEILLE)
    address = directory().url
    return [
        address,
        f"{address}?offset=12",
        f"{address}?territory=59&territory=R93&service=ecoute",
        f"{address}?place=59000&radius=20",
        f"{address}?place=nulle-part",
        f"{address}?q=structure&order=-updated_at",
        f"{address}?serves=13",
    ]


def rich_structure(**values: Any) -> Structure:
    """Return a structure with something everywhere."""
    return StructureFactory(
        **{
            "name": "Maison & Cie",
            "acronym": "MC",
            "description": "Accueil de jour.\n\nSans rendez-vous.",
            "phone": "03 20 00 00 00",
            "email": "contact@example.org",
            "website": "https://example.org/",
            "opening_hours": "Mo-Fr 09:00-18:00; PH off",
            "verified_on": dt.date(2026, 1, 15),
            "services": [Service.objects.get(slug="ecoute", **FRENCH_TERMS)],
            "coverage": Structure.Coverage.NATIONAL,
            **LILLE,
        }
        | values
    )


def sheets(home: HomePage) -> list[str]:
    structures(home)
    return [f"/reseau/departements/{code}/" for code in ("59", "13", "01")]


EXAMPLES: dict[str, Callable[[HomePage], list[str]]] = {
    "home": lambda home: [golden_pages(home)["home"].url],
    "standard": lambda home: [golden_pages(home)["standard"].url, StandardPageFactory().url],
    "campaign": lambda home: [golden_pages(home)["campaign"].url, CampaignPageFactory().url],
    "team": lambda home: [golden_pages(home)["team"].url, TeamPageFactory().url],
    "resource_index": resources,
    "resource": lambda home: [
        golden_resource().url,
        ResourcePageFactory().url,
        ResourcePageFactory(external_url="https://example.org/x", is_demo=True).url,
        ResourcePageFactory(video_url="https://video.example.org/1", video_duration="12:30").url,
    ],
    "news_index": news,
    "news": lambda home: [golden_news().url, NewsPageFactory().url],
    "newsletter_index": lambda home: [
        archive().url,
        *(NewsletterIssuePageFactory() and archive().url for _ in range(14)),
        f"{archive().url}?offset=12",
    ],
    "newsletter": lambda home: [
        NewsletterIssuePageFactory(
            period="été 2026",
            sections=sections(
                section("À lire", golden_news(), NewsPageFactory(), notes=("Un mot.",)),
                section("Le réseau", text="<p>Des nouvelles : <b>deux</b>.</p>"),
            ),
        ).url,
        NewsletterIssuePageFactory(editorial="", summary="").url,
    ],
    "event_index": events,
    "training": lambda home: [rich_training().url, TrainingPageFactory().url],
    "webinar": lambda home: [rich_webinar().url, WebinarPageFactory().url],
    "directory": structures,
    "structure": lambda home: [
        directory() and rich_structure().path,
        StructureFactory(name="Refuge", shelter=True).path,
    ],
    SHEET: sheets,
}
"""For each type of what stands at an address, those of a rich example and of a bare one."""


def read(client: Client, address: str, **query: Any) -> bytes:
    response = client.get(address, query)
    assert response.status_code == 200, (address, response.content[:500])
    return response.content


def from_the_api(address: str) -> str:
    """Render the page at an address from nothing but what the API gives of it."""
    client = Client()
    parts = urlsplit(address)
    resolved = TypeAdapter(Resolved).validate_json(
        read(client, "/api/v1/resolve/", path=parts.path)
    )
    page = resolved.page
    context: dict[str, Any] = {
        "page": page,
        "site": SiteInfo.model_validate_json(read(client, "/api/v1/site/", locale=page.locale)),
    }
    if page.type in LISTS:
        context |= listed(page, parts.query)
    # Neither user nor session, nor any context processor.
    alone = Context(context)
    alone.request = alone["request"] = RequestFactory().get(address)
    with override(page.locale), CaptureQueriesContext(connection) as queries:
        html: str = get_template(template_of(page.type)).template.render(alone)
    assert len(queries) == 0, queries.captured_queries[0]
    return html


def listed(page: Any, query: str) -> dict[str, Any]:
    """Return what an index page shows below its head, read at the address in the page."""
    client = Client()
    endpoint = urlsplit(page.list_url).path
    asked = parse_qsl(query)
    if page.locale != "fr":
        asked += [("locale", page.locale), ("fallback", "true")]
    if page.type == "event_index" and "calendar" in dict(asked):
        answer = read(client, f"{endpoint}calendar/?{urlencode(asked)}")
        return {"calendar": EventCalendar.model_validate_json(answer)}
    answer = read(client, f"{endpoint}?{urlencode([*asked, ('facets', 'true'), ('limit', 12)])}")
    context: dict[str, Any] = {"list": LISTS[page.type].model_validate_json(answer)}
    if page.type == "directory":
        filters = [(name, value) for name, value in asked if name != "offset"]
        answer = read(client, f"{endpoint}map/?{urlencode(filters)}")
        context["map"] = FranceMap.model_validate_json(answer)
    return context


def template_of(kind: str) -> str:
    """Return the template that shows a type."""
    if kind == SHEET:
        return "network/department_sheet.html"
    (model,) = [m for m in registered_models() if schema_for(m).type_name() == kind]
    return str(model.template)


@pytest.fixture
def surroundings(home: HomePage) -> None:
    EmergencyNumberFactory(number="119", is_prominent=True, note="gratuit, 24 h/24")
    EmergencyNumberFactory(number="114", channel="sms", label="Urgences", sort_order=1)
    FunderFactory(name="Ministère", url="https://example.org/", logo=ImageFactory())
    FunderFactory(name="Fondation")


def test_every_type_has_an_example() -> None:
    types = {schema_for(model).type_name() for model in registered_models()}

    assert types | {SHEET} == set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_site_shows_what_the_api_gives(home: HomePage, surroundings: None, kind: str) -> None:
    for address in EXAMPLES[kind](home):
        shown = read(Client(), address).decode()

        data = from_the_api(address)

        difference = "\n".join(
            difflib.unified_diff(
                shown.splitlines(), data.splitlines(), "site", "API", lineterm="", n=1
            )
        )
        assert shown == data, f"{address}\n{difference[:3000]}"
