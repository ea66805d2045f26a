"""The team and the people who are registered: opened, added, corrected, promoted, cancelled."""

from __future__ import annotations

import datetime as dt
import io
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from events import person_views, registrations
from events.models import Registration
from events.team_forms import without_greeting
from review.groups import PUBLISHERS
from tests.factories.contributions import member
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

    from events.models import Session

pytestmark = pytest.mark.django_db

State = Registration.State
PEOPLE = "registrations:index"


@pytest.fixture
def organiser(client: Client) -> Client:
    client.force_login(member("Coordination"))
    return client


def session_of(capacity: int | None = 1, **values: Any) -> Session:
    return only_session(TrainingPageFactory(dates=[training_date(capacity=capacity, **values)]))


def own(registration: Registration, name: str = "person") -> str:
    return reverse(f"registrations:{name}", args=[registration.pk])


def text_of(response: Any) -> str:
    """Return a screen as it is read, with the letters that it frames."""
    return unescape(unescape(response.content.decode())).replace("\u00a0", " ")


def typed(session: Session, **changes: str) -> dict[str, str]:
    given = {
        "session": str(session.pk),
        "name": "Dominique Dupont",
        "email": "dominique@example.org",
        "language": "fr",
        "has_agreed": "on",
    }
    return given | changes


# Who opens what


@pytest.mark.parametrize("group", PUBLISHERS)
def test_each_row_leads_to_a_person(client: Client, group: str) -> None:
    registration = RegistrationFactory(accessibility_needs="Sous-titrage")
    client.force_login(member(group))

    html = client.get(reverse(PEOPLE)).content.decode()

    assert re.search(rf'<a[^>]*href="{own(registration)}"', html)
    shown = text_of(client.get(own(registration)))
    assert registration.email in shown
    assert "Sous-titrage" in shown


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
def test_nobody_else_sees_people(client: Client, group: str) -> None:
    registration = RegistrationFactory()
    client.force_login(member(group))

    for name in ("person", "correct", "cancel", "promote", "confirm"):
        assert client.get(own(registration, name)).status_code != 200
    assert client.get(reverse("registrations:add")).status_code != 200
    assert client.get(reverse(PEOPLE)).status_code != 200


def test_the_list_of_a_session_has_its_counts_and_acts(organiser: Client) -> None:
    session = session_of(2)
    RegistrationFactory(session=session)
    RegistrationFactory(session=session, state=State.WAITING)

    html = text_of(organiser.get(f"{reverse(PEOPLE)}?session={session.pk}"))

    assert "Confirmées : 1 sur 2. En attente : 1." in html
    assert f"{reverse('registrations:add')}?session={session.pk}" in html
    assert reverse("event_sessions:write", args=[session.pk]) in html
    assert organiser.get(f"{reverse(PEOPLE)}?session=x").status_code == 200


def test_the_list_costs_the_same_for_two_and_for_ten(
    organiser: Client, count_queries: Callable[..., int]
) -> None:
    session = session_of(None)
    index = f"{reverse(PEOPLE)}?session={session.pk}"
    RegistrationFactory.create_batch(2, session=session)
    organiser.get(index)
    few = count_queries(lambda: organiser.get(index))
    RegistrationFactory.create_batch(8, session=session)

    assert count_queries(lambda: organiser.get(index)) <= few


# Add


def test_a_person_is_added_once_the_letter_was_shown(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(1)
    address = reverse("registrations:add")

    with django_capture_on_commit_callbacks(execute=True):
        shown = organiser.post(address, typed(session))
    assert "Elle aura une place" in text_of(shown)
    assert "Bonjour Dominique Dupont" in text_of(shown)
    assert not mail.outbox
    assert not Registration.objects.exists()
    assert not re.search(r"/inscriptions/[a-z-]+/[\w:-]{20,}", shown.content.decode())

    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(address, typed(session, confirmed="1"))
    added = Registration.objects.get()
    assert (added.state, added.email) == (State.CONFIRMED, "dominique@example.org")
    assert added.consented_at
    assert mail.outbox[0].to == [added.email]


def test_a_full_session_takes_a_person_into_its_waiting_list(organiser: Client) -> None:
    session = session_of(1)
    RegistrationFactory(session=session)

    shown = organiser.post(reverse("registrations:add"), typed(session))
    organiser.post(reverse("registrations:add"), typed(session, confirmed="1"))

    assert "entre en liste d'attente" in text_of(shown)
    assert session.registrations.get(email="dominique@example.org").state == State.WAITING


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_what_keeps_from_adding_is_explained_and_what_was_typed_stays(
    organiser: Client, confirmed: dict[str, str]
) -> None:
    full = session_of(1, has_waiting_list=False)
    taken = RegistrationFactory(session=full)

    for changes, reason in (
        ({"email": "autre@example.org"}, "Complet"),
        ({"email": taken.email.upper()}, "déjà inscrite"),
    ):
        response = organiser.post(reverse("registrations:add"), typed(full, **changes, **confirmed))
        assert response.status_code == 422
        assert reason in text_of(response)
        assert 'value="Dominique Dupont"' in response.content.decode()
    assert full.registrations.count() == 1


def test_nobody_is_added_without_their_agreement(organiser: Client) -> None:
    session = session_of(1)

    response = organiser.post(
        reverse("registrations:add"), typed(session, has_agreed="", confirmed="1")
    )

    assert response.status_code == 422
    assert not Registration.objects.exists()


# Correct


def test_a_name_is_corrected_without_a_letter(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    registration = RegistrationFactory(name="Camile")
    data = typed(registration.session, name="Camille", email=registration.email)

    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(registration, "correct"), data)

    kept = Registration.objects.get()
    assert (kept.name, kept.uuid) == ("Camille", registration.uuid)
    assert not mail.outbox


def test_a_new_address_gets_its_letter_and_the_old_links_end(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    registration = RegistrationFactory(email="faute@example.org")
    data = typed(registration.session, email="juste@example.org")

    shown = organiser.post(own(registration, "correct"), data)
    registration.refresh_from_db()
    assert registration.email == "faute@example.org"
    assert "juste@example.org" in text_of(shown)
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(registration, "correct"), data | {"confirmed": "1"})

    kept = Registration.objects.get()
    assert kept.email == "juste@example.org"
    assert kept.uuid != registration.uuid
    assert sorted(message.to for message in mail.outbox) == [
        ["faute@example.org"],
        ["juste@example.org"],
    ]


def test_an_address_that_is_registered_is_refused(organiser: Client) -> None:
    registration = RegistrationFactory()
    other = RegistrationFactory(session=registration.session)

    response = organiser.post(
        own(registration, "correct"), typed(registration.session, email=other.email)
    )

    assert response.status_code == 422
    assert "déjà inscrite" in text_of(response)


# Cancel, promote, confirm


def test_cancelling_shows_both_letters_then_gives_the_seat(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(1)
    leaving = RegistrationFactory(session=session, name="Alix Part")
    waiting = RegistrationFactory(session=session, name="Sam Attend", state=State.WAITING)

    shown = text_of(organiser.get(own(leaving, "cancel")))
    assert "Sam Attend reçoit sa place" in shown
    assert leaving.email in shown
    assert waiting.email in shown
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(leaving, "cancel"))

    waiting.refresh_from_db()
    leaving.refresh_from_db()
    assert (leaving.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert {message.to[0] for message in mail.outbox} == {leaving.email, waiting.email}


@pytest.mark.parametrize(
    "act, state",
    [("cancel", State.CONFIRMED), ("promote", State.WAITING), ("confirm", State.PENDING)],
)
def test_who_clicks_twice_reads_that_nothing_left_the_second_time(
    organiser: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    act: str,
    state: str,
) -> None:
    registration = RegistrationFactory(session=session_of(3), state=state)
    do: Any = getattr(registrations, f"{act}_registration")

    def come_second(*args: Any) -> HttpResponse:
        # The first click is done between the look at the registration and this act.
        do(registration.uuid)
        return answer(*args)

    answer = person_views._do
    monkeypatch.setattr(person_views, "_do", come_second)

    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(registration, act))

    shown = text_of(organiser.get(own(registration)))
    assert "rien n'est parti" in shown
    assert "la lettre part" not in shown
    assert len(mail.outbox) == 1


def test_a_person_who_waits_is_given_a_seat_and_the_others_keep_their_turn(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(1)
    RegistrationFactory(session=session)
    first = RegistrationFactory(session=session, state=State.WAITING)
    second = RegistrationFactory(session=session, state=State.WAITING)

    assert "2e de la liste d'attente" in text_of(organiser.get(own(second)))
    shown = text_of(organiser.get(own(second, "promote")))
    assert "2 personnes pour 1 places" in shown
    assert "passe avant 1" in shown
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(second, "promote"))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.WAITING, State.CONFIRMED)
    assert [message.to for message in mail.outbox] == [[second.email]]


def test_a_request_is_confirmed_for_who_can_not_open_the_link(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    registration = RegistrationFactory(state=State.PENDING)

    assert registration.email in text_of(organiser.get(own(registration, "confirm")))
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(own(registration, "confirm"))

    registration.refresh_from_db()
    assert registration.state == State.CONFIRMED
    assert len(mail.outbox) == 1


def test_no_seat_is_offered_of_what_has_begun_or_is_cancelled(organiser: Client) -> None:
    begun = session_of(1, mode="onsite", starts_at=timezone.now() - dt.timedelta(hours=1))
    cancelled = session_of(1)
    cancelled.cancelled_at = timezone.now()
    cancelled.save()
    people = [
        RegistrationFactory(session=begun, state=State.WAITING),
        RegistrationFactory(session=cancelled, state=State.WAITING),
        RegistrationFactory(session=cancelled, state=State.PENDING),
    ]

    for each in people:
        shown = organiser.get(own(each)).content.decode()
        assert own(each, "promote") not in shown
        assert own(each, "confirm") not in shown


@pytest.mark.parametrize("name", ["cancel", "promote", "confirm"])
def test_what_is_too_late_changes_nothing(organiser: Client, name: str) -> None:
    registration = RegistrationFactory(state=State.CANCELLED)

    for answer in (
        organiser.get(own(registration, name)),
        organiser.post(own(registration, name)),
    ):
        assert answer.status_code == 302

    registration.refresh_from_db()
    assert registration.state == State.CANCELLED


# Attendance


def test_attendance_begins_on_the_day_in_paris(organiser: Client) -> None:
    starts = dt.datetime(2036, 6, 9, 22, 30, tzinfo=dt.UTC)  # The 10th, half past midnight.
    session = session_of(None, starts_at=starts, ends_at=starts + dt.timedelta(hours=2))
    person = RegistrationFactory(session=session)
    address = reverse("event_sessions:attendance", args=[session.pk])

    with time_machine.travel(dt.datetime(2036, 6, 9, 21, 59, tzinfo=dt.UTC), tick=False):
        organiser.force_login(member("Coordination", "veille"))
        early = organiser.post(address, {"came": [person.pk]}, follow=True)
        listed = organiser.get(reverse("event_sessions:index")).content.decode()
    person.refresh_from_db()
    assert not person.has_attended
    assert "à partir du 10 juin 2036" in text_of(early)
    assert address not in listed

    with time_machine.travel(dt.datetime(2036, 6, 9, 22, 1, tzinfo=dt.UTC), tick=False):
        organiser.force_login(member("Coordination", "jour"))
        organiser.post(address, {"came": [person.pk]})
    person.refresh_from_db()
    assert person.has_attended


# Letters of a session


def test_a_message_is_shown_as_it_will_be_read_and_greets_once(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(None)
    RegistrationFactory(session=session, name="Camille Martin")
    data = {
        "states": ["confirmed"],
        "subject": "Salle changée",
        "text": "Bonjour à toutes et à tous,\n\nRendez-vous salle B.",
    }

    shown = organiser.post(reverse("event_sessions:write_letter", args=[session.pk]), data)
    assert not mail.outbox
    assert shown.context["letters"][0].email.html.count("Bonjour") == 1
    assert "Bonjour Camille Martin" in text_of(shown)
    assert "1 personne sera prévenue" in text_of(shown)
    back = organiser.post(reverse("event_sessions:write", args=[session.pk]), data | {"edit": "1"})
    assert "Rendez-vous salle B." in text_of(back)
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(reverse("event_sessions:write", args=[session.pk]), data)

    (message,) = mail.outbox
    assert message.body.count("Bonjour") == 1
    assert "Rendez-vous salle B." in message.body.replace("\u00a0", " ")


def test_a_message_to_nobody_is_not_shown(organiser: Client) -> None:
    session = session_of(None)

    answer = organiser.post(
        reverse("event_sessions:write_letter", args=[session.pk]),
        {"states": ["waiting"], "subject": "Objet", "text": "Texte"},
    )

    assert answer.status_code == 422
    assert "Personne n'est dans ce cas" in text_of(answer)


@pytest.mark.parametrize(
    "text,kept",
    [
        ("Bonjour,\n\nÀ lundi.", "À lundi."),
        ("bonjour à tous et à toutes !\nÀ lundi.", "À lundi."),
        ("Bonjour, la salle change.", "La salle change."),
        ("Bonjour", ""),
        ("Bonjour Paris change de salle.", "Bonjour Paris change de salle."),
        ("La salle change.\n\nBonjour", "La salle change.\n\nBonjour"),
    ],
)
def test_a_greeting_is_left_to_the_letter(text: str, kept: str) -> None:
    assert without_greeting(text) == kept


def test_a_cancelled_session_shows_its_letter_first(organiser: Client) -> None:
    session = session_of(None)
    RegistrationFactory(session=session)

    shown = organiser.post(
        reverse("event_sessions:cancel_letter", args=[session.pk]), {"reason": "Grève"}
    )

    assert "Grève" in text_of(shown)
    assert "On ne peut pas revenir en arrière" in text_of(shown)
    session.refresh_from_db()
    assert not session.is_cancelled


# Exports


def test_exports_are_in_french_with_the_time_of_paris(organiser: Client) -> None:
    created = dt.datetime(2036, 7, 1, 22, 30, tzinfo=dt.UTC)
    RegistrationFactory(name="Anaïs", created_at=created, confirmed_at=None, has_attended=True)

    answer = organiser.get(f"{reverse(PEOPLE)}?export=csv")
    heading, line = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert heading.split(";")[:2] == ["Prénom et nom", "Adresse e-mail"]
    cells = dict(zip(heading.split(";"), line.split(";"), strict=True))
    assert cells["Demandée le"] == "02/07/2036 00:30"
    assert (cells["Présence"], cells["État"]) == ("oui", "confirmée")

    answer = organiser.get(f"{reverse(PEOPLE)}?export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    heading, line = list(sheet.iter_rows())
    cells = {title.value: cell for title, cell in zip(heading, line, strict=True)}
    assert cells["Demandée le"].value == dt.datetime(2036, 7, 2, 0, 30)
    assert cells["Présence"].value == "oui"
    assert timezone.get_current_timezone_name() == "Europe/Paris"
