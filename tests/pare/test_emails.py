"""Every e-mail to one person or to the team, as it is received, in each language.

The issue of the newsletter, which is sent in bulk, is tested with the newsletter.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from contributions.emails import EMAILS, send_contribution_email
from contributions.models import Contribution, ContributionState
from core.mail import RenderedEmail, render_email, send_email
from events import emails as event_emails
from events import tasks as event_tasks
from events.models import EventDocument, Registration, Session
from network import emails as network_emails
from newsletter import emails as newsletter_emails
from newsletter.models import Subscriber
from review.addresses import edit_path
from review.reminders import send_reminders
from tests.factories import DocumentFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.network import StructureFactory
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.core.mail import EmailMultiAlternatives
    from pytest_django.fixtures import SettingsWrapper

    from tests.snapshots import Snapshots

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

LANGUAGES = ["fr", "en", "ar"]
NOW = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC)
KEY = 987654
MESSAGE = "Un mot <b>\nsur deux lignes : « oui » ?\n\nVoir https://exemple.org/page?a=1&b=2."
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
BLOCK = re.compile(r"(?=<(?:body|div|p|h1|a|title)\b)")
TIME_ZONE = re.compile(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", re.DOTALL)
DOCUMENT = re.compile(r"/documents/\d+/[^\"' <]+")


@pytest.fixture(autouse=True)
def _context_that_a_row_could_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each e-mail rendered from what JSON kept of its context."""

    def render(template: str, context: Any, language: str) -> RenderedEmail:
        return render_email(template, json.loads(json.dumps(context)), language)

    monkeypatch.setattr("core.mail.render_email", render)


@pytest.fixture(autouse=True)
def _one_moment(settings: SettingsWrapper) -> Iterator[None]:
    """Have tokens, which hold a time and are signed, be the same each time."""
    settings.SECRET_KEY = "a secret of this test"
    with time_machine.travel(NOW, tick=False):
        yield


def received(call: Callable[[], object]) -> list[dict[str, Any]]:
    """Return the e-mails that a call sends, as their readers get them but for the looks."""
    mail.outbox.clear()
    call()
    return [as_data(message) for message in mail.outbox]  # type: ignore[arg-type]


def as_data(message: EmailMultiAlternatives) -> dict[str, Any]:
    found: dict[str, Any] = {
        "subject": message.subject,
        "from": message.from_email,
        "to": message.to,
        "bcc": message.bcc,
        # The rest of it is the sender's and differs each time.
        "headers": {k: v for k, v in message.extra_headers.items() if k != "Message-ID"},
        "text": DOCUMENT.sub("/documents/<file>", str(message.body)).split("\n"),
    }
    assert not message.cc
    assert not message.reply_to
    for content, kind in getattr(message, "alternatives", []):
        found[str(kind)] = html_lines(str(content))
    for attachment in message.attachments:
        name, content, kind = tuple(attachment)  # type: ignore[arg-type]
        found[f"{name} ({kind})"] = TIME_ZONE.sub("", str(content)).split("\r\n")
    return found


def html_lines(html: str) -> list[str]:
    """Return HTML in lines, without its style sheet and the spaces that nobody sees."""
    seen = STYLE.sub("", DOCUMENT.sub("/documents/<file>", html))
    one_line = re.sub(r"\s*\n\s*|[ \t]+", " ", seen).replace("> ", ">").replace(" <", "<")
    return [line for part in BLOCK.split(one_line) if (line := part.strip(" "))]


def registration(**values: Any) -> Registration:
    documents = [EventDocument(document=DocumentFactory(title="Le diaporama"))]
    page = WebinarPageFactory(
        title="Repérer : « où, quand » ? & qui",
        slug="reperer",
        documents=documents,
        replay_url="https://video.example.org/rediffusion",
    )
    session = only_session(page)
    Session.objects.filter(pk=session.pk).update(uuid=UUID(int=1), changed_at=NOW, sequence=3)
    return RegistrationFactory(
        session=only_session(page),
        uuid=UUID(int=2),
        name="Zoé <Ünal>",
        email="zoe@example.org",
        **values,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_who_register(language: str, snapshots: Snapshots) -> None:
    someone = registration(language=language)
    calls: dict[str, Callable[[], object]] = {
        name: lambda name=name: event_tasks.send_letter.func(someone.pk, name)  # type: ignore[misc]
        for name in event_emails.EMAILS
    }
    calls |= {
        "session cancelled": lambda: event_emails.notify_session_cancelled(
            someone.session_id, "Grève : reportée ?"
        ),
        "session cancelled, no reason": lambda: event_emails.notify_session_cancelled(
            someone.session_id, ""
        ),
        "message": lambda: event_emails.send_organiser_message(
            someone.session_id, "Un objet : « ici »\nBcc: x", MESSAGE, [someone.state]
        ),
        "changed, to everyone": lambda: event_emails.notify_session_changed(someone.session_id),
        "confirmed, from a request": lambda: event_tasks.send_letter.func(
            someone.pk, "confirmed", "https://pare.example.org"
        ),
    }
    found = {name: received(call) for name, call in calls.items()}
    assert all(len(messages) == 1 for messages in found.values())

    Registration.objects.update(has_attended=True)
    Session.objects.update(join_url="")
    for name in ("follow_up", "confirmed", "day_before"):
        found[f"{name}, who came, no link"] = received(
            lambda name=name: event_tasks.send_letter.func(someone.pk, name)  # type: ignore[misc]
        )
    Registration.objects.update(state=Registration.State.WAITING)
    for name in ("already", "waiting"):
        found[f"{name}, who waits"] = received(
            lambda name=name: event_tasks.send_letter.func(someone.pk, name)  # type: ignore[misc]
        )
    found["session cancelled, who waits"] = received(calls["session cancelled"])

    snapshots.check(f"emails_events_{language}", found, normalise=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_who_subscribe(language: str, snapshots: Snapshots) -> None:
    subscriber: Subscriber = SubscriberFactory(
        uuid=UUID(int=3), email="abonnee@example.org", language=language
    )

    found = {
        name: received(lambda send=send: send(subscriber))  # type: ignore[misc]
        for name, send in {each.name: each.send for each in newsletter_emails.EMAILS}.items()
    }

    snapshots.check(f"emails_newsletter_{language}", found, normalise=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_who_contribute_and_the_team(language: str, snapshots: Snapshots) -> None:
    director = member("Direction", email="direction@example.org")
    contribution: Contribution = ContributionFactory(
        pk=KEY,
        title="Un titre : « ici » & là <i>",
        email="partenaire@example.org",
        language=language,
        address_known_at=NOW,
    )
    found = {
        name: received(lambda name=name: send_contribution_email(contribution, name, MESSAGE))  # type: ignore[misc]
        for name in EMAILS
    }
    for name in ("accepted", "team_amended"):
        found[f"{name}, without a message"] = received(
            lambda name=name: send_contribution_email(contribution, name)  # type: ignore[misc]
        )
    contribution.address_known_at = None
    found["received, from who confirmed nothing"] = received(
        lambda: send_contribution_email(contribution, "received")
    )
    page = WebinarPageFactory(title="Une page", slug="une-page")
    page.go_live_at = NOW + dt.timedelta(days=3)
    page.save(update_fields=["go_live_at"])
    Contribution.objects.filter(pk=KEY).update(
        draft_type=page.cached_content_type, draft_id=str(page.pk), structure_name=""
    )
    contribution = Contribution.objects.get(pk=KEY)
    for name in ("scheduled", "published", "team_received"):
        found[f"{name}, with its page"] = received(
            lambda name=name: send_contribution_email(contribution, name)  # type: ignore[misc]
        )

    assert director.email in str(found["team_received"])
    snapshots.check(f"emails_contributions_{language}", found, normalise=False)


def test_those_who_review(snapshots: Snapshots) -> None:
    """The team reads French."""
    member("Direction", email="direction@example.org")
    ContributionFactory(pk=KEY, title="À lire : « vite » & bien", state=ContributionState.RECEIVED)
    page = StructureFactory(pk=KEY, name="L'Abri : « chez nous » & Cie <i>")
    content = {
        "title": page.name,
        "kind": "Structure",
        "edit_url": f"http://localhost:8000{edit_path(type(page), page.pk)}",
        "step": "Validation",
        "requested_by": "Zoé Ünal",
        "comment": MESSAGE,
    }
    voided = {"editor": "Sam Dupuis", "voided": ["« Relecture éditoriale » (Ana Lopez)"]}
    approvals = [
        {"step": "Relecture éditoriale", "name": "Ana Lopez", "comment": ""},
        {"step": "Validation", "name": "Sam Dupuis", "comment": MESSAGE},
    ]
    contexts: dict[str, dict[str, Any]] = {
        "step": content,
        "step, sent by nobody": {**content, "requested_by": "", "comment": ""},
        "restarted": {**content, **voided},
        "restarted, by nobody": {**content, **voided, "editor": ""},
        "blocked": {**content, "reason": "Plus personne ne peut approuver cette étape."},
        "approved": {**content, "approvals": approvals, "is_live": True},
        "approved, not live": {**content, "approvals": approvals, "is_live": False},
        "rejected": {**content, "reviewer": "Sam Dupuis"},
    }

    found = {
        name: received(
            lambda name=name, context=context: send_email(  # type: ignore[misc]
                f"review/{name.partition(',')[0]}", "equipe@example.org", context, "fr"
            )
        )
        for name, context in contexts.items()
    }
    found["reminder"] = received(lambda: send_reminders(NOW + dt.timedelta(days=20)))

    assert all(len(messages) == 1 for messages in found.values())
    snapshots.check("emails_review_fr", found, normalise=False)


def test_who_tries_the_e_mail(snapshots: Snapshots) -> None:
    director = member("Direction", email="direction@example.org")
    client = Client()
    client.force_login(director)

    found = {"trial": received(lambda: client.post(reverse("home_try_email")))}

    snapshots.check("emails_home_fr", found, normalise=False)


def test_who_has_an_account(snapshots: Snapshots) -> None:
    """The team reads French."""
    account = {"username": "relectrice", "base_url": "http://localhost:8000"}
    contexts: dict[str, dict[str, Any]] = {
        "invitation": {
            "first_name": "Zoé <i>",
            "username": "zoe@example.org",
            "by": "L'équipe & Cie",
            "url": "http://localhost:8000/admin/connexion/invitation/jeton/",
            "until": "8 décembre 2026",
        },
        "second_factor_added": {**account, "is_new": True},
        "second_factor_added, in the place of another": {**account, "is_new": False},
        "second_factor_reset": {**account, "by": "Ana Lopez"},
        "second_factor_reset, at the server": {**account, "by": ""},
        "codes_refused": account,
    }

    found = {
        name: received(
            lambda name=name, context=context: send_email(  # type: ignore[misc]
                f"accounts/{name.partition(',')[0]}", "une@example.org", context, "fr"
            )
        )
        for name, context in contexts.items()
    }

    assert all(len(messages) == 1 for messages in found.values())
    snapshots.check("emails_accounts_fr", found, normalise=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_structures_and_the_team(language: str, snapshots: Snapshots) -> None:
    member("Direction", email="direction@example.org")
    member("Coordination", email="coordination@example.org")
    structure = StructureFactory(
        pk=KEY,
        name="L'Abri : « chez nous » & Cie <i>",
        email="structure@example.org",
        verified_on=dt.date(2025, 3, 1),
    )
    structure.locale.language_code = language

    def correct(message: str) -> list[dict[str, Any]]:
        # In the language of the page on which the structure wrote.
        with override(language):
            return received(lambda: network_emails.notify_team(structure, message))

    found = {
        "reminder": received(lambda: network_emails.send_reminder(structure)),
        "correction": correct(""),
        "correction with a message": correct(MESSAGE),
    }

    snapshots.check(f"emails_network_{language}", found, normalise=False)
