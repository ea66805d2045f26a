"""Sending: to everyone once, at the rate that is allowed, whatever the server answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from newsletter import audience, sending, subscribing
from newsletter.models import Delivery, Mailing, NewsletterIssuePage, Segment, Subscriber
from newsletter.sending.worker import Worker, delay, reap_expired_leases, slots
from outbox.transport import Outcome, Result, Transport, _of_api_error
from tests.factories.contributions import member
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    SubscriberFactory,
    review,
    section,
    sections,
    validated_issue,
)
from tests.factories.pages import draft_in
from tests.newsletter.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A real server, to which everything is sent."""
    sink = Sink()
    with running(sink) as port:
        settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield sink


def started(count: int = 3, **values: Any) -> Mailing:
    """Return a sending that has begun, to so many people."""
    for _ in range(count):
        SubscriberFactory()
    mailing = sending.schedule(validated_issue(**values), member("Direction"))
    assert sending.start(mailing)
    return Mailing.objects.get()


def in_english(page: NewsletterIssuePage) -> NewsletterIssuePage:
    """Return a draft of the issue in English, whose texts are still the French ones."""
    copy: NewsletterIssuePage = draft_in("en", page, subject="In English")
    copy.save_revision(user=member("Relecture"))
    return copy


def reached(mailing: Mailing) -> set[str]:
    return set(mailing.deliveries.values_list("subscriber__language", flat=True))


def states(mailing: Mailing) -> dict[str, int]:
    return {state: count for state, count in mailing.counts().items() if count}


def test_an_issue_goes_to_those_who_receive_and_to_nobody_else(sink: Sink) -> None:
    here = [SubscriberFactory() for _ in range(3)]
    for state in (Subscriber.State.PENDING, Subscriber.State.UNSUBSCRIBED, "bounced", "paused"):
        SubscriberFactory(state=state)
    page = validated_issue(number=5)
    sending.schedule(page, member("Direction"))

    tried = Worker().run(once=True)

    assert tried == 3
    assert {message["To"] for message in sink.messages} == {each.email for each in here}
    mailing = Mailing.objects.get()
    assert (mailing.state, states(mailing)) == (Mailing.State.SENT, {State.SENT: 3})
    assert mailing.finished_at is not None
    page.refresh_from_db()
    assert page.live, "the archive is online once the sending has begun"


def test_a_message_has_what_mailboxes_ask_for(sink: Sink, settings: Any) -> None:
    settings.PUBLIC_URL = "https://pare.example.org"
    subscriber = SubscriberFactory(email="camille@example.org")
    sending.schedule(validated_issue(subject="Écouter, orienter"), member("Direction"))

    Worker().run(once=True)

    (message,) = sink.messages
    delivery = Delivery.objects.get()
    assert message["Message-ID"] == f"<{delivery.uuid.hex}.lettre@pare.example.org>"
    assert message["List-Id"] == "Lettre du Projet PARE <lettre.pare.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    leave = "".join(message["List-Unsubscribe"].split()).strip("<>")
    assert leave.startswith("https://pare.example.org/lettre/desabonnement/")
    from django.test import Client

    path = leave.removeprefix("https://pare.example.org")
    answer = Client().post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    subscriber.refresh_from_db()
    assert subscriber.state == Subscriber.State.UNSUBSCRIBED
    text, html = message.get_payload()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    data = html.get_payload(decode=True).decode()
    assert "/lettre/desabonnement/" in data
    assert "/lettre/mes-choix/" in data
    assert "mark.invalid" not in data


def test_a_line_that_starts_with_a_dot_arrives_whole(sink: Sink) -> None:
    mailing = started(1)
    Mailing.objects.filter(pk=mailing.pk).update(text="Un\n.deux\n..trois\n.\nfin\n")

    Worker().run(once=True)

    (message,) = sink.messages
    text = message.get_payload()[0].get_payload(decode=True).decode()
    assert text.replace("\r\n", "\n").rstrip("\n") == "Un\n.deux\n..trois\n.\nfin"


def test_what_is_not_ready_is_refused_with_every_reason() -> None:
    page = NewsletterIssuePageFactory(subject="", draft=True)
    page.save_revision()

    with pytest.raises(ValidationError) as refused:
        sending.schedule(NewsletterIssuePage.objects.get(), None)

    data = " ".join(refused.value.messages)
    assert "validé par deux personnes" in data
    assert "objet" in data
    assert not Mailing.objects.exists()


def test_an_issue_is_sent_once_at_a_time_and_to_nobody_twice(sink: Sink) -> None:
    mailing = started(2)
    with pytest.raises(ValidationError):
        sending.schedule(mailing.page, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.create(page=mailing.page)
    Worker().run(once=True)

    with pytest.raises(ValidationError, match="déjà reçu"):
        sending.schedule(mailing.page, None)
    late = SubscriberFactory()
    sending.schedule(mailing.page, None)
    Worker().run(once=True)

    assert [message["To"] for message in sink.messages].count(late.email) == 1
    assert len(sink.messages) == 3


def test_starting_twice_is_starting_once() -> None:
    SubscriberFactory()
    mailing = sending.schedule(validated_issue(), None)
    same = Mailing.objects.get()

    assert [sending.start(mailing), sending.start(same)] == [True, False]
    assert Delivery.objects.count() == 1


def test_a_snapshot_of_many_takes_few_queries(count_queries: Callable[..., int]) -> None:
    Subscriber.objects.bulk_create(
        Subscriber(email=f"a-{n}@example.org", state="active") for n in range(4500)
    )
    mailing = sending.schedule(validated_issue(), None)

    queries = count_queries(lambda: sending.start(mailing))

    assert Delivery.objects.count() == 4500
    # SQLite takes fewer values in one statement.
    assert queries < 160 if connection.vendor == "postgresql" else queries < 400


def test_a_scheduled_issue_waits_for_its_time(sink: Sink) -> None:
    SubscriberFactory()
    with time_machine.travel(timezone.now(), tick=False) as now:
        at = timezone.now() + dt.timedelta(hours=2)
        sending.schedule(validated_issue(), None, at)
        assert Worker().run(once=True) == 0
        now.shift(dt.timedelta(hours=2))
        assert Worker().run(once=True) == 1


def test_what_changed_since_it_was_planned_is_not_sent_and_shows_why(sink: Sink) -> None:
    SubscriberFactory()
    page = validated_issue()
    mailing = sending.schedule(page, None)
    page.subject = "Tout autre chose"
    page.save_revision(user=member("Direction"))

    Worker().run(once=True)

    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SCHEDULED
    assert "validé par deux personnes" in mailing.problem
    assert sink.messages == []
    page.refresh_from_db()
    assert not page.live


def test_a_segment_narrows_and_those_without_choice_want_everything() -> None:
    from core.models import StructureType, Territory, Theme

    fugue, soin = (Theme.objects.get(slug=slug) for slug in ("fugue", "soin"))
    ours = SubscriberFactory(
        department=Territory.objects.get(code="59"),
        structure_type=StructureType.objects.get(slug="association"),
    )
    ours.themes.add(fugue)
    other = SubscriberFactory(department=Territory.objects.get(code="13"))
    other.themes.add(soin)
    anything = SubscriberFactory()
    segment = Segment.objects.create(name="Fugue")
    segment.themes.add(fugue)

    assert set(segment.subscribers()) == {ours, anything}
    segment.departments.add(Territory.objects.get(code="59"))
    assert set(segment.subscribers()) == {ours}
    segment.structure_types.add(StructureType.objects.get(slug="ase"))
    assert not segment.subscribers().exists()


def test_cancelling_leaves_the_rest_unsent(sink: Sink) -> None:
    mailing = started(4)
    worker = Worker()
    batch = worker.claim(mailing)
    from newsletter.rendering import RenderedIssue

    rendered = RenderedIssue(mailing.subject, mailing.html, mailing.text)
    worker.deliver(mailing, rendered, batch[0])

    assert sending.cancel(mailing)
    for key in batch[1:]:
        assert worker.deliver(mailing, rendered, key) == 0
    worker.release_claims()
    worker.transport.close()
    Worker().run(once=True)

    assert len(sink.messages) == 1
    assert states(mailing) == {State.SENT: 1, State.PENDING: 3}
    assert not sending.cancel(mailing)


def test_those_who_leave_after_the_snapshot_get_nothing(sink: Sink) -> None:
    mailing = started(2)
    gone = Subscriber.objects.first()
    assert gone
    subscribing.unsubscribe(gone, "page")

    Worker().run(once=True)

    assert gone.email not in {message["To"] for message in sink.messages}
    assert states(mailing) == {State.SENT: 1, State.SKIPPED: 1}


def test_an_address_that_does_not_exist_is_not_written_to_again(sink: Sink) -> None:
    mailing = started(2)
    lost = Subscriber.objects.get(pk=Delivery.objects.order_by("pk").values("subscriber")[0:1])
    sink.on_rcpt = lambda address: "550 5.1.1 No such user" if address == lost.email else None

    Worker().run(once=True)

    lost.refresh_from_db()
    assert lost.state == Subscriber.State.BOUNCED
    assert states(mailing) == {State.SENT: 1, State.BOUNCED: 1}
    assert "5.1.1" in Delivery.objects.get(subscriber=lost).error


def test_a_temporary_refusal_is_tried_again_later_and_later(sink: Sink, settings: Any) -> None:
    mailing = started(1)
    sink.on_rcpt = lambda address: "451 4.7.1 Greylisted"
    with time_machine.travel(timezone.now(), tick=False) as now:
        for number in range(1, 8):
            assert Worker().run(once=True) == 1
            delivery = Delivery.objects.get()
            assert (delivery.state, delivery.attempts) == (State.PENDING, number)
            assert Worker().run(once=True) == 0, "not before its time"
            now.shift(delay(number))
        assert Worker().run(once=True) == 1

    assert states(mailing) == {State.FAILED: 1}
    assert "Greylisted" in Delivery.objects.get().error
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT
    waits = [delay(number) for number in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[-1] == dt.timedelta(hours=12)


def test_a_refusal_of_the_text_is_no_bounce(sink: Sink) -> None:
    mailing = started(1)
    sink.on_data = lambda message: "554 5.7.1 Looks like spam"

    Worker().run(once=True)

    assert states(mailing) == {State.FAILED: 1}
    assert Subscriber.objects.get().state == Subscriber.State.ACTIVE


def test_one_connection_carries_many_messages(sink: Sink) -> None:
    started(30)
    before = sink.connections

    Worker().run(once=True)

    assert len(sink.messages) == 30
    assert sink.connections == before + 1


def test_no_server_forgets_nobody(settings: Any) -> None:
    settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mailing = started(2)

    Worker().run(once=True)

    assert states(mailing) == {State.PENDING: 2}
    assert mailing.state == Mailing.State.SENDING


def test_the_rate_holds_over_all_workers() -> None:
    mailing = started(1)
    mailing.rate_per_minute = 120
    mailing.save()
    with time_machine.travel(timezone.now(), tick=False):
        now = timezone.now()
        first, second = list(slots(mailing, 3)), list(slots(mailing, 2))

    seconds = [(moment - now).total_seconds() for moment in (*first, *second)]
    assert seconds == [0, 0.5, 1, 1.5, 2]


def test_what_a_dead_worker_left_is_uncertain_or_goes_back(sink: Sink) -> None:
    mailing = started(3)
    worker = Worker()
    batch = worker.claim(mailing)
    assert worker._mark_in_flight(mailing, batch[0])
    assert reap_expired_leases() == 0, "it may still be alive"

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        Worker().run(once=True)

    assert states(mailing) == {State.UNCERTAIN: 1, State.SENT: 2}
    assert Delivery.objects.get(pk=batch[0]).state == State.UNCERTAIN
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENT


def test_what_a_clock_that_was_ahead_put_off_is_done_once_it_is_right(sink: Sink) -> None:
    mailing = started(4)
    Mailing.objects.update(rate_per_minute=6000)
    mailing.refresh_from_db()
    with time_machine.travel(timezone.now() + dt.timedelta(days=30)):
        worker = Worker()
        flying, _held, refused, _waiting = worker.claim(mailing)
        worker._mark_in_flight(mailing, flying)
        worker._mark_in_flight(mailing, refused)
        worker._record_result(Delivery.objects.get(pk=refused), Result(Outcome.RETRY))
        list(slots(mailing, 2))

    Worker().run(once=True)

    assert states(mailing) == {State.UNCERTAIN: 1, State.SENT: 3}


def test_a_slow_worker_that_was_given_up_sends_nothing_more_and_records_what_it_knows() -> None:
    mailing = started(2)
    worker = Worker()
    first, second = worker.claim(mailing)
    worker._mark_in_flight(mailing, first)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6)):
        reap_expired_leases()

    worker._record_result(Delivery.objects.get(pk=first), Result(Outcome.SENT))

    assert Delivery.objects.get(pk=first).state == State.SENT
    assert not worker._mark_in_flight(mailing, second), "it is no longer its own"


@pytest.mark.parametrize("again", [True, False])
def test_the_team_settles_what_is_uncertain(sink: Sink, again: bool) -> None:
    mailing = started(2)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk").values("pk")[:1]).update(
        state=State.UNCERTAIN
    )
    Worker().run(once=True)

    settle = sending.send_again if again else sending.count_as_sent
    assert settle(mailing.deliveries.all()) == 1
    Worker().run(once=True)

    mailing.refresh_from_db()
    assert (mailing.state, states(mailing)) == (Mailing.State.SENT, {State.SENT: 2})
    assert len(sink.messages) == (2 if again else 1)


def test_every_backend_of_django_carries_it() -> None:
    mailing = started(2)

    Worker().run(once=True)

    assert states(mailing) == {State.SENT: 2}
    assert len(mail.outbox) >= 2


class _ApiError(Exception):
    def __init__(self, status: int | None) -> None:
        self.status_code = status


@pytest.mark.parametrize(
    "status, outcome",
    [
        (429, Outcome.RETRY),
        (400, Outcome.REFUSED),
        (503, Outcome.UNCERTAIN),
        (None, Outcome.UNCERTAIN),
    ],
)
def test_what_a_providers_error_means(status: int | None, outcome: Outcome) -> None:
    assert _of_api_error(_ApiError(status)).outcome == outcome


def test_workers_share_without_waiting_for_each_other() -> None:
    mailing = started(5)
    one, other = Worker(), Worker()

    taken, rest = one.claim(mailing), other.claim(mailing)

    assert len(taken) == 5
    assert rest == []
    one.release_claims()
    assert len(other.claim(mailing)) == 5


def test_a_transport_that_sent_nothing_closes() -> None:
    Transport().close()


def test_a_new_section_needs_a_new_review(sink: Sink) -> None:
    SubscriberFactory()
    page = validated_issue()
    page.sections = sections(section("Ajoutée", text="<p>Après coup.</p>"))
    page.save_revision(user=member("Relecture"))

    with pytest.raises(ValidationError, match="relu"):
        sending.schedule(page, None)


def test_each_gets_the_issue_in_their_language_and_french_where_there_is_no_other(
    client: Client,
) -> None:
    for language in ("fr", "en", "ar"):
        SubscriberFactory(language=language)
    french = validated_issue()
    english = review(in_english(french))
    director = member("Direction")

    assert audience.languages_with_own_issue(french) == ["en"]
    client.force_login(director)
    for page, data in (
        (french, "2 personnes le recevront. Qui lit la lettre en anglais reçoit sa traduction."),
        (english, "1 personne le recevra. Il va à qui lit la lettre en anglais."),
    ):
        shown = client.get(reverse("newsletter_sending:issue", args=[page.pk])).content.decode()
        assert data in " ".join(shown.split())
    mailings = [sending.schedule(page, director) for page in (french, english)]
    assert all(map(sending.start, mailings))

    assert [reached(mailing) for mailing in mailings] == [{"fr", "ar"}, {"en"}]
    mailings[1].refresh_from_db()
    assert mailings[1].subject == "In English"
    assert '<html lang="en"' in mailings[1].html


def test_who_got_an_issue_in_french_does_not_get_its_late_translation() -> None:
    for language in ("fr", "en"):
        SubscriberFactory(language=language)
    french = validated_issue()
    english = in_english(french)
    director = member("Direction")

    mailing = sending.schedule(french, director)
    assert sending.start(mailing)
    assert reached(mailing) == {"fr", "en"}
    late = review(english)
    with pytest.raises(ValidationError, match="déjà reçu"):
        sending.schedule(late, director)
    SubscriberFactory(language="en")
    assert audience.remaining_recipients(late).count() == 1
    assert not audience.remaining_recipients(french).exists()
