"""Who subscribes, by which rules, on the website and by the API."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale

from core.models import StructureType, Territory, Theme
from core.privacy.retention import apply_retention
from core.web.signed_links import make_token
from newsletter import subscribing
from newsletter.models import Consent, Subscriber, Suppression
from newsletter.tokens import CONFIRM, PREFERENCES, UNSUBSCRIBE
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

FORM = "/lettre/inscription/"
RECEIVED = "/lettre/inscription/recue/"
API = "/api/v1/newsletter/subscriptions/"
State = Subscriber.State


def send(client: Client, opened: dict[str, Any], **values: Any) -> Any:
    return client.post(
        FORM,
        {
            "email": "camille@example.org",
            "consent": "on",
            "consent_version": "2026-01",
            **opened,
            **values,
        },
    )


def test_subscribing_confirming_and_choosing(
    client: Client, started: dict[str, Any], link_in_mail: Any, on_commit: Any
) -> None:
    with on_commit():
        answer = send(client, started, email=" Camille@Example.org ", themes=["fugue"])
    assert answer.url == RECEIVED
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.state) == ("camille@example.org", State.PENDING)
    assert not Subscriber.objects.receiving().exists()

    confirm = link_in_mail("confirmer")
    assert client.get(confirm).status_code == 200
    subscriber.refresh_from_db()
    assert subscriber.state == State.PENDING, "following a link confirms nothing"
    with on_commit():
        client.post(confirm)

    subscriber.refresh_from_db()
    assert subscriber.state == State.ACTIVE
    consent = subscriber.consents.get()
    assert (consent.way, consent.text_version) == (Consent.Way.FORM, "2026-01")
    assert consent.confirmed_at is not None
    assert "Bienvenue" in mail.outbox[-1].subject
    choices = link_in_mail("mes-choix")
    page = client.post(
        choices, {"action": "save", "department": "59", "themes": ["reperage", "fugue"]}
    )
    assert "Vos choix sont enregistrés" in page.content.decode()
    subscriber.refresh_from_db()
    assert subscriber.department == Territory.objects.get(code="59")
    assert {theme.slug for theme in subscriber.themes.all()} == {"reperage", "fugue"}


@pytest.mark.parametrize(
    "state", [None, State.PENDING, State.ACTIVE, State.PAUSED, State.UNSUBSCRIBED, State.BOUNCED]
)
def test_no_answer_reveals_whether_an_address_is_known(
    client: Client, started: dict[str, Any], state: str | None
) -> None:
    if state:
        SubscriberFactory(email="camille@example.org", state=state)

    form = send(client, started)
    asked = client.post(
        API,
        {"email": "camille@example.org", "consent": True, "consent_version": "2026-01"},
        content_type="application/json",
    )
    link = client.post("/lettre/lien/", {"email": "camille@example.org"})

    assert (form.status_code, form.url, form.content) == (302, RECEIVED, b"")
    assert asked.status_code == 202
    assert json.loads(asked.content) == {
        "detail": "Un e-mail part à cette adresse, avec la suite à donner : il arrive "
        "d'ordinaire en quelques minutes."
    }
    assert link.status_code == 200
    assert "Un e-mail part à cette adresse" in link.content.decode()
    for answer in (form, asked, link):
        assert "no-store" in answer["Cache-Control"]


def test_a_known_address_is_told_by_mail_and_nothing_of_it_changes(
    client: Client, started: dict[str, Any], on_commit: Any
) -> None:
    known = SubscriberFactory(email="camille@example.org", first_name="Camille")

    with on_commit():
        send(client, started, first_name="Mallory")

    known.refresh_from_db()
    assert (known.first_name, known.state) == ("Camille", State.ACTIVE)
    assert "déjà abonné" in mail.outbox[-1].subject
    assert "/lettre/mes-choix/" in mail.outbox[-1].body


def test_an_address_is_not_written_to_again_and_again(
    client: Client, started: dict[str, Any], on_commit: Any
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as now:
        for _ in range(3):
            with on_commit():
                send(client, started)
        assert len(mail.outbox) == 1
        now.shift(dt.timedelta(minutes=11))
        with on_commit():
            send(client, started)

    assert len(mail.outbox) == 2
    assert Subscriber.objects.count() == Consent.objects.count() == 1


@pytest.mark.parametrize(
    "values, wrong",
    [
        ({"email": ""}, "email"),
        ({"email": "camille"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"consent": ""}, "consent"),
        ({"department": "999"}, "department"),
        ({"structure_type": "secte"}, "structure_type"),
        ({"first_name": "x" * 61}, "first_name"),
        ({"started": "forgé"}, "started"),
        ({"started": ""}, "started"),
    ],
)
def test_what_was_typed_survives_an_error(
    client: Client, started: dict[str, Any], values: dict[str, str], wrong: str
) -> None:
    answer = send(client, started, **{"structure_name": "Association Exemple", **values})

    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert 'value="Association Exemple"' in answer.content.decode()
    assert "Rien n'est encore enregistré" in answer.content.decode().replace("&#x27;", "'")
    assert not Subscriber.objects.exists()
    assert mail.outbox == []


def test_a_robot_is_told_that_all_is_well_and_gets_nothing(
    client: Client, started: dict[str, Any]
) -> None:
    answer = send(client, started, website="https://spam.example")

    assert answer.url == RECEIVED
    assert not Subscriber.objects.exists()


def test_one_address_of_the_network_tries_so_often_and_no_more(
    client: Client, started: dict[str, Any]
) -> None:
    for _ in range(20):
        assert send(client, started).status_code == 302

    answer = send(client, started, first_name="Camille")

    assert answer.status_code == 429
    assert 'value="Camille"' in answer.content.decode()
    body = {"email": "a@example.org", "consent": True, "consent_version": "2026-01"}
    assert client.post(API, body, content_type="application/json").status_code == 429


def test_reading_the_pages_leaves_no_cookie_and_no_trace(client: Client) -> None:
    subscriber = SubscriberFactory()
    for path in (
        FORM,
        RECEIVED,
        "/lettre/lien/",
        f"/lettre/mes-choix/{make_token(PREFERENCES, subscriber.uuid)}/",
        f"/lettre/desabonnement/{make_token(UNSUBSCRIBE, subscriber.uuid)}/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.cookies == {}
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]


def test_the_api_gives_the_text_to_agree_to(get_json: Callable[..., Any]) -> None:
    data = get_json(API)

    assert data["consent_version"] == "2026-01"
    assert "lettre d'information" in data["consent_text"]


def test_an_english_reader_chooses_in_english_and_is_in_the_same_groups(
    client: Client,
    started: dict[str, Any],
    on_commit: Any,
    count_queries: Callable[[Callable[[], Any]], int],
) -> None:
    english = Locale.objects.create(language_code="en")
    french = Theme.objects.get(slug="soin")
    translated = french.copy_for_translation(english)
    translated.label = "Health care"
    translated.save()

    page = client.get(f"/en{FORM}").content.decode()
    assert "Health care" in page
    assert french.label not in page
    assert Theme.objects.get(slug="fugue").label in page, "nothing to choose may disappear"
    french_cost = count_queries(lambda: client.get(FORM))
    assert count_queries(lambda: client.get(f"/en{FORM}")) == french_cost + 1

    with on_commit():
        values = {
            "email": "camille@example.org",
            "consent": "on",
            "consent_version": "2026-01",
            "themes": ["soin"],
            **started,
        }
        assert client.post(f"/en{FORM}", values).status_code == 302
    subscriber = Subscriber.objects.get()
    assert subscriber.language == "en"
    assert list(subscriber.themes.all()) == [french]
    assert mail.outbox[0].subject == "Confirm your subscription to the Projet PARÉ newsletter"


def test_those_who_had_chosen_translated_terms_keep_their_choice_in_french() -> None:
    english = Locale.objects.create(language_code="en")
    theme, kind = (
        model.objects.get(slug=slug) for model, slug in ((Theme, "soin"), (StructureType, "mecs"))
    )
    translated = [term.copy_for_translation(english) for term in (theme, kind)]
    for term in translated:
        term.save()
    subscriber = SubscriberFactory(structure_type=translated[1])
    subscriber.themes.set([translated[0]])

    import_module("newsletter.migrations.0003_french_terms").keep_french(apps, None)

    subscriber.refresh_from_db()
    assert list(subscriber.themes.all()) == [theme]
    assert subscriber.structure_type == kind


def test_the_api_takes_the_language_to_write_in(
    client: Client, on_commit: Any, get_json: Callable[..., Any]
) -> None:
    asked = {"email": "a@example.org", "consent": True, "consent_version": "2026-01"}

    refused = client.post(API, asked | {"locale": "xx"}, content_type="application/json")
    with on_commit():
        taken = client.post(API, asked | {"locale": "en"}, content_type="application/json")

    assert (refused.status_code, taken.status_code) == (422, 202)
    assert "An e-mail is on its way" in json.loads(taken.content)["detail"]
    assert Subscriber.objects.get().language == "en"
    assert "newsletter" in mail.outbox[0].subject
    assert "newsletter" in get_json(API, locale="en")["consent_text"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.org"},
        {"email": "a@example.org", "consent": False},
        {"email": "pas une adresse", "consent": True, "consent_version": "2026-01"},
        {
            "email": "a@example.org",
            "consent": True,
            "consent_version": "2026-01",
            "department": "999",
        },
        {
            "email": "a@example.org",
            "consent": True,
            "consent_version": "2026-01",
            "themes": ["inconnu"],
        },
        {
            "email": "a@example.org",
            "consent": True,
            "consent_version": "2026-01",
            "phone": "0102030405",
        },
    ],
)
def test_the_api_refuses_with_a_problem(client: Client, body: dict[str, Any]) -> None:
    answer = client.post(API, body, content_type="application/json")

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not Subscriber.objects.exists()


def test_the_api_keeps_what_an_app_sends(client: Client) -> None:
    kind = StructureType.objects.get(slug="association")
    body = {
        "email": "a@example.org",
        "consent": True,
        "consent_version": "2026-01",
        "role": "professional",
        "structure_type": kind.slug,
        "department": "2A",
        "themes": ["fugue"],
    }

    client.post(API, body, content_type="application/json")

    found = Subscriber.objects.get()
    assert (found.role, found.structure_type, found.department.code) == ("professional", kind, "2A")
    assert list(found.themes.all()) == [Theme.objects.get(slug="fugue")]
    assert found.consents.get().way == Consent.Way.API


def test_a_mailbox_unsubscribes_by_one_click_without_cookie_or_token_of_ours() -> None:
    subscriber = SubscriberFactory()
    path = f"/lettre/desabonnement/{make_token(UNSUBSCRIBE, subscriber.uuid)}/"

    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    subscriber.refresh_from_db()
    assert (answer.status_code, answer.content) == (200, b"")
    assert (subscriber.state, subscriber.left_reason) == (State.UNSUBSCRIBED, "one-click")


def test_following_the_link_unsubscribes_nobody(client: Client) -> None:
    subscriber = SubscriberFactory()
    path = f"/lettre/desabonnement/{make_token(UNSUBSCRIBE, subscriber.uuid)}/"

    client.get(path)
    subscriber.refresh_from_db()
    assert subscriber.state == State.ACTIVE
    page = client.post(path)

    subscriber.refresh_from_db()
    assert subscriber.state == State.UNSUBSCRIBED
    assert "Vous êtes désabonné·e" in page.content.decode()


def test_a_link_is_good_for_one_thing_for_a_while(client: Client) -> None:
    subscriber = SubscriberFactory()
    with time_machine.travel(timezone.now() - dt.timedelta(days=401)):
        old = make_token(PREFERENCES, subscriber.uuid)
        leave = make_token(UNSUBSCRIBE, subscriber.uuid)
    other = make_token(UNSUBSCRIBE, subscriber.uuid)

    assert client.get(f"/lettre/mes-choix/{old}/").status_code == 410
    assert client.get(f"/lettre/mes-choix/{other}/").status_code == 410
    assert client.get(f"/lettre/mes-choix/{other[:-3]}/").status_code == 410
    assert client.get(f"/lettre/desabonnement/{leave}/").status_code == 200


def test_a_pause_ends_by_itself(client: Client) -> None:
    subscriber = SubscriberFactory()
    path = f"/lettre/mes-choix/{make_token(PREFERENCES, subscriber.uuid)}/"

    client.post(path, {"action": "pause", "months": "3"})

    subscriber.refresh_from_db()
    assert subscriber.state == State.PAUSED
    assert not Subscriber.objects.receiving().exists()
    later = timezone.now() + dt.timedelta(days=93)
    assert Subscriber.objects.receiving(now=later).get() == subscriber
    client.post(path, {"action": "resume"})
    assert Subscriber.objects.receiving().get() == subscriber


def test_erasing_leaves_nothing_of_a_person_and_nobody_comes_back(client: Client) -> None:
    subscriber = SubscriberFactory(
        email="camille@example.org", first_name="Camille", structure_name="Association"
    )
    subscriber.themes.add(Theme.objects.get(slug="fugue"))
    token = make_token(PREFERENCES, subscriber.uuid)

    page = client.post(f"/lettre/mes-choix/{token}/", {"action": "erase"})

    assert "Tout est effacé" in page.content.decode()
    subscriber.refresh_from_db()
    kept = json.dumps(subscribing.export_personal_data(subscriber))
    for word in ("camille", "Camille", "Association", "fugue"):
        assert word not in kept
    assert Suppression.objects.count() == 1
    assert "camille" not in Suppression.objects.get().digest
    assert client.get(f"/lettre/mes-choix/{token}/").status_code == 410


def test_everyone_may_take_their_data_along(client: Client) -> None:
    subscriber = SubscriberFactory(email="camille@example.org", first_name="Camille")
    token = make_token(PREFERENCES, subscriber.uuid)

    data = client.get(f"/lettre/mes-choix/{token}/donnees.json")

    assert "attachment" in data["Content-Disposition"]
    assert data.json()["first_name"] == "Camille"
    assert data.json()["consents"][0]["text_version"] == "2026-01"


def test_what_is_kept_no_longer_is_forgotten() -> None:
    now = timezone.now()
    days = lambda n: now - dt.timedelta(days=n)  # noqa: E731
    never = SubscriberFactory(state=State.PENDING, confirmed_at=None, created_at=days(31))
    never.consents.update(given_at=days(31))
    asked_again = SubscriberFactory(state=State.PENDING, confirmed_at=None, created_at=days(60))
    left = SubscriberFactory(state=State.UNSUBSCRIBED, left_at=days(366), email="a@example.org")
    still = SubscriberFactory(state=State.UNSUBSCRIBED, left_at=days(364))
    active = SubscriberFactory(created_at=days(4000))

    apply_retention(now)
    apply_retention(now)

    assert not Subscriber.objects.filter(pk=never.pk).exists()
    left.refresh_from_db()
    assert (left.state, left.email) == (State.ERASED, "")
    remaining = Subscriber.objects.exclude(state=State.ERASED)
    assert set(remaining) == {asked_again, still, active}


def test_those_who_come_back_confirm_anew(
    client: Client, started: dict[str, Any], link_in_mail: Any, on_commit: Any
) -> None:
    subscriber = SubscriberFactory(email="camille@example.org")
    subscribing.unsubscribe(subscriber, "page")
    old = make_token(CONFIRM, subscriber.uuid)
    client.post(f"/lettre/confirmer/{old}/")
    subscriber.refresh_from_db()
    assert subscriber.state == State.UNSUBSCRIBED, "an old link brings nobody back"

    with on_commit():
        send(client, started)
    with on_commit():
        client.post(link_in_mail("confirmer"))

    subscriber.refresh_from_db()
    assert subscriber.state == State.ACTIVE
    assert not Suppression.objects.exists()
