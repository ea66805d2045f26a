"""What comes back, from a mailbox and from a provider's webhook."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client

from newsletter import sending
from newsletter.bounces import take_messages
from newsletter.models import Delivery, Subscriber
from newsletter.sending.worker import Worker
from tests.factories.newsletter import SubscriberFactory, validated_issue

if TYPE_CHECKING:
    from pathlib import Path

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

State = Delivery.State

DSN = """\
From: MAILER-DAEMON@mx.example.org
To: retours@pare.example.org
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you...

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; camille@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 No such user

--b
Content-Type: text/rfc822-headers

From: lettre@pare.example.org
Message-ID: <{uuid}.lettre@pare.example.org>

--b--
"""

ARF = """\
From: feedback@provider.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

Somebody calls this spam.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1

--b
Content-Type: message/rfc822

From: lettre@pare.example.org
Message-ID: <{uuid}.lettre@pare.example.org>
Subject: La lettre

Bonjour
--b--
"""


@pytest.fixture
def delivery(db: None) -> Delivery:
    SubscriberFactory(email="camille@example.org")
    sending.schedule(validated_issue(), None)
    Worker().run(once=True)
    return Delivery.objects.get()


def dsn(delivery: Delivery, action: str = "failed", status: str = "5.1.1") -> bytes:
    return DSN.format(uuid=delivery.uuid.hex, action=action, status=status).encode()


def test_a_bounce_for_good_ends_the_subscription_once(delivery: Delivery) -> None:
    counts = take_messages([dsn(delivery), dsn(delivery)])

    assert counts == {"bounce": 2}
    delivery.refresh_from_db()
    assert (delivery.state, delivery.subscriber.state) == (State.BOUNCED, "bounced")
    assert "No such user" in delivery.error


def test_a_full_mailbox_is_given_up_only_after_a_while(delivery: Delivery) -> None:
    take_messages([dsn(delivery, status="4.2.2")])
    subscriber = Subscriber.objects.get()
    assert (subscriber.state, subscriber.soft_bounces) == ("active", 1)

    for _ in range(4):
        Delivery.objects.update(state=State.SENT)
        take_messages([dsn(delivery, status="4.2.2")])

    subscriber.refresh_from_db()
    assert subscriber.state == "bounced"


def test_a_delay_is_no_bounce(delivery: Delivery) -> None:
    assert take_messages([dsn(delivery, action="delayed", status="4.4.1")]) == {"delayed": 1}
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def test_a_complaint_unsubscribes(delivery: Delivery) -> None:
    assert take_messages([ARF.format(uuid=delivery.uuid.hex).encode()]) == {"complaint": 1}

    delivery.refresh_from_db()
    assert (delivery.state, delivery.subscriber.state) == (State.COMPLAINED, "unsubscribed")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: Bonjour\n\nJe suis absent.",
        b"Content-Type: multipart/report; boundary=b\n\n--b\n",
        DSN.format(uuid="0" * 32, action="failed", status="5.1.1").encode(),
        b"Content-Type: text/plain; charset=inconnu\n\n\xe9",
    ],
)
def test_what_is_no_report_of_ours_is_passed_over(delivery: Delivery, raw: bytes) -> None:
    assert take_messages([raw]) == {"unknown": 1}

    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def test_the_command_reads_files(delivery: Delivery, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "bounce.eml"
    path.write_bytes(dsn(delivery))

    call_command("poll_bounces", str(path))

    assert "bounce: 1" in capsys.readouterr().out
    delivery.refresh_from_db()
    assert delivery.state == State.BOUNCED


WEBHOOK = "/retours/postmark/tracking/"
SECRET = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"pare:secret-of-the-tests").decode()}


def post_event(delivery: Delivery, kind: str, **headers: str) -> int:
    record = {"Bounce": "HardBounce", "SpamComplaint": "SpamComplaint"}[kind]
    payload = {
        "RecordType": kind,
        "Type": record,
        "TypeCode": 1,
        "MessageID": f"{delivery.uuid.hex}.lettre@pare.example.org",
        "Email": "camille@example.org",
        "Description": "The server was unable to deliver your message",
        "BouncedAt": "2026-01-01T00:00:00Z",
    }
    answer = Client().post(WEBHOOK, json.dumps(payload), content_type="application/json", **headers)
    return answer.status_code


@pytest.mark.parametrize(
    "kind, state, subscriber",
    [
        ("Bounce", State.BOUNCED, "bounced"),
        ("SpamComplaint", State.COMPLAINED, "unsubscribed"),
    ],
)
def test_a_provider_reports_bounces_and_complaints(
    delivery: Delivery, kind: str, state: str, subscriber: str
) -> None:
    assert post_event(delivery, kind, **SECRET) == 200

    delivery.refresh_from_db()
    assert (delivery.state, delivery.subscriber.state) == (state, subscriber)


def test_a_stranger_reports_nothing(delivery: Delivery) -> None:
    wrong = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"pare:guess").decode()}
    for headers in ({}, wrong):
        assert post_event(delivery, "Bounce", **headers) == 400

    delivery.refresh_from_db()
    assert delivery.state == State.SENT
