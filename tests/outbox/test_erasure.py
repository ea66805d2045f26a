"""A person who is erased is erased from the letters about them, and gets none any more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.mail import send_mail
from django.core.management import call_command
from django.utils import timezone

from contributions import lifecycle
from contributions.models import Contribution, ContributionState
from contributions.retention import PUBLISHED_KEPT, REFUSED_KEPT
from core.mail import Letter, send_email
from events import emails
from events.models import Registration
from events.registrations import RegistrationRequest, correct_registration
from newsletter import subscribing
from newsletter.emails import CONFIRM
from newsletter.models import Subscriber
from outbox.models import OutgoingEmail
from outbox.retention import ADDRESSES_KEPT, ROWS_KEPT, TEXTS_KEPT
from outbox.worker import Worker
from tests.factories import NewsPageFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db

State = OutgoingEmail.State
ADDRESS = "camille.martin@example.org"
WORDS = "Une phrase très personnelle"


def stored() -> str:
    """Return all that the outbox holds, in one text."""
    return str(list(OutgoingEmail.objects.values()))


def contribution(state: ContributionState) -> Contribution:
    made: Contribution = ContributionFactory(
        email=ADDRESS, state=state, closed_at=timezone.now(), title="Camille Martin"
    )
    lifecycle.notify_partner(made, "message", WORDS)
    return made


@pytest.fixture(autouse=True)
def _waiting(server: MailServer) -> None:
    """Have letters wait for a worker."""


@pytest.mark.parametrize(
    "state, kept, rows",
    [
        (ContributionState.REJECTED, REFUSED_KEPT, 0),
        (ContributionState.PUBLISHED, PUBLISHED_KEPT, 1),
    ],
)
def test_a_purged_contribution_takes_its_letters_with_it(
    server: MailServer, state: ContributionState, kept: dt.timedelta, rows: int
) -> None:
    contribution(state)
    assert WORDS in stored()
    assert ADDRESS in stored()

    with time_machine.travel(timezone.now() + kept + dt.timedelta(days=1)):
        call_command("apply_retention")
        Worker().run(once=True)

    assert OutgoingEmail.objects.count() == rows
    for each in (WORDS, ADDRESS, "Camille"):
        assert each not in stored()
    assert server.messages == []


def test_purged_registrations_take_their_letters_with_them(server: MailServer) -> None:
    registration = RegistrationFactory(
        session=only_session(WebinarPageFactory(days=-366)), email=ADDRESS
    )
    emails.send(registration, lambda mails: mails.message("Objet", WORDS))

    call_command("apply_retention")
    Worker().run(once=True)

    assert not Registration.objects.exists()
    assert not OutgoingEmail.objects.exists()
    assert server.messages == []


def test_a_letter_to_an_address_that_was_wrong_is_not_sent(server: MailServer) -> None:
    registration = RegistrationFactory(session=only_session(WebinarPageFactory()), email=ADDRESS)
    emails.send(registration, emails.EMAILS["confirmed"])

    correct_registration(registration.uuid, RegistrationRequest(email="b@example.org", name="B"))
    Worker().run(once=True)

    # The old address is notified that it is none any more; what was on its way to it is not sent.
    found = {message["To"]: message["Subject"] for message in server.messages}
    assert set(found) == {ADDRESS, "b@example.org"}
    assert "a une autre adresse" in found[ADDRESS]
    assert len(server.messages) == len(found)


def test_an_erased_subscriber_is_erased_from_letters(server: MailServer) -> None:
    subscriber = SubscriberFactory(email=ADDRESS)
    CONFIRM.send(subscriber)
    assert subscribing.export_personal_data(subscriber)["letters"][0]["address"] == ADDRESS

    subscribing.erase(subscriber)
    Worker().run(once=True)

    (letter,) = OutgoingEmail.objects.all()
    assert letter.state == State.CANCELLED
    assert ADDRESS not in stored()
    assert "/lettre/confirmer/" not in stored()
    assert server.messages == []


def test_a_request_to_subscribe_that_is_purged_takes_its_letter_with_it() -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=31)):
        CONFIRM.send(SubscriberFactory(state=Subscriber.State.PENDING))

    call_command("apply_retention")

    assert not OutgoingEmail.objects.exists()


def test_a_deleted_account_takes_its_letters_with_it() -> None:
    user = member("Direction", email=ADDRESS)
    send_email("review/reminder", ADDRESS, {"rows": []}, "fr", about=user)
    send_mail("Mot de passe", "…", None, [ADDRESS])
    assert {letter.thing for letter in OutgoingEmail.objects.all()} == {user}

    user.delete()

    assert not OutgoingEmail.objects.exists()


def test_what_would_stay_without_its_thing_is_refused() -> None:
    letter = Letter("Objet", "Bonjour", to=[ADDRESS])
    letter.about = NewsPageFactory()

    with pytest.raises(TypeError, match="NewsPage"):
        letter.send()


class TestRetention:
    @pytest.fixture(autouse=True)
    def _letters(self, server: MailServer) -> None:
        """One letter in each state."""
        for state in State:
            send_mail(f"Objet {state}", WORDS, None, [ADDRESS])
        for letter, state in zip(OutgoingEmail.objects.order_by("pk"), State, strict=True):
            OutgoingEmail.objects.filter(pk=letter.pk).update(
                state=state,
                error=f"550 <{ADDRESS}>",
                ended_at=None if state in OutgoingEmail.OPEN else timezone.now(),
            )

    def purge(self, after: dt.timedelta) -> dict[str, dict[str, Any]]:
        with time_machine.travel(timezone.now() + after):
            call_command("apply_retention")
            call_command("apply_retention")
        return {row["state"]: row for row in OutgoingEmail.objects.values()}

    def test_nothing_goes_before_its_time(self) -> None:
        before = {row["state"]: row for row in OutgoingEmail.objects.values()}

        assert self.purge(TEXTS_KEPT - dt.timedelta(hours=1)) == before

    def test_texts_go_then_addresses_then_rows(self) -> None:
        ended = {State.SENT, State.REFUSED, State.FAILED, State.CANCELLED}

        rows = self.purge(TEXTS_KEPT + dt.timedelta(hours=1))
        assert {state for state, row in rows.items() if not row["text"]} == ended
        assert all(row["address"] == ADDRESS for row in rows.values())

        rows = self.purge(ADDRESSES_KEPT + dt.timedelta(hours=1))
        assert {state for state, row in rows.items() if ADDRESS not in str(row)} == ended
        assert all(rows[state]["ended_at"] for state in ended)

        rows = self.purge(ROWS_KEPT + dt.timedelta(hours=1))
        assert set(rows) == set(OutgoingEmail.OPEN), "what still waits is kept"
