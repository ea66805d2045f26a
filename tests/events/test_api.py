"""`events/`, as an external app reads it and registers through it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from core.models import Audience, StructureType, Territory, Theme
from events.models import Registration, Speaker
from tests.answers import titles
from tests.factories import DocumentFactory, ImageFactory, StandardPageFactory, full_body
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    in_days,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from events.models import EventPage

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/events/"
LILLE, MARSEILLE, WEBINAR, OLD = "Formation à Lille", "Formation à Marseille", "Webinaire", "Passé"
Get = "Callable[..., Any]"


def department(code: str) -> Territory:
    return Territory.objects.get(code=code)


@pytest.fixture
def four_events() -> None:
    TrainingPageFactory(
        title=LILLE,
        summary="Repérer une fugue",
        themes=list(Theme.objects.filter(slug="reperage")),
        audiences=list(Audience.objects.filter(slug="ase")),
        dates=[
            training_date(20, department=department("59")),
            training_date(50, department=department("59")),
        ],
    )
    TrainingPageFactory(
        title=MARSEILLE,
        themes=list(Theme.objects.filter(slug="fugue")),
        dates=[training_date(40, place="Marseille", department=department("13"))],
    )
    WebinarPageFactory(
        title=WEBINAR, days=30, themes=list(Theme.objects.filter(slug__in=["reperage", "fugue"]))
    )
    WebinarPageFactory(title=OLD, days=-30, replay_url="https://video.example.org/1")


FILTERED: list[tuple[dict[str, Any], Any]] = [
    ({}, [LILLE, WEBINAR, MARSEILLE]),
    ({"when": "past"}, [OLD]),
    ({"when": ["past", "upcoming"], "order": "title"}, [LILLE, MARSEILLE, OLD, WEBINAR]),
    ({"kind": "webinar"}, [WEBINAR]),
    ({"kind": ["webinar", "training"]}, [LILLE, WEBINAR, MARSEILLE]),
    ({"theme": "reperage"}, [LILLE, WEBINAR]),
    ({"audience": "ase"}, [LILLE]),
    ({"territory": "59"}, [LILLE]),
    ({"territory": "R32"}, [LILLE]),
    ({"territory": "national"}, [WEBINAR]),
    ({"mode": "online"}, [WEBINAR]),
    ({"mode": "onsite"}, [LILLE, MARSEILLE]),
    ({"q": "fugue", "kind": "training", "order": "starts_at"}, [LILLE, MARSEILLE]),
    ({"order": "-starts_at"}, [LILLE, MARSEILLE, WEBINAR]),
    ({"locale": "en"}, []),
]


class TestList:
    def test_a_filter_keeps_what_has_any_of_its_values(
        self, four_events: None, get_json: Get, subtests: pytest.Subtests
    ) -> None:
        for query, kept in FILTERED:
            with subtests.test(query=query):
                assert titles(get_json(EVENTS, **query)) == kept

    def test_a_month_keeps_what_has_a_session_in_it_past_ones_too(
        self, four_events: None, get_json: Get
    ) -> None:
        month = f"{timezone.localtime(in_days(-30)):%Y-%m}"

        assert OLD in titles(get_json(EVENTS, month=month))

    def test_days_keep_what_has_a_session_between_them(
        self, four_events: None, get_json: Get
    ) -> None:
        day = timezone.localdate(in_days(30))

        assert titles(get_json(EVENTS, date_from=day, date_to=day)) == [WEBINAR]

    def test_facets_count_what_each_value_would_keep(
        self, four_events: None, get_json: Get
    ) -> None:
        data = get_json(EVENTS, facets="true")

        counts = {f["name"]: {v["value"]: v["count"] for v in f["values"]} for f in data["facets"]}
        assert counts["when"] == {"upcoming": 3, "past": 1}
        assert counts["kind"] == {"training": 2, "webinar": 1}
        assert counts["mode"] == {"onsite": 2, "online": 1}
        assert counts["territory"]["59"] == 1
        assert counts["territory"]["R32"] == 1
        assert counts["territory"]["national"] == 1

    @pytest.mark.parametrize(
        "query",
        [{"month": "2026-13"}, {"kind": "party"}, {"when": "never"}, {"limit": 0}, {"them": "x"}],
    )
    def test_what_makes_no_sense_is_refused(self, get_json: Get, query: dict[str, Any]) -> None:
        assert get_json(EVENTS, status=422, **query)["errors"]

    def test_the_kinds_are_told_apart(self, four_events: None, get_json: Get) -> None:
        data = {item["title"]: item for item in get_json(EVENTS)["items"]}

        assert data[LILLE]["type"] == "training"
        assert data[LILLE]["price"] == {"amount": "0.00", "is_free": True, "label": "Gratuit"}
        assert [s["mode"] for s in data[LILLE]["sessions"]] == ["onsite", "onsite"]
        assert data[WEBINAR]["type"] == "webinar"
        assert data[WEBINAR]["sessions"][0]["mode"] == "online"

    @pytest.mark.parametrize("facets", ["false", "true"])
    def test_two_rows_and_twenty_cost_the_same(
        self, get_json: Get, count_queries: Any, facets: str
    ) -> None:
        def make(number: int) -> None:
            for _each in range(number):
                dates = [training_date(d, department=department("59")) for d in (20, 21)]
                TrainingPageFactory(
                    dates=dates, themes=list(Theme.objects.all()[:2]), image=ImageFactory()
                )
                WebinarPageFactory(audiences=list(Audience.objects.all()[:2]))

        def read() -> Any:
            return get_json(EVENTS, limit=50, facets=facets)

        make(1)
        read()
        few = count_queries(read)
        make(9)
        read()
        many = count_queries(read)

        assert many == few
        assert many <= 6


class TestDetail:
    def test_a_training_gives_all_of_its_fields(self, get_json: Get, count_queries: Any) -> None:
        body = full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
        page = TrainingPageFactory(
            goals="<p>Savoir <b>repérer</b></p>",
            price=180,
            duration="2 jours",
            body=body,
            image=ImageFactory(),
        )

        data = get_json(f"{EVENTS}{page.pk}/")

        assert data["price"]["label"] == "180\u00a0€"
        assert data["goals"] == "<p>Savoir <b>repérer</b></p>"
        assert [block["type"] for block in data["body"]][:2] == ["heading", "rich_text"]
        assert data["sessions"][0]["availability"] == "open"
        assert data["sessions"][0]["registration_url"].startswith("http://testserver/inscriptions/")

    @pytest.mark.parametrize("factory", [TrainingPageFactory, WebinarPageFactory])
    def test_a_detail_costs_few_queries(
        self, get_json: Get, count_queries: Any, factory: Any
    ) -> None:
        page = factory(image=ImageFactory(), themes=list(Theme.objects.all()[:3]))
        get_json(f"{EVENTS}{page.pk}/")

        assert count_queries(lambda: get_json(f"{EVENTS}{page.pk}/")) <= 6

    def test_a_webinar_names_its_speakers(self, get_json: Get) -> None:
        page = WebinarPageFactory(speakers=[Speaker(name="Dominique Exemple", role="Juge")])

        data = get_json(f"{EVENTS}{page.pk}/")

        assert data["speakers"] == [{"name": "Dominique Exemple", "role": "Juge"}]

    def test_times_are_those_of_paris(self, get_json: Get) -> None:
        start = dt.datetime(2027, 7, 5, 12, tzinfo=dt.UTC)
        with time_machine.travel(start - dt.timedelta(days=30)):
            page = WebinarPageFactory(starts_at=start)
            session = get_json(f"{EVENTS}{page.pk}/")["sessions"][0]

        assert session["starts_at"] == "2027-07-05T14:00:00+02:00"
        assert session["when"] == "lundi 5 juillet 2027, de 14\u00a0h à 15\u00a0h\u00a030"

    @pytest.mark.parametrize(
        "values,availability",
        [
            ({"capacity": 1}, "waiting"),
            ({"capacity": 1, "has_waiting_list": False}, "full"),
            ({"is_open": False}, "closed"),
            ({"days": -3}, "past"),
        ],
    )
    def test_a_session_gives_the_reason_why_one_cannot_register(
        self, get_json: Get, values: dict[str, Any], availability: str
    ) -> None:
        page = TrainingPageFactory(dates=[training_date(**values)])
        RegistrationFactory(session=only_session(page))

        session = get_json(f"{EVENTS}{page.pk}/")["sessions"][0]

        assert session["availability"] == availability
        assert bool(session["registration_url"]) == (availability == "waiting")

    def test_registering_elsewhere_leads_there(self, get_json: Get) -> None:
        page = WebinarPageFactory(
            registration="external", external_registration_url="https://ailleurs.example.org/"
        )

        session = get_json(f"{EVENTS}{page.pk}/")["sessions"][0]

        assert session["availability"] == "external"
        assert session["registration_url"] == "https://ailleurs.example.org/"


class TestCalendar:
    def test_a_month_has_whole_weeks_and_its_sessions(
        self, get_json: Get, count_queries: Any
    ) -> None:
        start = dt.datetime(2027, 3, 31, 12, tzinfo=dt.UTC)
        page = TrainingPageFactory(
            dates=[training_date(starts_at=start, ends_at=start + dt.timedelta(days=1))]
        )

        data = get_json(f"{EVENTS}calendar/", calendar="2027-03")

        assert data["label"] == "mars 2027"
        assert (data["previous"], data["next"]) == ("2027-02", "2027-04")
        assert data["days"][0]["day"] == "2027-03-01"
        assert len(data["days"]) == 35
        entries = {d["day"]: [e["hours"] for e in d["entries"]] for d in data["days"]}
        assert entries["2027-03-31"] == ["à partir de 14\u00a0h"]
        assert entries["2027-04-01"] == ["jusqu'à 14\u00a0h"]
        assert data["count"] == 1
        assert page.title in str(data)

    def test_a_calendar_takes_the_filters_of_the_list(
        self, four_events: None, get_json: Get
    ) -> None:
        month = f"{timezone.localtime(in_days(30)):%Y-%m}"

        data = get_json(f"{EVENTS}calendar/", calendar=month, kind="webinar")

        found = {e["title"] for d in data["days"] for e in d["entries"]}
        assert found == {WEBINAR}


class TestRegistering:
    def post(self, page: EventPage, status: int, **values: Any) -> Any:
        given = {
            "name": "Camille",
            "email": "camille@example.org",
            "consent": True,
            "consent_version": "2026-01",
        } | values
        response = Client(enforce_csrf_checks=True).post(
            f"{EVENTS}{page.pk}/registrations/", given, content_type="application/json"
        )
        assert response.status_code == status, response.content
        return response

    def test_an_external_app_registers_somebody(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        page = WebinarPageFactory()
        kind = StructureType.objects.first()

        with django_capture_on_commit_callbacks(execute=True):
            response = self.post(
                page,
                202,
                structure="Association Exemple",
                structure_type=kind.slug,
                department="59",
            )

        registration = Registration.objects.get()
        assert registration.state == Registration.State.PENDING
        assert registration.department.code == "59"
        assert registration.structure_type == kind
        assert mail.outbox[0].to == ["camille@example.org"]
        assert response["Cache-Control"] == "no-store"

    def test_the_answer_does_not_reveal_who_is_registered(self) -> None:
        page = WebinarPageFactory()
        RegistrationFactory(session=only_session(page), email="camille@example.org")

        known = self.post(page, 202)
        unknown = self.post(page, 202, email="autre@example.org")

        assert known.content == unknown.content

    @pytest.mark.parametrize(
        "values,field",
        [
            ({"email": "pas une adresse"}, "email"),
            ({"name": "  "}, "name"),
            ({"consent": False}, "consent"),
            ({"department": "999"}, "department"),
            ({"structure_type": "inconnu"}, "structure_type"),
            ({"accessibility_needs": "x" * 501}, "accessibility_needs"),
            ({"session": 0}, "session"),
            ({"unknown": "x"}, "unknown"),
        ],
    )
    def test_errors_are_listed_field_by_field(self, values: dict[str, Any], field: str) -> None:
        data = self.post(WebinarPageFactory(), 422, **values)

        assert data["Content-Type"] == "application/problem+json"
        assert [e["location"] for e in data.json()["errors"]] == [["body", field]]
        assert not Registration.objects.exists()

    def test_a_training_with_several_dates_asks_for_one(self) -> None:
        page = TrainingPageFactory(dates=[training_date(20), training_date(30)])
        first, second = page.sessions.order_by("starts_at")

        self.post(page, 422)
        self.post(page, 202, session=second.pk)

        assert Registration.objects.get().session == second
        assert first.registrations.count() == 0

    @pytest.mark.parametrize("values", [{"days": -3}, {"registration": "none"}, {"is_open": False}])
    def test_a_session_that_takes_nobody_gives_the_reason(self, values: dict[str, Any]) -> None:
        response = self.post(WebinarPageFactory(**values), 409)

        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]

    def test_the_session_of_another_event_is_not_taken(self) -> None:
        other = only_session(WebinarPageFactory())

        self.post(WebinarPageFactory(), 422, session=other.pk)

    @pytest.mark.parametrize("hidden", ["draft", "expired", "private", "scheduled"])
    def test_a_hidden_event_takes_nobody(self, hidden: str) -> None:
        self.post(WebinarPageFactory(**{hidden: True}), 404)

    def test_one_address_of_the_network_has_so_many_tries(self) -> None:
        page = WebinarPageFactory()

        for number in range(20):
            self.post(page, 202, email=f"{number}@example.org")

        assert "Retry-After" in self.post(page, 429, email="autre@example.org")
