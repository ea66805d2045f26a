"""The team sees which letters do not leave, why, and has them tried again."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.admin.dashboard import blocks_for
from outbox.labels import kind_choices, label_of
from outbox.models import OutgoingEmail
from outbox.reasons import explain
from outbox.worker import Worker
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.network import StructureFactory
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.admin.dashboard import Block
    from core.models import User
    from tests.mail_server import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

State = OutgoingEmail.State
TEMPLATES = Path(django_settings.SITE_DIR) / "templates" / "emails"
NO_SUCH_USER = "550 5.1.1 <zoe@example.org>: Recipient address rejected: User unknown"


@pytest.fixture(autouse=True)
def _waiting(server: MailServer) -> None:
    """Have letters wait for a worker."""


@pytest.fixture
def coordination(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


def letter(state: str = State.WAITING, **values: Any) -> OutgoingEmail:
    send_mail("Objet", "Bonjour", None, ["zoe@example.org"])
    written = OutgoingEmail.objects.latest("pk")
    for name, value in {"state": state, **values}.items():
        setattr(written, name, value)
    written.save()
    return written


def shown(client: Client, **query: Any) -> str:
    response = client.get(reverse("outbox:index"), query)
    assert response.status_code == 200
    html = response.content.decode()
    text = unescape(re.sub(r"<[^>]+>", " ", html)).translate({0xA0: " ", 0x202F: " "})
    return " ".join(text.split())


def bulk(client: Client, action: str, *letters: OutgoingEmail, **data: Any) -> Any:
    address = reverse("wagtail_bulk_action", args=["outbox", "outgoingemail", action])
    query = [*(("id", each.pk) for each in letters), ("next", reverse("outbox:index"))]
    return client.post(f"{address}?{urlencode(query)}", data, follow=True)


def stuck(user: User) -> Block | None:
    return next((each for each in blocks_for(user) if each.name == "stuck-emails"), None)


def test_each_letter_has_a_name() -> None:
    """Each template, but that of the e-mail that tries the server."""
    texts = {path: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*/*.txt")}
    used = set(re.findall(r'"emails/([\w/]+)\.txt"', "".join(texts.values())))
    templates = {f"{path.parent.name}/{path.stem}" for path in texts} - used

    names = dict(kind_choices())
    assert set(names) - {"newsletter/test"} == templates - {"home/trial"}
    assert len(set(names.values())) == len(names)
    assert label_of("") == "Mot de passe, ou autre avis"


@pytest.mark.parametrize(
    "error, reason",
    [
        (NO_SUCH_USER, "l'adresse n'existe pas, ou plus"),
        ("AnymailRecipientsRefused: …", "l'adresse n'existe pas, ou plus"),
        ("552 5.2.2 Mailbox full", "la boîte est pleine"),
        ("452 4.2.2 Over quota", "la boîte est pleine"),
        ("451 4.7.1 Greylisted", "le serveur d'e-mail demande d'attendre"),
        ("554 5.7.1 Spam", "le serveur d'e-mail prend le message, ou le site, pour un indésirable"),
        ("TimeoutError: timed out", "le serveur d'e-mail ne répond pas"),
        (
            "ConnectionRefusedError: [Errno 111] Connection refused",
            "le serveur d'e-mail est injoignable, ou coupe la connexion",
        ),
        (
            "SMTPServerDisconnected: Connection unexpectedly closed",
            "le serveur d'e-mail est injoignable, ou coupe la connexion",
        ),
        ("SMTPAuthenticationError: (535, b'…')", "le serveur d'e-mail refuse notre compte"),
        ("571 No", "le serveur d'e-mail l'a refusé"),
        ("", ""),
    ],
)
def test_the_answer_of_a_server_is_explained(error: str, reason: str) -> None:
    assert explain(error) == reason


def test_the_list_shows_what_happens_to_each(coordination: Client) -> None:
    moment = timezone.now().replace(2027, 3, 1, 9, 0)
    letter(attempts=2, error="451 4.7.1 Greylisted", next_attempt_at=moment)
    # Its worker died while it sent it.
    letter(attempts=1, next_attempt_at=moment + dt.timedelta(days=1))
    letter(State.REFUSED, error=NO_SUCH_USER, ended_at=timezone.now())
    letter(State.FAILED, error="TimeoutError: timed out", ended_at=timezone.now())
    letter(State.SENT, ended_at=timezone.now(), address="", subject="", text="")

    text = shown(coordination)

    assert "E-mails à envoyer" in text
    assert "5 e-mails" in text
    assert "5 e-mails à envoyer" not in text
    assert "À envoyer : 2. Refusés : 1. Abandonnés : 1. Partis : 1." in text
    assert "à envoyer : le serveur d'e-mail demande d'attendre ; nouvel essai le 1er mars" in text
    assert "à envoyer : nouvel essai le 2 mars" in text
    assert "refusé : l'adresse n'existe pas, ou plus" in text
    assert NO_SUCH_USER in text
    assert "abandonné : deux jours d'essais : le serveur d'e-mail ne répond pas" in text
    assert "adresse effacée" in text
    assert "Bonjour" not in text, "its text is for its reader"
    assert text.count("Essayer à nouveau") >= 3


def test_each_leads_to_what_it_is_about(coordination: Client) -> None:
    """Of each model that has letters: there one corrects an address."""
    things = [
        RegistrationFactory(session=only_session(WebinarPageFactory())),
        ContributionFactory(),
        SubscriberFactory(),
        StructureFactory(),
    ]
    assert {type(thing) for thing in things} == {
        model for model in apps.get_models() if hasattr(model, "letters")
    }
    for thing in things:
        letter(thing=thing)

    html = coordination.get(reverse("outbox:index")).content.decode()

    links = re.findall(r'<div class="title-wrapper">\s*<a href="([^"]+)"', html)
    assert len(links) == len(things)
    for link in links:
        assert coordination.get(link).status_code == 200, link


def test_it_is_filtered_and_searched(coordination: Client) -> None:
    letter(State.REFUSED, error=NO_SUCH_USER, kind="events/confirm", address="a@example.org")
    letter(State.SENT, kind="events/cancelled", address="b@example.org")

    for query in ({"state": "refused"}, {"kind": "events/confirm"}, {"q": "a@example"}):
        text = shown(coordination, **query)
        assert "a@example.org" in text, query
        assert "b@example.org" not in text, query
    both = shown(coordination, state=["refused", "sent"])
    assert "a@example.org" in both
    assert "b@example.org" in both


def test_twenty_letters_cost_as_many_queries_as_two(
    coordination: Client, count_queries: Callable[..., int]
) -> None:
    def read() -> int:
        return count_queries(lambda: shown(coordination))

    for _ in range(2):
        letter(State.REFUSED, error=NO_SUCH_USER)
    read()
    two = read()
    for _ in range(18):
        letter(State.REFUSED, error=NO_SUCH_USER)

    assert read() == two


def test_what_was_refused_is_tried_again_and_leaves(
    coordination: Client, server: MailServer
) -> None:
    refused = letter(State.REFUSED, error=NO_SUCH_USER, ended_at=timezone.now(), attempts=1)
    late = letter(attempts=3, next_attempt_at=timezone.now() + dt.timedelta(minutes=50))
    gone = letter(State.SENT)

    answer = bulk(coordination, "send_again", refused, late, gone, confirmed="1")

    text = unescape(answer.content.decode())
    assert "2 e-mails sont essayés à nouveau." in text
    assert "il est déjà parti." in text
    Worker().run(once=True)
    assert len(server.messages) == 2
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {State.SENT}


def test_what_is_given_up_leaves_the_dashboard(coordination: Client, coordinator: User) -> None:
    refused = letter(State.REFUSED, error=NO_SUCH_USER, ended_at=timezone.now())
    block = stuck(coordinator)
    assert block is not None
    (line,) = block.lines
    assert line.detail == "l'adresse n'existe pas, ou plus"
    assert "zoe@example.org" in shown(coordination, **{"q": "zoe", "state": "refused"})
    assert coordination.get(line.url).status_code == 200

    bulk(coordination, "dismiss", refused, confirmed="1")

    assert stuck(coordinator) is None
    refused.refresh_from_db()
    assert (refused.state, refused.text) == (State.CANCELLED, "")


def test_the_dashboard_has_what_waits_for_an_hour(coordinator: User) -> None:
    letter()
    assert stuck(coordinator) is None

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=61)):
        block = stuck(coordinator)

    assert block is not None
    (line,) = block.lines
    assert line.detail == "aucun essai : prévenez qui tient le serveur"


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
def test_others_see_no_letter_and_act_on_none(client: Client, group: str) -> None:
    refused = letter(State.REFUSED, error=NO_SUCH_USER)
    user = member(group)
    client.force_login(user)

    assert stuck(user) is None
    assert client.get(reverse("outbox:index")).status_code in {302, 403}
    bulk(client, "dismiss", refused, confirmed="1")
    refused.refresh_from_db()
    assert refused.state == State.REFUSED
