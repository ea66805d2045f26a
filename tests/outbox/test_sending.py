"""A letter that was written arrives, whatever the mail server does meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage, mail_managers, send_mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from core.mail import Letter
from events import emails
from events.models import Registration
from events.registrations import (
    RegistrationRequest,
    cancel_registration,
    confirm_registration,
    request_registration,
)
from newsletter.models import Consent
from newsletter.subscribing import SubscriptionRequest, request_subscription
from outbox.models import RETRY_FOR, OutgoingEmail
from outbox.transport import Outcome, Result
from outbox.worker import LONGEST_DELAY, Worker, delay, reap_expired_leases
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.mail_server import free_port, use_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db

State = OutgoingEmail.State


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def register(email: str = "zoe@example.org") -> Registration:
    session = only_session(WebinarPageFactory())
    request_registration(session.pk, RegistrationRequest(email=email, name="Zoé"))
    return Registration.objects.get(email=email)


def write(address: str = "zoe@example.org", **values: Any) -> OutgoingEmail:
    """Write a letter to the outbox."""
    send_mail("Objet", "Bonjour", None, [address], **values)
    return OutgoingEmail.objects.latest("pk")


def state_of(letter: OutgoingEmail) -> str:
    letter.refresh_from_db()
    return letter.state


def work() -> int:
    return Worker().run(once=True)


def test_a_mail_server_that_is_away_for_a_minute_loses_no_registration(
    server: MailServer, settings: Any, clock: Any
) -> None:
    use_server(settings, free_port())
    register()
    assert work() == 1
    assert OutgoingEmail.objects.get().state == State.WAITING

    use_server(settings, server.port)
    clock.shift(dt.timedelta(minutes=1))
    assert work() == 1

    (message,) = server.messages
    assert message["To"] == "zoe@example.org"
    assert "/inscriptions/confirmer/" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert OutgoingEmail.objects.get().state == State.SENT


def test_a_server_that_is_away_for_two_days_is_given_up_then_tried_again_by_hand(
    server: MailServer, settings: Any, clock: Any
) -> None:
    use_server(settings, free_port())
    letter = write()
    tries, begun = 0, timezone.now()
    while state_of(letter) == State.WAITING:
        clock.move_to(letter.next_attempt_at)
        tries += work()
    assert letter.state == State.FAILED
    assert RETRY_FOR <= timezone.now() - begun <= RETRY_FOR + LONGEST_DELAY
    assert tries == letter.attempts > RETRY_FOR / LONGEST_DELAY
    assert work() == 0

    use_server(settings, server.port)
    assert OutgoingEmail.objects.retry() == 1
    work()

    assert state_of(letter) == State.SENT
    assert len(server.messages) == 1


def test_what_the_worker_did_not_see_for_days_is_tried_once_at_least(
    server: MailServer, clock: Any
) -> None:
    letter = write()
    clock.shift(RETRY_FOR * 2)

    work()

    assert state_of(letter) == State.SENT


def test_a_greylisted_letter_arrives_at_its_second_try(server: MailServer, clock: Any) -> None:
    answers = ["451 4.7.1 Greylisted, try again later"]
    server.on_rcpt = lambda address: answers.pop() if answers else None
    letter = write()
    work()
    assert (state_of(letter), letter.attempts) == (State.WAITING, 1)
    assert "Greylisted" in letter.error
    assert work() == 0, "not before its time"

    clock.shift(delay(1))
    work()

    assert (state_of(letter), letter.error) == (State.SENT, "")
    assert len(server.messages) == 1


def test_delays_double_up_to_an_hour() -> None:
    minutes = [delay(number).total_seconds() / 60 for number in (1, 2, 3, 6, 7, 8, 50)]

    assert minutes == [1, 2, 4, 32, 60, 60, 60]


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "554 5.7.1 Looks like spam"])
def test_what_the_server_will_never_take_is_refused_and_tried_no_more(
    server: MailServer, clock: Any, answer: str
) -> None:
    if answer.startswith("550"):
        server.on_rcpt = lambda address: answer
    else:
        server.on_data = lambda message: answer
    letter = write()

    work()

    assert state_of(letter) == State.REFUSED
    assert letter.error == answer
    assert letter.ended_at == timezone.now()
    clock.shift(dt.timedelta(days=1))
    assert work() == 0


def test_one_refused_address_keeps_no_other_from_its_letter(server: MailServer) -> None:
    server.on_rcpt = lambda address: "550 No" if address.startswith("b@") else None
    message = EmailMessage("Objet", "Bonjour", None, ["a@example.org", "b@example.org"])
    message.bcc, message.cc = ["c@example.org"], ["a@example.org"]
    message.send()

    work()

    states = dict(OutgoingEmail.objects.values_list("address", "state"))
    assert states == {
        "a@example.org": State.SENT,
        "b@example.org": State.REFUSED,
        "c@example.org": State.SENT,
    }
    assert sorted(each["To"] for each in server.messages) == ["a@example.org", "c@example.org"]


def test_a_server_that_hangs_holds_one_letter_for_one_timeout(
    server: MailServer, settings: Any
) -> None:
    server.hangs = True
    first, second = write(), write()

    assert work() == 1

    assert (state_of(first), first.attempts) == (State.WAITING, 1)
    assert (state_of(second), second.attempts, second.claimed_by) == (State.WAITING, 0, "")


def test_a_connection_that_drops_before_the_text_is_tried_again(
    server: MailServer, clock: Any
) -> None:
    server.drops = True
    letter = write()
    work()
    assert state_of(letter) == State.WAITING

    server.drops = False
    clock.shift(delay(1))
    work()

    assert len(server.messages) == 1


def test_a_letter_that_may_have_arrived_is_sent_again_under_the_same_message_id(
    server: MailServer, clock: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://pare.example.org"
    server.drops_once_taken = True
    letter = write()
    work()

    server.drops_once_taken = False
    clock.shift(delay(1))
    work()

    assert state_of(letter) == State.SENT
    identifiers = [message["Message-ID"] for message in server.messages]
    assert identifiers == [f"<{letter.uuid.hex}.courrier@pare.example.org>"] * 2


def test_what_a_dead_worker_had_in_hand_is_sent_again(server: MailServer, clock: Any) -> None:
    letters = [write() for _ in range(3)]
    dead = Worker()
    first, *_others = dead.claim()
    assert dead._take(first)
    assert work() == 0, "it may still be alive"

    clock.shift(dt.timedelta(minutes=5, seconds=1))
    assert work() == 3

    assert {state_of(each) for each in letters} == {State.SENT}
    assert dead._take(first) is None, "it is no longer its own"


def test_what_a_clock_that_was_ahead_put_off_is_sent_once_it_is_right(server: MailServer) -> None:
    held, refused = write("a@example.org"), write("b@example.org")
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        worker = Worker()
        worker.claim()
        worker._record(refused, Result(Outcome.RETRY))

    assert work() == 2

    assert {state_of(held), state_of(refused)} == {State.SENT}


def test_a_letter_that_kills_its_workers_is_given_up(clock: Any, settings: Any) -> None:
    settings.OUTBOX_IMMEDIATE = False
    letter = write()
    for _day in range(3):
        worker = Worker()
        for key in worker.claim():
            worker._take(key)
        clock.shift(dt.timedelta(days=1))
        reap_expired_leases()

    assert state_of(letter) == State.FAILED


def test_a_slow_worker_records_what_it_knows(server: MailServer, clock: Any) -> None:
    letter = write()
    slow = Worker()
    (key,) = slow.claim()
    row = slow._take(key)
    assert row
    result = slow._hand_over(row)
    clock.shift(dt.timedelta(minutes=6))
    reap_expired_leases()

    slow._record(row, result)

    assert state_of(letter) == State.SENT
    assert work() == 0
    slow.close()


def test_a_letter_that_can_t_be_composed_keeps_no_other_waiting(server: MailServer) -> None:
    bad, good = write(), write()
    OutgoingEmail.objects.filter(pk=bad.pk).update(headers={"X-Bad": "a\nBcc: b@example.org"})

    work()

    assert (state_of(bad), state_of(good)) == (State.REFUSED, State.SENT)
    assert [message["Bcc"] for message in server.messages] == [None]


def test_a_worker_that_stops_gives_up_what_it_claimed(server: MailServer) -> None:
    letters = [write() for _ in range(3)]
    worker = Worker()
    server.on_data = lambda message: worker.stop.set()  # type: ignore[func-returns-value]

    worker.run()

    states = [state_of(each) for each in letters]
    assert states == [State.SENT, State.WAITING, State.WAITING], "after the message in hand"
    assert not OutgoingEmail.objects.exclude(claimed_by="").exists()


def test_the_command_sends_what_waits(server: MailServer, capsys: Any) -> None:
    for _ in range(3):
        write()

    call_command("send_emails", "--once")

    assert len(server.messages) == 3
    assert "Letters tried: 3." in capsys.readouterr().out


def test_letters_of_a_transaction_that_is_taken_back_leave_none(settings: Any) -> None:
    settings.OUTBOX_IMMEDIATE = False
    registration = RegistrationFactory()
    for _ in range(50):
        with transaction.atomic():
            emails.send(registration, emails.EMAILS["confirm"])
            transaction.set_rollback(True)

    assert not OutgoingEmail.objects.exists()


def test_immediate_letters_leave_after_the_commit_and_never_before() -> None:
    with transaction.atomic():
        write("a@example.org")
        assert mail.outbox == []
        with transaction.atomic():
            write("b@example.org")
            transaction.set_rollback(True)

    assert [message.to for message in mail.outbox] == [["a@example.org"]]


def test_an_immediate_letter_that_fails_waits_and_breaks_nothing(settings: Any) -> None:
    use_server(settings, free_port())
    settings.OUTBOX_IMMEDIATE = True

    letter = write()

    assert (state_of(letter), letter.attempts) == (State.WAITING, 1)


def test_nothing_is_left_of_a_letter_that_left_but_what_it_was(server: MailServer) -> None:
    registration = register()
    work()

    letter = OutgoingEmail.objects.get()
    assert letter.state == State.SENT
    assert (letter.kind, letter.thing) == ("events/confirm", registration)
    kept = [letter.subject, letter.text, letter.html, letter.error, letter.claimed_by]
    assert kept == [""] * 5
    assert (letter.headers, letter.attachments) == ({}, [])
    assert letter.address == "zoe@example.org"


def test_control_characters_and_other_languages_survive(server: MailServer) -> None:
    send_mail(
        "Repérer\x00 : « où »",
        "Zoé\x00 \x1b[31mrouge\ud800, مرحبا 👋\tfin\n.\n..deux",
        None,
        ["zoe@example.org"],
        html_message="<p>Zoé\x00</p>",
    )

    work()

    (message,) = server.messages
    assert message["Subject"] == "Repérer : « où »"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert text.replace("\r\n", "\n").rstrip() == "Zoé [31mrouge, مرحبا 👋\tfin\n.\n..deux"
    assert html.strip() == "<p>Zoé</p>"


def test_attachments_survive(server: MailServer) -> None:
    message = EmailMessage("Objet", "Bonjour", None, ["zoe@example.org"], reply_to=["r@ex.org"])
    message.attach("ré\x00union.ics", "BEGIN:VCALENDAR\r\nSUMMARY:Été\r\n", "text/calendar")
    message.attach("attestation.pdf", b"%PDF-1.7\x00\xff", "application/pdf")
    message.send()

    work()

    (received,) = server.messages
    assert received["Reply-To"] == "r@ex.org"
    calendar, pdf = received.iter_attachments()
    assert calendar.get_filename() == "réunion.ics"
    assert "SUMMARY:Été" in calendar.get_content()
    assert (pdf.get_content_type(), pdf.get_content()) == ("application/pdf", b"%PDF-1.7\x00\xff")


def test_a_message_in_html_alone_survives(server: MailServer) -> None:
    message = EmailMessage("Objet", "<p>Bonjour</p>", None, ["zoe@example.org"])
    message.content_subtype = "html"
    message.send()

    work()

    assert server.messages[0].get_body(("html",)).get_content().strip() == "<p>Bonjour</p>"  # type: ignore[union-attr]


def test_a_domain_with_accents_is_written_to(server: MailServer) -> None:
    recipients = []
    server.on_rcpt = recipients.append  # type: ignore[assignment]
    letter = write("zoe@exemplé.fr")

    work()

    assert state_of(letter) == State.SENT
    assert recipients == ["zoe@xn--exempl-gva.fr"]


def test_a_line_break_in_a_header_is_refused_where_it_is_written() -> None:
    with pytest.raises(BadHeaderError):
        send_mail("Objet\nBcc: a@example.org", "", None, ["zoe@example.org"])

    assert not OutgoingEmail.objects.exists()


def test_letters_about_nothing_belong_to_the_account_of_their_reader(
    settings: Any, director: Any
) -> None:
    director.email = "Direction@example.org"
    director.save()
    settings.MANAGERS = [("", "direction@example.org")]
    settings.OUTBOX_IMMEDIATE = False
    mail_managers("Objet", "Bonjour")
    assert OutgoingEmail.objects.get().thing == director

    director.delete()

    assert not OutgoingEmail.objects.exists()


def test_a_reminder_that_is_too_late_is_not_sent(server: MailServer, clock: Any) -> None:
    registration = RegistrationFactory(session=only_session(WebinarPageFactory(days=0.5)))
    emails.send(registration, emails.EMAILS["day_before"])
    clock.shift(dt.timedelta(hours=13))

    work()

    letter = OutgoingEmail.objects.get()
    assert (letter.state, letter.text) == (State.CANCELLED, "")
    assert server.messages == []


def test_cancelling_a_registration_cancels_what_waits_about_it(server: MailServer) -> None:
    registration = register()
    confirm_registration(registration.uuid)
    claimed = Worker()
    keys = claimed.claim()

    cancel_registration(registration.uuid)
    claimed.send(keys)
    work()

    states = list(OutgoingEmail.objects.order_by("pk").values_list("kind", "state"))
    assert states == [
        ("events/confirm", State.CANCELLED),
        ("events/confirmed", State.CANCELLED),
        ("events/cancelled", State.SENT),
    ]
    assert len(server.messages) == 1
    claimed.close()


def test_asking_again_while_the_first_waits_neither_loses_nor_doubles_it(
    server: MailServer, settings: Any, clock: Any
) -> None:
    use_server(settings, free_port())
    registration = register()
    work()
    letter = OutgoingEmail.objects.get()
    assert letter.next_attempt_at > timezone.now()

    for _ in range(3):
        request_registration(
            registration.session_id, RegistrationRequest(email="zoe@example.org", name="Zoé")
        )
    use_server(settings, server.port)
    work()

    assert state_of(letter) == State.SENT
    assert OutgoingEmail.objects.count() == len(server.messages) == 1
    clock.shift(dt.timedelta(minutes=1))
    request_registration(
        registration.session_id, RegistrationRequest(email="zoe@example.org", name="Zoé")
    )
    assert OutgoingEmail.objects.count() == 1, "it has just left"


def test_a_letter_of_ours_has_no_thing_that_stays_when_it_is_deleted() -> None:
    """Each model that a letter may be about deletes its letters with it."""
    registration = RegistrationFactory()
    letter = Letter("Objet", "Bonjour", to=["zoe@example.org"])
    letter.about = registration
    letter.send()
    assert OutgoingEmail.objects.count() == 1

    registration.delete()

    assert not OutgoingEmail.objects.exists()


def test_a_letter_to_all_costs_one_query_for_each_person(
    settings: Any, count_queries: Callable[..., int]
) -> None:
    settings.OUTBOX_IMMEDIATE = False
    session = only_session(WebinarPageFactory())
    RegistrationFactory(session=session)
    emails.notify_session_changed(session.pk)
    one = count_queries(lambda: emails.notify_session_changed(session.pk))
    for number in range(10):
        RegistrationFactory(session=session, email=f"a-{number}@example.org")

    eleven = count_queries(lambda: emails.notify_session_changed(session.pk))

    assert eleven == one + 10


def test_a_subscriber_who_asks_again_while_the_first_waits_gets_one(
    server: MailServer, settings: Any
) -> None:
    use_server(settings, free_port())
    asked = SubscriptionRequest(email="zoe@example.org")
    request_subscription(asked, Consent.Way.FORM)
    work()

    request_subscription(asked, Consent.Way.FORM)
    use_server(settings, server.port)
    work()

    (message,) = server.messages
    assert "/lettre/confirmer/" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
