"""The pages of a registration, as a person without JavaScript meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import html5lib
import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.web.signed_links import LinkPurpose, make_token, signed_path
from events.models import Registration
from events.session_sync import cancel_session
from events.tokens import CANCEL, CERTIFICATE, CONFIRM, PURPOSES, TAKE_PART
from tests.answers import read_text
from tests.factories.events import (
    SECRET,
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    in_days,
    only_session,
    training_date,
)
from tests.factories.forms import form_opened_earlier

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from events.models import Session

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

State = Registration.State
LinkInMail = "Callable[..., str]"


def address(session: Session) -> str:
    return reverse("events:register", args=[session.uuid])


def typed(**values: Any) -> dict[str, Any]:
    return {
        "name": "Camille Exemple",
        "email": "camille@example.org",
        "structure": "Association Exemple",
        "department": "59",
        "accessibility_needs": "Sous-titrage",
        "consent": "on",
        "consent_version": "2026-01",
        "started": form_opened_earlier(),
    } | values


def signed(purpose: LinkPurpose[UUID], registration: Registration) -> str:
    return signed_path(purpose, registration.uuid)


@pytest.fixture
def registering(
    django_capture_on_commit_callbacks: Any,
) -> Callable[..., Any]:
    """Send the form, and do what waits for the end of the transaction."""

    def send(path: str, **values: Any) -> Any:
        # As a browser that takes no cookie.
        with django_capture_on_commit_callbacks(execute=True):
            return Client(enforce_csrf_checks=True).post(path, values)

    return send


def test_from_the_form_to_the_confirmed_page_and_back(
    registering: Callable[..., Any], link_in_mail: Any
) -> None:
    session = only_session(WebinarPageFactory(title="Repérer sans stigmatiser"))

    response = registering(address(session), **typed(email="Camille@Example.org"))
    assert response.status_code == 302
    assert "Regardez vos e-mails" in read_text(response["Location"])
    assert Registration.objects.get().state == State.PENDING

    confirm = link_in_mail("confirmer")
    assert "Confirmer mon inscription" in read_text(confirm)
    assert Registration.objects.get().state == State.PENDING
    response = registering(confirm)
    shown = read_text(response["Location"])
    assert Registration.objects.get().state == State.CONFIRMED
    assert SECRET in shown

    cancel = link_in_mail("annuler")
    read_text(cancel)
    assert Registration.objects.get().state == State.CONFIRMED
    response = registering(cancel)
    assert "désinscrit" in read_text(response["Location"])
    assert Registration.objects.get().state == State.CANCELLED
    assert SECRET not in read_text(signed(TAKE_PART, Registration.objects.get()))


def test_what_a_person_typed_survives_an_error(registering: Callable[..., Any]) -> None:
    session = only_session(WebinarPageFactory())

    response = registering(address(session), **typed(email="pas une adresse", consent=""))

    assert response.status_code == 422
    tree = html5lib.parse(response.content, namespaceHTMLElements=False)
    fields = {e.get("id"): e for e in tree.iter() if e.get("id")}
    assert fields["id_name"].get("value") == "Camille Exemple"
    assert fields["id_email"].get("value") == "pas une adresse"
    assert fields["id_structure"].get("value") == "Association Exemple"
    assert fields["id_accessibility_needs"].text.strip() == "Sous-titrage"
    chosen = [o for o in fields["id_department"].iter("option") if o.get("selected") is not None]
    assert [o.get("value") for o in chosen] == ["59"]
    # Each error beside its field, told to screen readers, and in the summary with a link.
    for name in ("email", "consent"):
        field = fields[f"id_{name}"]
        assert field.get("aria-invalid") == "true"
        for described in field.get("aria-describedby").split():
            assert described in fields
    assert {a.get("href") for a in fields["errors"].iter("a")} == {"#id_email", "#id_consent"}
    assert not Registration.objects.exists()


def test_the_form_has_what_browsers_and_people_need() -> None:
    response = Client().get(address(only_session(WebinarPageFactory())))
    text = response.content.decode()

    for attribute in ('autocomplete="name"', 'autocomplete="email"', 'autocomplete="organization"'):
        assert attribute in text
    assert "Ne décrivez aucune situation individuelle" in text
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response.cookies == {}
    assert response["Referrer-Policy"] == "no-referrer"


def test_someone_registered_already_sees_the_same_page(
    registering: Callable[..., Any],
) -> None:
    session = only_session(WebinarPageFactory())
    RegistrationFactory(session=session, email="camille@example.org")

    known = registering(address(session), **typed())
    unknown = registering(address(session), **typed(email="autre@example.org"))

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert sorted(message.to[0] for message in mail.outbox) == [
        "autre@example.org",
        "camille@example.org",
    ]


def test_a_robot_that_fills_everything_registers_nobody(registering: Callable[..., Any]) -> None:
    session = only_session(WebinarPageFactory())

    response = registering(address(session), **typed(website="https://spam.example"))

    assert response.status_code == 302
    assert not Registration.objects.exists()


@pytest.mark.parametrize("seconds_ago", [0, 90_000, None])
def test_a_form_sent_too_fast_or_not_ours_is_shown_again(
    registering: Callable[..., Any], seconds_ago: float | None
) -> None:
    session = only_session(WebinarPageFactory())

    response = registering(
        address(session),
        **typed(started="faux" if seconds_ago is None else form_opened_earlier(seconds_ago)),
    )

    assert response.status_code == 422
    assert "camille@example.org" in response.content.decode()
    assert not Registration.objects.exists()


def test_too_many_tries_keep_what_was_typed(registering: Callable[..., Any]) -> None:
    session = only_session(WebinarPageFactory())
    for number in range(20):
        registering(address(session), **typed(email=f"{number}@example.org"))

    response = registering(address(session), **typed(email="autre@example.org"))

    assert response.status_code == 429
    assert "autre@example.org" in response.content.decode()
    assert Registration.objects.count() == 20


def test_hostile_values_stay_text(registering: Callable[..., Any]) -> None:
    session = only_session(WebinarPageFactory())
    evil = "<script>alert(1)</script>"

    response = registering(address(session), **typed(name=evil, email="x"))

    assert evil not in response.content.decode()


@pytest.mark.parametrize(
    "values,expected",
    [
        ({"capacity": 1, "has_waiting_list": False}, "Complet"),
        ({"is_open": False}, "Inscriptions closes"),
        ({"days": -3}, "Terminé"),
    ],
)
def test_a_session_that_takes_nobody_is_shown_as_such(
    registering: Callable[..., Any], values: dict[str, Any], expected: str
) -> None:
    page = TrainingPageFactory(dates=[training_date(**values)])
    session = only_session(page)
    RegistrationFactory(session=session)

    assert expected in read_text(address(session))
    assert expected in read_text(f"/agenda/{page.slug}/")
    assert registering(address(session), **typed()).status_code == 409
    assert Registration.objects.count() == 1


def test_a_cancelled_session_is_shown_as_such_everywhere() -> None:
    page = WebinarPageFactory()
    session = only_session(page)
    registration = RegistrationFactory(session=session)
    cancel_session(session.pk)

    assert "Annulé" in read_text(address(session))
    assert "Annulé" in read_text(f"/agenda/{page.slug}/")
    assert "EventCancelled" in read_text(f"/agenda/{page.slug}/")
    shown = read_text(signed(TAKE_PART, registration))
    assert "annulée" in shown
    assert SECRET not in shown


def test_a_full_session_offers_the_queue(
    registering: Callable[..., Any], link_in_mail: Any
) -> None:
    session = only_session(WebinarPageFactory(capacity=1))
    first = RegistrationFactory(session=session)

    assert "liste d'attente" in read_text(address(session))
    registering(address(session), **typed())
    response = registering(link_in_mail("confirmer"))
    shown = read_text(response["Location"])
    assert "Vous êtes en liste d'attente" in shown
    assert SECRET not in shown

    registering(signed(CANCEL, first))
    assert SECRET in read_text(response["Location"])


def test_the_link_of_one_purpose_is_worth_nothing_for_another() -> None:
    registration = RegistrationFactory()

    for made in PURPOSES:
        token = make_token(made, registration.uuid)
        for used in PURPOSES:
            status = Client().get(reverse(used.route, args=[token])).status_code
            assert (status == 410) == (made != used), (made.route, used.route, status)


@pytest.mark.parametrize("purpose", [CONFIRM, CANCEL, TAKE_PART])
def test_a_link_comes_to_its_end(purpose: LinkPurpose[UUID]) -> None:
    registration = RegistrationFactory()
    path = signed(purpose, registration)

    with time_machine.travel(timezone.now() + purpose.max_age * 1.01):
        assert "ne fonctionne plus" in read_text(path, status=410)
    assert "ne fonctionne plus" in read_text(path.replace(":", ":x", 1), status=410)


def test_one_cannot_leave_once_it_has_begun(registering: Callable[..., Any]) -> None:
    registration = RegistrationFactory()
    path = signed(CANCEL, registration)

    with time_machine.travel(registration.session.starts_at):
        assert registering(path).status_code == 200

    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED


class TestCertificate:
    def pdf(self, registration: Registration, status: int = 200) -> bytes:
        response = Client().get(signed(CERTIFICATE, registration))
        assert response.status_code == status
        return response.content

    def test_it_names_who_came_to_what(self) -> None:
        from io import BytesIO

        from pypdf import PdfReader

        page = TrainingPageFactory(title="Écouter & protéger", dates=[training_date(-3)])
        registration = RegistrationFactory(
            session=only_session(page), name="Zoé Łukasz-Ünal", has_attended=True
        )

        reader = PdfReader(BytesIO(self.pdf(registration)))

        text = reader.pages[0].extract_text()
        assert len(reader.pages) == 1
        for words in ("Zoé Łukasz-Ünal", "Écouter & protéger", "Lille", str(registration.uuid)):
            assert words in text

    def test_only_those_who_came_get_one_and_only_afterwards(self) -> None:
        page = TrainingPageFactory(dates=[training_date(-3)])
        missed = RegistrationFactory(session=only_session(page))
        early = RegistrationFactory(has_attended=True)

        self.pdf(missed, 404)
        self.pdf(early, 404)


def test_the_page_describes_its_sessions_for_search_engines() -> None:
    import json
    import re

    page = TrainingPageFactory(
        title="Formation </script>", price=180, dates=[training_date(20), training_date(30)]
    )

    text = read_text(f"/agenda/{page.slug}/")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)

    events = [e for e in map(json.loads, blocks) if e["@type"] == "EducationEvent"]
    assert [e["name"] for e in events] == [page.title] * 2
    assert events[0]["startDate"] == timezone.localtime(page.first_at).isoformat()
    assert events[0]["eventStatus"] == "https://schema.org/EventScheduled"
    assert events[0]["location"]["name"] == "Lille"
    assert events[0]["offers"]["price"] == "180.00"


def test_the_calendar_view_is_a_list_of_days() -> None:
    page = WebinarPageFactory()
    month = f"{timezone.localtime(in_days(10)):%Y-%m}"

    text = read_text(f"/agenda/?calendar={month}&theme=fugue")
    assert page.title not in text
    # A theme that is none, from an old address, is passed over.
    assert page.title in read_text(f"/agenda/?calendar={month}&theme=inconnu")
    text = read_text(f"/agenda/?calendar={month}")
    assert page.title in text
    assert '<ol class="month__days">' in text
    assert read_text("/agenda/?calendar=nimporte")
