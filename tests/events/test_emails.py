"""What is written to people, and that it is written once."""

from __future__ import annotations

import datetime as dt
import threading
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import ics
import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from events import emails, tasks
from events.models import EventDocument, Registration, SentEmail
from events.session_sync import cancel_session
from tests.factories import DocumentFactory, publish
from tests.factories.events import (
    SECRET,
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    in_days,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from events.models import EventPage

State = Registration.State


def come_to(page: EventPage, **values: Any) -> Registration:
    return RegistrationFactory(session=only_session(page), **values)


def kinds() -> list[str]:
    return sorted(SentEmail.objects.values_list("kind", flat=True))


@pytest.mark.django_db
class TestReminders:
    @pytest.mark.parametrize(
        "days,expected",
        [
            (8, []),
            (6.9, ["week_before"]),
            (2, ["week_before"]),
            (0.9, ["day_before"]),
            (-0.01, []),
        ],
    )
    def test_a_reminder_comes_in_its_time(self, days: float, expected: list[str]) -> None:
        come_to(WebinarPageFactory(days=days))

        call_command("send_event_emails")

        assert kinds() == expected
        assert len(mail.outbox) == len(expected)

    def test_running_again_sends_nothing_more(self) -> None:
        come_to(WebinarPageFactory(days=0.5))

        call_command("send_event_emails")
        call_command("send_event_emails")

        assert len(mail.outbox) == 1

    def test_the_week_then_the_day_over_time(self) -> None:
        page = WebinarPageFactory(days=10)
        come_to(page)

        for days in range(11):
            with time_machine.travel(in_days(days)):
                call_command("send_event_emails")

        assert kinds() == ["day_before", "week_before"]

    @pytest.mark.parametrize("state", [State.PENDING, State.WAITING, State.CANCELLED])
    def test_only_those_who_come_are_reminded(self, state: str) -> None:
        come_to(WebinarPageFactory(days=0.5), state=state)

        call_command("send_event_emails")

        assert mail.outbox == []

    def test_those_who_have_just_confirmed_are_not_reminded(self) -> None:
        come_to(WebinarPageFactory(days=0.5), confirmed_at=timezone.now())

        call_command("send_event_emails")

        assert mail.outbox == []

    def test_a_cancelled_session_reminds_nobody(self) -> None:
        page = WebinarPageFactory(days=0.5)
        come_to(page)
        cancel_session(only_session(page).pk)
        mail.outbox.clear()

        call_command("send_event_emails")

        assert mail.outbox == []

    def test_what_can_t_be_written_is_tried_again_and_keeps_no_other_back(
        self, monkeypatch: Any
    ) -> None:
        for _each in range(2):
            come_to(WebinarPageFactory(days=0.5))
        with monkeypatch.context() as patch:
            patch.setattr(EmailMultiAlternatives, "send", fail_once())
            call_command("send_event_emails")
        assert kinds() == ["day_before"]

        call_command("send_event_emails")

        assert kinds() == ["day_before", "day_before"]
        assert len(mail.outbox) == 2


def fail_once() -> Callable[..., int]:
    """Return what sends all messages but the first."""
    send = EmailMultiAlternatives.send
    failures = [OSError("451")]

    def fail(message: EmailMultiAlternatives) -> int:
        if failures:
            raise failures.pop()
        return send(message)

    return fail


@pytest.mark.django_db
class TestFollowUp:
    def test_the_replay_is_given_once_it_is_there(self) -> None:
        page = WebinarPageFactory(days=-2)
        come_to(page)
        call_command("send_event_emails")
        assert mail.outbox == []

        page.replay_url = "https://video.example.org/rediffusion"
        page.save()
        call_command("send_event_emails")
        assert mail.outbox == [], "it is not public yet"

        publish(page)
        call_command("send_event_emails")
        call_command("send_event_emails")

        (message,) = mail.outbox
        assert page.replay_url in message.body

    def test_documents_are_given_with_absolute_addresses(self) -> None:
        documents = [EventDocument(document=DocumentFactory(title="Le diaporama"))]
        page = WebinarPageFactory(days=-2, documents=documents)
        come_to(page)

        call_command("send_event_emails")

        (message,) = mail.outbox
        assert "Le diaporama" in message.body
        assert "http://localhost:8000/documents/" in message.body

    def test_a_training_gives_its_certificate_to_those_who_came(self) -> None:
        page = TrainingPageFactory(dates=[training_date(-3)])
        came, missed = come_to(page, has_attended=True), come_to(page)

        call_command("send_event_emails")

        (message,) = mail.outbox
        assert message.to == [came.email]
        assert "attestation" in message.body
        assert missed.email not in message.to

    def test_it_is_too_late_after_two_months(self) -> None:
        come_to(WebinarPageFactory(days=-61, replay_url="https://video.example.org/1"))

        call_command("send_event_emails")

        assert mail.outbox == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_tasks_that_run_at_once_send_once() -> None:
    page = WebinarPageFactory(days=0.5)
    for _each in range(5):
        come_to(page)
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            tasks.send_due_emails.func()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail.outbox) == 5
    assert len({message.to[0] for message in mail.outbox}) == 5


@pytest.mark.django_db
class TestRetention:
    def test_needs_go_a_week_after_and_people_a_year_after(self) -> None:
        week = come_to(WebinarPageFactory(days=-8), accessibility_needs="Sous-titres")
        fresh = come_to(WebinarPageFactory(days=-6), accessibility_needs="Sous-titres")
        year = come_to(WebinarPageFactory(days=-366))
        SentEmail.objects.create(registration=year, kind="follow_up")

        call_command("apply_retention")

        week.refresh_from_db()
        fresh.refresh_from_db()
        assert week.accessibility_needs == ""
        assert fresh.accessibility_needs == "Sous-titres"
        assert not Registration.objects.filter(pk=year.pk).exists()

    def test_what_nobody_confirmed_goes_after_two_days(self) -> None:
        session = only_session(WebinarPageFactory())
        ages = {1: True, 3: False}
        for days in ages:
            RegistrationFactory(
                session=session,
                state=State.PENDING,
                email=f"{days}@example.org",
                consented_at=timezone.now() - dt.timedelta(days=days),
            )

        call_command("apply_retention")

        assert list(Registration.objects.values_list("email", flat=True)) == ["1@example.org"]


class Sink:
    """Keeps what a mail server would deliver."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append(message)  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def smtp(settings: Any) -> Iterator[Sink]:
    """Send to a real SMTP server on this machine."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0)
    # aiosmtpd connects to the port it was given to see that it answers: take a free one.
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield sink
    controller.stop()


@pytest.mark.django_db
def test_a_confirmation_goes_over_smtp_with_its_calendar(smtp: Sink) -> None:
    page = WebinarPageFactory(title="Repérer : « où, quand » ?")
    registration = come_to(page, name="Zoé Ünal")

    tasks.send_letter.enqueue(registration.pk, "confirmed", "https://pare.example.org")

    (message,) = smtp.messages
    assert message["To"] == registration.email
    assert (
        message["Subject"].strip()
        == "Inscription confirmée\u00a0: Repérer\u00a0: «\u00a0où, quand\u00a0»\u00a0?"
    )
    plain = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for part in (plain, html):
        assert "Zoé Ünal" in part
        assert SECRET in part
        assert "https://pare.example.org/inscriptions/annuler/" in part
        assert "heure de Paris" in part
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    (event,) = ics.Calendar(attached.get_content()).events
    assert event.name == page.title
    assert SECRET in event.description


@pytest.mark.django_db
@pytest.mark.parametrize("letter", ["confirm", "waiting", "cancelled", "follow_up"])
def test_only_those_who_come_are_told_where_to_join(letter: str) -> None:
    registration = come_to(WebinarPageFactory())

    emails.send(registration, emails.EMAILS[letter])

    (message,) = mail.outbox
    assert SECRET not in message.message().as_string()
    assert SECRET not in message.body + str(message.alternatives)


@pytest.mark.django_db
def test_a_line_break_does_not_get_into_the_headers() -> None:
    registration = come_to(WebinarPageFactory())

    emails.send(registration, lambda mails: mails.message("Objet\nBcc: a@example.org", "Texte"))

    assert mail.outbox[0].recipients() == [registration.email]
    assert "\n" not in mail.outbox[0].subject


@pytest.mark.django_db
def test_what_people_write_is_text_in_html() -> None:
    registration = come_to(WebinarPageFactory(), name="<b>Camille</b>")

    emails.send(registration, emails.EMAILS["confirm"])

    assert "&lt;b&gt;Camille" in mail.outbox[0].alternatives[0][0]
    assert "<b>Camille</b>" in mail.outbox[0].body
