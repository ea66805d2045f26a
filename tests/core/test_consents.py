"""An agreement has one shape: its text, its version, its moment and its proof."""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from contributions.consent import CONSENT as TO_CONTRIBUTE
from contributions.models import Contribution
from core.consents import consents, proof_of, register_consent
from core.privacy import registry
from core.privacy.archive import collect
from core.public_forms import STARTED_SALT
from events.consent import CONSENT as TO_REGISTER
from events.models import Registration
from events.registrations import RegistrationRequest, add_registration
from newsletter.consent import CONSENT as TO_SUBSCRIBE
from newsletter.models import Consent, Subscriber
from tests.factories.contributions import ContributionFactory, form_data
from tests.factories.events import WebinarPageFactory, only_session
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from tests.snapshots import Snapshots

pytestmark = pytest.mark.django_db

ADDRESS = "camille@example.org"


def test_a_text_that_was_agreed_to_never_changes(snapshots: Snapshots) -> None:
    with override("fr"):
        texts = {
            each.purpose: {
                version: hashlib.sha256(str(text).encode()).hexdigest()
                for version, text in each.texts.items()
            }
            for each in consents()
        }

    assert set(texts) == {"contribution", "registration", "subscription"}
    snapshots.check("consents", texts)


def test_a_purpose_is_registered_once() -> None:
    with pytest.raises(ImproperlyConfigured, match="registration"):
        register_consent(TO_REGISTER)


@pytest.fixture
def sending(sections: None) -> dict[str, Any]:
    """The address and the body of each request of the API that has an agreement."""
    page = WebinarPageFactory()
    person = {"email": ADDRESS, "consent": True}
    return {
        "registration": (
            f"/api/v1/events/{page.pk}/registrations/",
            {"name": "Camille", **person, "consent_version": TO_REGISTER.version},
            "application/json",
        ),
        "subscription": (
            "/api/v1/newsletter/subscriptions/",
            {**person, "consent_version": TO_SUBSCRIBE.version},
            "application/json",
        ),
        "contribution": (
            "/api/v1/contributions/",
            form_data() | {"email": ADDRESS, "kind": "news", "consent": "true"},
            None,
        ),
    }


def send(client: Client, request: tuple[str, dict[str, Any], str | None]) -> Any:
    path, body, content_type = request
    return client.post(path, body, **({"content_type": content_type} if content_type else {}))


PURPOSES = ("contribution", "registration", "subscription")


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("version", ["2001-01", "", None])
def test_the_api_refuses_another_version_than_the_one_of_today(
    client: Client, sending: dict[str, Any], purpose: str, version: str | None
) -> None:
    path, body, content_type = sending[purpose]
    if version is None:
        del body["consent_version"]
    else:
        body["consent_version"] = version

    response = send(client, (path, body, content_type))

    assert response.status_code == 422
    assert ["body", "consent_version"] in [
        each["location"][-2:] if len(each["location"]) > 1 else each["location"]
        for each in response.json()["errors"]
    ]
    for model in (Contribution, Registration, Subscriber):
        assert not model.objects.exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_api_gives_what_it_asks_for(
    client: Client, sending: dict[str, Any], purpose: str
) -> None:
    given = client.get("/api/v1/privacy/").json()["consents"]
    terms = {each["purpose"]: each for each in given}[purpose]
    path, body, content_type = sending[purpose]

    response = send(client, (path, {**body, "consent_version": terms["version"]}, content_type))

    assert response.status_code in {201, 202}
    registry.load()
    rows = {
        "contribution": Contribution.objects,
        "registration": Registration.objects,
        "subscription": Consent.objects,
    }
    proof = proof_of(rows[purpose].get())  # type: ignore[attr-defined]
    assert proof is not None
    assert (proof.version, proof.text) == (terms["version"], terms["text"])
    assert proof.given_at
    assert proof.way.startswith(("API", "application"))


def test_a_page_that_was_open_while_the_text_changed_is_shown_again(client: Client) -> None:
    opened = signing.dumps(int(time.time()) - 60, salt=STARTED_SALT)
    data = {"email": ADDRESS, "consent": "on", "started": opened, "consent_version": "2001-01"}

    response = client.post(reverse("newsletter:subscribe"), data)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Ce texte a changé depuis" in page
    assert re.search(rf'name="consent_version"\s+value="{TO_SUBSCRIBE.version}"', page)
    assert not Subscriber.objects.exists()


def test_what_the_team_adds_has_its_proof_too() -> None:
    session = only_session(WebinarPageFactory())
    added = add_registration(session.pk, RegistrationRequest(email=ADDRESS, name="Camille"))

    proof = proof_of(added)

    assert proof is not None
    assert proof.way == "l'équipe, avec son accord"


def test_an_old_agreement_is_given_back_with_its_own_text() -> None:
    ContributionFactory(email=ADDRESS, consent_version="2026-01")
    SubscriberFactory(email=ADDRESS)

    found = [
        row["consent"] for part in collect(ADDRESS).parts for row in part.rows if "consent" in row
    ]

    by_purpose = {each["purpose"]: each for each in found}
    assert by_purpose["contribution"]["text"] == str(TO_CONTRIBUTE.texts["2026-01"])
    assert by_purpose["subscription"]["version"] == TO_SUBSCRIBE.version
