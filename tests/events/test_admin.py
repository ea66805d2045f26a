"""What organisers see and do."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from events.models import Registration
from tests.factories import UserFactory
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from events.models import Session

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/inscriptions/personnes/"
SESSIONS = "/admin/inscriptions/sessions/"


def action(session: Session, name: str) -> str:
    return reverse(f"event_sessions:{name}", args=[session.pk])


def client_with(*codenames: str) -> Client:
    """Return the client of somebody who has these rights, and that to see the admin."""
    group = Group.objects.create(name="+".join(codenames) or "rien")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    user = UserFactory()
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def test_sessions_are_listed_with_how_many_come(editor_client: Client) -> None:
    session = only_session(TrainingPageFactory(dates=[training_date(capacity=12)]))
    RegistrationFactory(session=session)
    RegistrationFactory(session=session, state=Registration.State.WAITING)

    response = editor_client.get(SESSIONS)

    (row,) = response.context["object_list"]
    assert (row.seats_taken, row.waiting_count) == (1, 1)
    assert session.page.title in response.content.decode()
    assert editor_client.get(f"{SESSIONS}?when=past").context["object_list"].count() == 0
    assert editor_client.get(f"{SESSIONS}?q=lille").context["object_list"].count() == 1


@pytest.mark.parametrize(
    "query,kept",
    [
        ("q=camille", {"Camille Martin"}),
        ("q=dupont@example.org", {"Dominique Dupont"}),
        ("state=waiting", {"Dominique Dupont"}),
        ("has_attended=true", {"Camille Martin"}),
        ("session={session}", {"Camille Martin", "Dominique Dupont"}),
        ("", {"Camille Martin", "Dominique Dupont", "Alix Autre"}),
    ],
)
def test_people_are_looked_up_and_filtered(
    editor_client: Client, query: str, kept: set[str]
) -> None:
    session = only_session(WebinarPageFactory())
    RegistrationFactory(session=session, name="Camille Martin", has_attended=True)
    RegistrationFactory(
        session=session, name="Dominique Dupont", email="dupont@example.org", state="waiting"
    )
    RegistrationFactory(name="Alix Autre")

    response = editor_client.get(f"{PEOPLE}?{query.format(session=session.pk)}")

    assert {row.name for row in response.context["object_list"]} == kept


def test_attendance_is_ticked_all_at_once(editor_client: Client) -> None:
    session = only_session(TrainingPageFactory(dates=[training_date(days=0)]))
    came, missed = RegistrationFactory(session=session), RegistrationFactory(session=session)
    elsewhere = RegistrationFactory()

    assert came.name in editor_client.get(action(session, "attendance")).content.decode()
    editor_client.post(action(session, "attendance"), {"came": [came.pk, elsewhere.pk, "faux"]})
    states = {r.pk: r.has_attended for r in Registration.objects.all()}
    assert states == {came.pk: True, missed.pk: False, elsewhere.pk: False}

    editor_client.post(action(session, "attendance"), {"came": [missed.pk]})
    states = {r.pk: r.has_attended for r in session.registrations.all()}
    assert states == {came.pk: False, missed.pk: True}


def test_a_spreadsheet_runs_nothing_of_what_people_typed(editor_client: Client) -> None:
    session = only_session(WebinarPageFactory())
    formula = '=HYPERLINK("http://evil.example","x")'
    RegistrationFactory(session=session, name=formula, structure="@SUM(1)")

    response = editor_client.get(f"{PEOPLE}?session={session.pk}&export=csv")
    csv = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "'=HYPERLINK" in csv
    assert "'@SUM(1)" in csv

    response = editor_client.get(f"{PEOPLE}?session={session.pk}&export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = next(iter(sheet.iter_rows(min_row=2)))
    assert cells[0].value == f"'{formula}"
    assert cells[0].data_type == "s"


def test_organisers_write_to_each_person_apart(
    editor_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = only_session(WebinarPageFactory())
    RegistrationFactory(session=session, email="confirmee@example.org")
    RegistrationFactory(session=session, email="attend@example.org", state="waiting")
    RegistrationFactory(session=session, email="partie@example.org", state="cancelled")

    with django_capture_on_commit_callbacks(execute=True):
        response = editor_client.post(
            action(session, "write"),
            {"states": ["confirmed"], "subject": "Salle changée", "text": "Bonjour.\n\nÀ lundi."},
        )

    assert response.status_code == 302
    (message,) = mail.outbox
    assert message.recipients() == ["confirmee@example.org"]
    assert "À lundi." in message.body


def test_a_session_is_cancelled_and_everyone_told(
    editor_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    session = only_session(WebinarPageFactory())
    RegistrationFactory(session=session)
    assert (
        "1 personne sera prévenue" in editor_client.get(action(session, "cancel")).content.decode()
    )
    session.refresh_from_db()
    assert not session.is_cancelled

    with django_capture_on_commit_callbacks(execute=True):
        editor_client.post(action(session, "cancel"), {"reason": "Grève"})

    session.refresh_from_db()
    assert session.is_cancelled
    assert "Grève" in mail.outbox[0].body


@pytest.mark.parametrize(
    "rights,allowed",
    [
        ((), set()),
        (("view_registration",), {"people"}),
        (("view_session",), {"sessions"}),
        (("change_registration",), {"people", "attendance", "write"}),
        (("change_session",), {"sessions", "cancel"}),
    ],
)
def test_each_needs_its_right(rights: tuple[str, ...], allowed: set[str]) -> None:
    session = only_session(WebinarPageFactory(days=0))
    client = client_with(*rights)
    addresses = {
        "people": PEOPLE,
        "sessions": SESSIONS,
        **{name: action(session, name) for name in ("attendance", "write", "cancel")},
    }

    seen = {name for name, url in addresses.items() if client.get(url).status_code == 200}
    assert seen == allowed
    if "people" not in allowed:
        assert client.get(f"{PEOPLE}?export=csv").status_code != 200


def test_a_stranger_sees_nothing() -> None:
    session = only_session(WebinarPageFactory())

    for url in (PEOPLE, SESSIONS, action(session, "attendance")):
        response = Client().get(url)
        assert response.status_code == 302
        assert "login" in response["Location"]
