"""Whatever sends an e-mail sends it through the outbox, and no request opens a connection."""

from __future__ import annotations

import ast
import datetime as dt
import json
import os
import re
import smtplib
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse

from background.registry import periodic_commands, services
from contributions.kinds import ContributionKind
from contributions.models import ContributionState
from contributions.tokens import follow_up_token
from core.web.signed_links import signed_path
from events import tokens as event_tokens
from events.models import Registration
from network.verification import verification_token
from newsletter import tokens as newsletter_tokens
from newsletter.models import Subscriber
from outbox.models import OutgoingEmail
from outbox.worker import Worker
from tests.factories.contributions import ContributionFactory, form_data, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.forms import fields_sent, form_opened_earlier
from tests.factories.network import StructureFactory
from tests.factories.newsletter import SubscriberFactory
from tests.mail_server import free_port, use_server
from tests.pare.test_settings import SOUND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(django_settings.ROOT_DIR)
SENDERS = {"smtplib", "django.core.mail.backends", "anymail"}
NAMES = {"get_connection", "send_messages"}
APPS = ("contributions", "events", "network", "newsletter")
"""Those with public forms."""


def modules() -> Iterator[Path]:
    for folder in ROOT.glob("*/apps.py"):
        yield from folder.parent.rglob("*.py")
    yield from (ROOT / "site" / "pare").rglob("*.py")


def found_in(path: Path) -> set[str]:
    """Return what a module uses to send by another way."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                found |= {node.module or "", *(alias.name for alias in node.names)}
            case ast.Attribute():
                found.add(node.attr)
    return {
        each for each in found if each in NAMES or any(each.startswith(name) for name in SENDERS)
    }


def test_nothing_but_the_outbox_speaks_to_a_mail_server() -> None:
    # The first two are notified of bounces, and send nothing; the third sends errors to operators,
    # beside the request, also when there is no database to write to; the last looks whether the
    # mail server answers.
    others = {
        str(path.relative_to(ROOT)): found
        for path in modules()
        if (found := found_in(path)) and path.parent != ROOT / "outbox"
    }

    assert others == {
        "newsletter/bounces.py": {"anymail.signals"},
        "site/pare/urls.py": {"anymail"},
        "operations/logs.py": {"get_connection"},
        "operations/doctor.py": {"get_connection"},
    }
    assert found_in(ROOT / "outbox" / "transport.py") >= {"smtplib", "get_connection"}


def test_production_writes_to_the_outbox_and_never_sends_at_once() -> None:
    names = ("EMAIL_BACKEND", "OUTBOX_EMAIL_BACKEND", "OUTBOX_IMMEDIATE")
    code = f"import pare.settings.production as s; print(*[getattr(s, n) for n in {names}])"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "site", **SOUND}

    def load(**more: str) -> list[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=environment | more,
        ).stdout.split()

    ours, smtp = "outbox.backends.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"
    provider = "anymail.backends.brevo.EmailBackend"
    assert load() == [ours, smtp, "False"]
    assert load(ANYMAIL_BACKEND=provider, OUTBOX_IMMEDIATE="true") == [ours, provider, "False"]


def test_what_production_runs_sends_letters_and_forgets_them() -> None:
    assert isinstance(services()["letters"](threading.Event()), Worker)
    assert "apply_retention" in {command.name for command in periodic_commands()}
    assert get_commands()["send_emails"] == "outbox"


def contribution_path(name: str) -> str:
    contribution = ContributionFactory(state=ContributionState.CHANGES_REQUESTED)
    return reverse(f"contributions:{name}", args=[follow_up_token(contribution)])


def amendment(path: str) -> tuple[str, dict[str, Any], bool]:
    data = fields_sent(Client().get(path).content.decode())
    return path, data | {"started": form_opened_earlier()}, True


def registration_path(purpose: Any, state: str) -> str:
    session = only_session(WebinarPageFactory())
    return signed_path(purpose, RegistrationFactory(session=session, state=state).uuid)


def subscriber_path(purpose: Any, state: str) -> str:
    subscriber = SubscriberFactory(state=state)
    subscriber.consents.create(way="form")
    return signed_path(purpose, subscriber.uuid)


def structure_token() -> str:
    return verification_token(
        StructureFactory(verified_on=dt.date(2020, 1, 1), email="s@example.org")
    )


def person() -> dict[str, Any]:
    return {"name": "Zoé", "email": "zoe@example.org", "started": form_opened_earlier()}


News = ContributionKind.NEWS
States, Subscribers = Registration.State, Subscriber.State
POSTS: dict[str, Callable[[], tuple[str, dict[str, Any], bool]]] = {
    "contributions:contribute": lambda: (
        reverse("contributions:contribute", args=[News.slug]),
        form_data(News) | {"started": form_opened_earlier()},
        True,
    ),
    "contributions:amend": lambda: amendment(contribution_path("amend")),
    "contributions:follow": lambda: (contribution_path("follow"), {"text": "Bonjour"}, True),
    "contributions:withdraw": lambda: (contribution_path("withdraw"), {}, True),
    "contributions:upload": lambda: (reverse("contributions:upload"), {}, False),
    "events:register": lambda: (
        reverse("events:register", args=[only_session(WebinarPageFactory()).uuid]),
        person() | {"consent": "on", "consent_version": "2026-01"},
        True,
    ),
    "events:confirm": lambda: (registration_path(event_tokens.CONFIRM, States.PENDING), {}, True),
    "events:cancel": lambda: (registration_path(event_tokens.CANCEL, States.CONFIRMED), {}, True),
    "network:confirm": lambda: (reverse("network:confirm", args=[structure_token()]), {}, False),
    "network:correct": lambda: (
        reverse("network:correct", args=[structure_token()]),
        {"name": "Autre", "email": "s@example.org", "message": "Bonjour"},
        True,
    ),
    "newsletter:subscribe": lambda: (
        reverse("newsletter:subscribe"),
        person() | {"consent": "on", "consent_version": "2026-01"},
        True,
    ),
    "newsletter:link": lambda: (
        reverse("newsletter:link"),
        {"email": SubscriberFactory().email},
        True,
    ),
    "newsletter:confirm": lambda: (
        subscriber_path(newsletter_tokens.CONFIRM, Subscribers.PENDING),
        {},
        True,
    ),
    "newsletter:preferences": lambda: (
        subscriber_path(newsletter_tokens.PREFERENCES, Subscribers.ACTIVE),
        {"action": "erase"},
        False,
    ),
    "newsletter:unsubscribe": lambda: (
        subscriber_path(newsletter_tokens.UNSUBSCRIBE, Subscribers.ACTIVE),
        {},
        False,
    ),
    "api:contributions": lambda: (
        "/api/v1/contributions/",
        form_data(News, consent="true") | {"kind": News.value},
        True,
    ),
    "api:registrations": lambda: (
        f"/api/v1/events/{WebinarPageFactory().pk}/registrations/",
        {"name": "Zoé", "email": "zoe@example.org", "consent": True, "consent_version": "2026-01"},
        True,
    ),
    "api:subscriptions": lambda: (
        "/api/v1/newsletter/subscriptions/",
        {"email": "zoe@example.org", "consent": True, "consent_version": "2026-01"},
        True,
    ),
}
"""What is posted to each public form, and whether a letter follows."""


@pytest.fixture
def no_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have letters wait for a worker, and note each connection to a mail server."""
    use_server(settings, free_port())
    opened: list[Any] = []
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda *args, **kwargs: opened.append(args))
    return opened


def public_routes() -> Iterator[tuple[str, str]]:
    """Yield the name of each public address of the apps that have forms, and a path of it."""
    anything = {"int": 1, "str": "x", "slug": "x", "uuid": uuid4()}
    for app in APPS:
        urls = import_module(f"{app}.urls")
        for each in urls.urlpatterns:
            kinds = re.findall(r"<(\w+):\w+>", str(each.pattern))
            name = f"{urls.app_name}:{each.name}"
            yield name, reverse(name, args=[anything[kind] for kind in kinds])


@pytest.mark.django_db
def test_every_address_that_takes_a_form_is_posted_to() -> None:
    client = Client(raise_request_exception=False)
    taking = {name for name, path in public_routes() if client.post(path).status_code != 405}

    # These only show something, and look at their token before they look at the method.
    assert taking - {"newsletter:download"} == {
        name for name in POSTS if not name.startswith("api")
    }


@pytest.mark.django_db
def test_every_address_of_the_api_that_takes_something_is_posted_to() -> None:
    contract = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    taking = [path for path, methods in contract["paths"].items() if "post" in methods]

    assert len(taking) == sum(name.startswith("api") for name in POSTS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSTS)
def test_a_form_writes_its_letters_and_opens_no_connection(
    name: str, client: Client, no_server: list[Any]
) -> None:
    member("Direction", email="direction@example.org")
    path, data, has_letter = POSTS[name]()
    OutgoingEmail.objects.all().delete()

    is_json = name in {"api:registrations", "api:subscriptions"}
    more = {"content_type": "application/json"} if is_json else {}
    status = client.post(path, data, **more).status_code

    assert status < 400 or name == "contributions:upload"
    assert OutgoingEmail.objects.exists() == has_letter
    assert not OutgoingEmail.objects.exclude(state="waiting").exists()
    assert no_server == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["wagtailadmin_password_reset"])
def test_a_password_is_reset_by_a_letter_that_waits(
    name: str, client: Client, no_server: list[Any]
) -> None:
    user = member("Direction", email="direction@example.org", password="secret")

    assert client.post(reverse(name), {"email": user.email}).status_code == 302

    assert OutgoingEmail.objects.get().thing == user
    assert no_server == []
