"""Who gets a seat."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connections, transaction

from core.models import ContentVersion
from events.models import Registration, Session, TrainingPage
from events.models.sessions import Availability
from events.registrations import (
    RegistrationRefused,
    RegistrationRequest,
    cancel_registration,
    confirm_registration,
    promote_waiting_list,
    request_registration,
)
from events.session_sync import cancel_session
from tests.factories import publish
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    only_session,
    training_date,
)
from tests.factories.forms import form_opened_earlier
from tests.factories.pages import published_in

if TYPE_CHECKING:
    from collections.abc import Callable

State = Registration.State


def session_of(capacity: int | None = 1, **values: Any) -> Session:
    return only_session(TrainingPageFactory(dates=[training_date(capacity=capacity, **values)]))


def pending(session: Session, email: str = "camille@example.org") -> Registration:
    request_registration(session.pk, RegistrationRequest(email=email, name="Camille Exemple"))
    return Registration.objects.get(session=session, email=email)


def test_a_request_holds_no_seat_until_it_is_confirmed(transactional_db: None) -> None:
    session = session_of(capacity=1)

    first, second = pending(session, "a@example.org"), pending(session, "b@example.org")
    assert session.availability() == Availability.OPEN
    confirm_registration(second.uuid)
    confirm_registration(first.uuid)

    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.state, first.state) == (State.CONFIRMED, State.WAITING)


def test_confirming_twice_is_confirming_once(transactional_db: None) -> None:
    registration = pending(session_of())

    confirm_registration(registration.uuid)
    confirm_registration(registration.uuid)

    assert [m.subject.split("\u00a0:")[0] for m in mail.outbox] == [
        "Confirmez votre inscription",
        "Inscription confirmée",
    ]


def test_the_first_who_waits_gets_the_seat_that_is_given_back(transactional_db: None) -> None:
    session = session_of(capacity=1)
    people = [pending(session, f"{name}@example.org") for name in "abc"]
    for person in people:
        confirm_registration(person.uuid)
    mail.outbox.clear()

    cancel_registration(people[0].uuid)

    states = [Registration.objects.get(pk=person.pk).state for person in people]
    assert states == [State.CANCELLED, State.CONFIRMED, State.WAITING]
    subjects = {m.to[0]: m.subject.split("\u00a0:")[0] for m in mail.outbox}
    assert subjects == {
        "a@example.org": "Désinscription enregistrée",
        "b@example.org": "Une place s'est libérée",
    }


def test_leaving_the_queue_frees_no_seat(transactional_db: None) -> None:
    session = session_of(capacity=1)
    people = [pending(session, f"{name}@example.org") for name in "abc"]
    for person in people:
        confirm_registration(person.uuid)

    cancel_registration(people[1].uuid)

    assert Registration.objects.get(pk=people[2].pk).state == State.WAITING


def test_more_seats_on_the_page_go_to_those_who_wait(transactional_db: None) -> None:
    session = session_of(capacity=1)
    people = [pending(session, f"{name}@example.org") for name in "abc"]
    for person in people:
        confirm_registration(person.uuid)

    page = TrainingPage.objects.get(pk=session.page_id)
    date = page.dates.first()
    date.capacity = 2
    page.dates.add(date)
    publish(page)

    states = [Registration.objects.get(pk=person.pk).state for person in people]
    assert states == [State.CONFIRMED, State.CONFIRMED, State.WAITING]


def test_one_address_has_one_registration_whatever_its_capitals(transactional_db: None) -> None:
    session = session_of(capacity=5)

    confirm_registration(pending(session, "camille@example.org").uuid)
    request_registration(
        session.pk, RegistrationRequest(email=" Camille@Example.org ", name="Autre")
    )

    only = Registration.objects.get(session=session)
    assert only.name == "Camille Exemple"


def test_the_database_refuses_a_second_registration(transactional_db: None) -> None:
    registration = RegistrationFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        RegistrationFactory(session=registration.session, email=registration.email)


def test_registering_again_informs_only_the_owner_of_the_address(transactional_db: None) -> None:
    session = session_of(capacity=5)
    confirm_registration(pending(session).uuid)
    mail.outbox.clear()

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=6)):
        request_registration(
            session.pk, RegistrationRequest(email="camille@example.org", name="Camille")
        )

    assert mail.outbox[0].to == ["camille@example.org"]
    assert "déjà inscrit" in mail.outbox[0].subject


def test_an_address_is_not_flooded(transactional_db: None) -> None:
    session = session_of(capacity=5)

    for _attempt in range(5):
        pending(session)

    assert len(mail.outbox) == 1


def test_one_can_register_again_after_cancelling(transactional_db: None) -> None:
    session = session_of(capacity=1)
    first = pending(session)
    confirm_registration(first.uuid)
    cancel_registration(first.uuid)

    request_registration(
        session.pk, RegistrationRequest(email="camille@example.org", name="Camille")
    )

    again = Registration.objects.get(session=session, state=State.PENDING)
    assert confirm_registration(again.uuid).state == State.CONFIRMED


def test_cancelling_removes_accessibility_needs(transactional_db: None) -> None:
    registration = RegistrationFactory(accessibility_needs="Une boucle magnétique")

    cancel_registration(registration.uuid)

    registration.refresh_from_db()
    assert registration.accessibility_needs == ""


@pytest.mark.parametrize(
    "values,expected",
    [
        ({"is_open": False}, Availability.CLOSED),
        ({"days": -3}, Availability.PAST),
        ({"capacity": 1, "has_waiting_list": False}, Availability.FULL),
    ],
)
def test_a_session_that_takes_nobody_refuses(
    transactional_db: None, values: dict[str, Any], expected: Availability
) -> None:
    session = session_of(**values)
    RegistrationFactory(session=session)

    with pytest.raises(RegistrationRefused) as refusal:
        pending(session)

    assert refusal.value.availability == expected


def test_a_cancelled_session_refuses_and_notifies_everyone_once(transactional_db: None) -> None:
    session = session_of(capacity=1)
    RegistrationFactory(session=session, email="confirmee@example.org")
    RegistrationFactory(session=session, email="attend@example.org", state=State.WAITING)

    assert cancel_session(session.pk, "La salle est fermée.")
    assert not cancel_session(session.pk, "La salle est fermée.")

    assert sorted(m.to[0] for m in mail.outbox) == ["attend@example.org", "confirmee@example.org"]
    assert all("La salle est fermée." in m.body for m in mail.outbox)
    with pytest.raises(RegistrationRefused):
        pending(session)


def test_a_full_session_without_a_queue_keeps_a_late_confirmation_out(
    transactional_db: None,
) -> None:
    session = session_of(capacity=1, has_waiting_list=False)
    first, late = pending(session, "a@example.org"), pending(session, "b@example.org")
    confirm_registration(first.uuid)

    with pytest.raises(RegistrationRefused) as refusal:
        confirm_registration(late.uuid)

    assert refusal.value.availability == Availability.FULL


def test_nobody_is_promoted_once_a_session_on_site_has_begun(transactional_db: None) -> None:
    session = session_of(capacity=1)
    waiting = RegistrationFactory(session=session, state=State.WAITING)

    with time_machine.travel(session.starts_at + dt.timedelta(minutes=1)), transaction.atomic():
        assert promote_waiting_list(session) == []

    waiting.refresh_from_db()
    assert waiting.state == State.WAITING


def test_pages_kept_in_caches_are_dropped_when_the_last_seat_goes(transactional_db: None) -> None:
    session = session_of(capacity=2)
    first, second = pending(session, "a@example.org"), pending(session, "b@example.org")

    version = ContentVersion.current()
    confirm_registration(first.uuid)
    assert ContentVersion.current() == version
    confirm_registration(second.uuid)
    assert ContentVersion.current() > version


def in_parallel(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run calls at the same moment, each with a connection of its own."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(position: int) -> None:
        barrier.wait()
        try:
            results[position] = calls[position]()
        except Exception as error:
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("capacity", [1, 3])
def test_never_one_too_many_under_concurrency(capacity: int) -> None:
    session = session_of(capacity=capacity)
    people = [pending(session, f"{n}@example.org") for n in range(12)]

    in_parallel([lambda person=person: confirm_registration(person.uuid) for person in people])

    states = list(Registration.objects.filter(session=session).values_list("state", flat=True))
    assert states.count(State.CONFIRMED) == capacity
    assert states.count(State.WAITING) == len(people) - capacity


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_cancelling_and_confirming_at_once_gives_each_seat_once() -> None:
    session = session_of(capacity=3)
    seated = [RegistrationFactory(session=session) for _ in range(3)]
    waiting = [RegistrationFactory(session=session, state=State.WAITING) for _ in range(3)]
    late = [pending(session, f"{n}@example.org") for n in range(4)]

    in_parallel(
        [
            *(lambda person=person: cancel_registration(person.uuid) for person in seated),
            *(lambda person=person: confirm_registration(person.uuid) for person in late),
        ]
    )

    confirmed = Registration.objects.filter(session=session, state=State.CONFIRMED)
    # Those who waited come before those who came late.
    assert {person.pk for person in confirmed} == {person.pk for person in waiting}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_address_at_once_registers_once() -> None:
    session = session_of(capacity=5)
    who = RegistrationRequest(email="camille@example.org", name="Camille")

    results = in_parallel([lambda: request_registration(session.pk, who)] * 6)

    assert results == [None] * 6
    assert Registration.objects.filter(session=session).count() == 1
    assert len(mail.outbox) == 1


def test_the_webinar_and_its_session_stay_one(transactional_db: None) -> None:
    page = WebinarPageFactory(capacity=30)
    registration = RegistrationFactory(session=only_session(page))

    page.capacity = 40
    publish(page)

    session = only_session(page)
    assert (session.pk, session.capacity) == (registration.session_id, 40)


def test_a_translation_gives_no_seat_twice(client: Any, home: Any, get_json: Any) -> None:
    event = TrainingPageFactory(dates=[training_date(capacity=1)])
    copy = published_in("en", event, slug="in-english")

    data = get_json(f"/api/v1/events/{copy.pk}/")["sessions"][0]
    assert data["availability"] == "external"
    led = client.get(data["registration_url"].removeprefix("http://testserver"))
    assert led.url == f"/en/inscriptions/{only_session(event).uuid}/"
    with pytest.raises(RegistrationRefused):
        request_registration(
            only_session(copy).pk, RegistrationRequest(email="a@example.org", name="A")
        )
    asked = {"name": "A", "email": "a@example.org", "consent": True, "consent_version": "2026-01"}
    path = f"/api/v1/events/{copy.pk}/registrations/"
    assert client.post(path, asked, content_type="application/json").status_code == 409
    assert not Registration.objects.exists()
    get_path = f"/inscriptions/traduction/{event.translation_key}/{event.translation_key}/"
    assert client.get(get_path).status_code == 404


@pytest.mark.django_db
def test_who_registers_in_english_is_written_to_in_english(
    client: Any, home: Any, django_capture_on_commit_callbacks: Any
) -> None:
    event = TrainingPageFactory(title="Repérer", dates=[training_date(capacity=2)])
    published_in("en", event, title="Noticing")
    path = f"/en/inscriptions/{only_session(event).uuid}/"
    opened = form_opened_earlier()
    given = {
        "name": "A",
        "email": "a@example.org",
        "consent": "on",
        "consent_version": "2026-01",
        "started": opened,
    }

    assert "Noticing" in client.get(path).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path, given).status_code == 302

    (letter,) = mail.outbox
    assert letter.subject == "Confirm your registration: Noticing"
    assert "/en/inscriptions/confirmer/" in letter.body
    assert '<html lang="en"' in str(letter.alternatives[0].content)


@pytest.mark.django_db
def test_the_api_takes_the_language_to_write_in(
    client: Any, django_capture_on_commit_callbacks: Any
) -> None:
    event = TrainingPageFactory(title="Repérer", dates=[training_date(capacity=2)])
    path = f"/api/v1/events/{event.pk}/registrations/"
    asked = {"name": "A", "email": "a@example.org", "consent": True, "consent_version": "2026-01"}

    refused = client.post(path, asked | {"locale": "xx"}, content_type="application/json")
    with django_capture_on_commit_callbacks(execute=True):
        taken = client.post(path, asked | {"locale": "en"}, content_type="application/json")

    assert (refused.status_code, taken.status_code) == (422, 202)
    assert refused["Content-Type"] == "application/problem+json"
    assert mail.outbox[0].subject.startswith("Confirm your registration")
    assert Registration.objects.get().language == "en"
