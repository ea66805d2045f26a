"""Several people of a list at once: the rules of one by one, and nothing in silence."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from events.models import Registration
from tests.events.test_people import session_of
from tests.factories.contributions import member
from tests.factories.events import RegistrationFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db

State = Registration.State
PEOPLE = "registrations:index"
ACTIONS = ("mark_present", "mark_absent", "promote", "cancel")


@pytest.fixture
def organiser(client: Client) -> Client:
    client.force_login(member("Coordination"))
    return client


def bulk(action: str, *people: Registration, **query: str) -> str:
    chosen = [("id", each.pk) for each in people]
    address = reverse("wagtail_bulk_action", args=["events", "registration", action])
    return f"{address}?{urlencode([*chosen, ('next', reverse(PEOPLE)), *query.items()])}"


def text_of(response: Any) -> str:
    """Return a screen as it is read, with the letters that it frames."""
    text = unescape(unescape(response.content.decode())).replace("\u00a0", " ")
    return " ".join(text.replace("\u202f", " ").split())


def states(*people: Registration) -> list[str]:
    return [Registration.objects.get(pk=each.pk).state for each in people]


@pytest.mark.parametrize("group,offered", [("Direction", True), ("Coordination", True)])
def test_the_list_offers_what_may_be_done_with_several(
    client: Client, group: str, offered: bool
) -> None:
    RegistrationFactory()
    client.force_login(member(group))

    html = client.get(reverse(PEOPLE)).content.decode()

    for action in ACTIONS:
        assert (bulk(action).partition("?")[0] in html) == offered
    assert "data-bulk-action-checkbox" in html


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_else_acts_on_people_or_reads_their_names(
    client: Client, group: str, action: str
) -> None:
    person = RegistrationFactory(name="Camille Secret", state=State.WAITING)
    client.force_login(member(group))

    for answer in (client.get(bulk(action, person)), client.post(bulk(action, person))):
        assert answer.status_code in {302, 403}
        assert "Secret" not in text_of(answer)
    assert states(person) == [State.WAITING]


def test_attendance_is_recorded_and_taken_back(organiser: Client) -> None:
    session = session_of(None, starts_at=timezone.now() - dt.timedelta(hours=1))
    came, other = RegistrationFactory.create_batch(2, session=session)
    gone = RegistrationFactory(session=session, name="Alix Part", state=State.CANCELLED)

    answer = organiser.post(bulk("mark_present", came, gone), follow=True)

    assert set(Registration.objects.filter(has_attended=True)) == {came}
    assert "1 personne marquée présente." in text_of(answer)
    assert "« Alix Part » : son inscription est annulée." in text_of(answer)
    entry = ModelLogEntry.objects.get(action="events.attendance")
    assert (entry.object_id, entry.data) == (str(session.pk), {"count": 1})
    organiser.post(bulk("mark_absent", came, other))
    assert not Registration.objects.filter(has_attended=True).exists()


def test_attendance_is_not_recorded_before_the_day(organiser: Client) -> None:
    person = RegistrationFactory(name="Camille Martin")

    shown = text_of(organiser.get(bulk("mark_present", person)))
    answer = organiser.post(bulk("mark_present", person), follow=True)

    assert "Camille Martin — les présences se cochent à partir du" in shown
    assert "les présences se cochent à partir du" in text_of(answer)
    assert not Registration.objects.filter(has_attended=True).exists()


def test_seats_are_given_once_the_letter_was_shown(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(1)
    seated = RegistrationFactory(session=session, name="Déjà Là")
    longest, first, second = (
        RegistrationFactory(
            session=session,
            state=State.WAITING,
            queued_at=timezone.now() - dt.timedelta(days=days),
        )
        for days in (3, 2, 1)
    )

    shown = text_of(organiser.get(bulk("promote", second, first, seated)))
    assert "3 personnes pour 1 places après cet acte" in shown
    assert "1 personne qui attend depuis plus longtemps n'en reçoit pas" in shown
    assert "La même lettre part à 1 autre personne" in shown
    assert f"Bonjour {first.name}" in shown
    assert "Déjà Là — son inscription est confirmée." in shown
    assert not mail.outbox
    with django_capture_on_commit_callbacks(execute=True):
        answer = organiser.post(bulk("promote", first, second, seated), follow=True)

    assert states(longest, first, second) == [State.WAITING, State.CONFIRMED, State.CONFIRMED]
    assert "2 places données" in text_of(answer)
    assert "« Déjà Là » : son inscription est confirmée." in text_of(answer)
    assert {message.to[0] for message in mail.outbox} == {first.email, second.email}


def test_seats_that_are_left_go_to_those_who_stay_and_each_gets_one_letter(
    organiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = session_of(2)
    leaving = RegistrationFactory(session=session)
    staying = RegistrationFactory(session=session)
    gives_up, next_one = (
        RegistrationFactory(
            session=session,
            state=State.WAITING,
            name=name,
            queued_at=timezone.now() - dt.timedelta(days=days),
        )
        for name, days in (("Sam Renonce", 2), ("Lou Attend", 1))
    )

    shown = text_of(organiser.get(bulk("cancel", leaving, gives_up)))
    assert "Lou Attend reçoit une place" in shown
    assert "Sam Renonce reçoit" not in shown
    assert "On ne peut pas revenir en arrière" in shown
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(bulk("cancel", leaving, gives_up))

    assert states(leaving, gives_up, staying, next_one) == [
        State.CANCELLED,
        State.CANCELLED,
        State.CONFIRMED,
        State.CONFIRMED,
    ]
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        each.email for each in (leaving, gives_up, next_one)
    )


def test_what_is_too_late_is_named_and_the_rest_is_done(organiser: Client) -> None:
    begun = session_of(None, starts_at=timezone.now() - dt.timedelta(hours=1))
    late = RegistrationFactory(session=begun, name="Trop Tard")
    early = RegistrationFactory()

    answer = organiser.post(bulk("cancel", late, early), follow=True)
    again = organiser.post(bulk("cancel", late, early), follow=True)

    assert states(late, early) == [State.CONFIRMED, State.CANCELLED]
    assert "1 inscription annulée" in text_of(answer)
    assert "« Trop Tard » : la session a commencé." in text_of(answer)
    assert "inscription annulée :" not in text_of(again)


def test_all_of_a_list_and_what_is_no_number_choose_nobody(organiser: Client) -> None:
    RegistrationFactory()

    for chosen in ("all", "x", "\u00b2"):
        address = reverse("wagtail_bulk_action", args=["events", "registration", "cancel"])
        assert organiser.post(f"{address}?id={chosen}").status_code in {302, 404}
    assert Registration.objects.get().state == State.CONFIRMED


@pytest.mark.parametrize("action", ACTIONS)
def test_a_screen_costs_the_same_for_two_and_for_ten(
    organiser: Client, action: str, count_queries: Callable[..., int]
) -> None:
    session = session_of(3)
    people = RegistrationFactory.create_batch(5, session=session)
    people += RegistrationFactory.create_batch(5, session=session, state=State.WAITING)
    organiser.get(bulk(action, *people))
    few = count_queries(lambda: organiser.get(bulk(action, people[0], people[-1])))

    assert count_queries(lambda: organiser.get(bulk(action, *people))) <= few
