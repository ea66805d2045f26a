"""What a stranger can have us write to another: so many letters, and nothing that they typed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import home.admin_views  # noqa: F401 (they register their letters)
import review.notices
import review.reminders  # noqa: F401
from contributions import lifecycle
from contributions.emails import PARTNER_EMAILS, send_contribution_email
from contributions.models import Contribution, FileState
from contributions.tokens import follow_up_token
from core.mail import EMAIL_KINDS, Reader, send_email
from core.throttling import RECIPIENT_RATES
from core.web.signed_links import make_token
from events import emails as event_emails
from events import registrations
from events.models import Registration
from network import emails as network_emails  # noqa: F401
from newsletter import subscribing
from newsletter.models import Subscriber
from newsletter.tokens import CONFIRM, PREFERENCES, UNSUBSCRIBE
from outbox.models import OutgoingEmail
from tests.factories import UserFactory
from tests.factories.contributions import ContributionFactory, ContributionFileFactory, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.forms import form_opened_earlier
from tests.factories.newsletter import SubscriberFactory
from tests.pare import hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from home.models import HomePage

pytestmark = pytest.mark.django_db

TYPED = "zyxwv"
STRANGER = "quelqu-un@example.org"
HOUR = dt.timedelta(hours=1)
State = Registration.State


@pytest.fixture(autouse=True)
def _letters_wait(settings: Any) -> None:
    """Keep letters in the outbox, as where a worker sends them: each with all of its texts."""
    settings.OUTBOX_IMMEDIATE = False


def typed_in(row: Any) -> Any:
    """Write the same word, as an address too, in every text of a row that somebody could type."""
    for field in row._meta.concrete_fields:
        is_text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
        if is_text and field.name not in {"email", "language", "consent_version"}:
            length = getattr(field, "max_length", None) or 200
            setattr(row, field.name, f"{TYPED} https://{TYPED}.example.org"[:length])
    row.save()
    return row


def a_registration(**values: Any) -> Registration:
    session = only_session(WebinarPageFactory(title="Repérer"))
    values = {"state": State.PENDING, "confirmed_at": None, **values}
    return typed_in(RegistrationFactory(session=session, email=STRANGER, **values))


def a_contribution(**values: Any) -> Contribution:
    made = typed_in(ContributionFactory(email=STRANGER, **values))
    Contribution.objects.filter(pk=made.pk).update(answers={"organiser": TYPED})
    return Contribution.objects.get(pk=made.pk)


def refuse_a_file() -> None:
    file = ContributionFileFactory(
        contribution=a_contribution(), name=f"{TYPED}.pdf", state=FileState.CHECKING
    )
    file.refuse("broken")
    lifecycle.announce_refusals(file.contribution)


def move(registration: Registration) -> None:
    given = registrations.RegistrationRequest(email="autre@example.org", name=TYPED)
    registrations.correct_registration(registration.uuid, given)


def send_registration(name: str, **values: Any) -> None:
    event_emails.send(a_registration(**values), event_emails.EMAILS[name])


CAUSES: dict[str, Callable[[], object]] = {
    **{
        f"contributions/{name}": lambda name=name: send_contribution_email(a_contribution(), name)  # type: ignore[misc]
        for name in PARTNER_EMAILS
        if name != "file_refused"
    },
    "contributions/file_refused": refuse_a_file,
    "events/confirm": lambda: send_registration("confirm"),
    "events/address_changed": lambda: move(a_registration()),
    "events/cancelled": lambda: registrations.cancel_registration(a_registration().uuid),
    "events/message": lambda: event_emails.send_organiser_message(
        a_registration().session_id, "Un objet", "Un mot de l'équipe", [State.PENDING]
    ),
    "newsletter/confirm": lambda: subscribing.request_subscription(
        subscribing.SubscriptionRequest(STRANGER, first_name=TYPED, last_name=TYPED), "form"
    ),
    "newsletter/unknown": lambda: subscribing.ask_for_link(STRANGER),
}
"""How each letter comes to be whose reader has confirmed nothing."""


def test_each_letter_is_registered_with_who_reads_it() -> None:
    folder = Path(settings.SITE_DIR) / "templates" / "emails"
    # Those that others extend or include have no text of their own.
    parts = {"events/base", "events/join_button", "events/cancel_link", "events/how_to_join"}
    parts |= {"contributions/to_partner", "contributions/to_team"}

    found = {str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.txt")}

    assert set(EMAIL_KINDS) == found - parts
    with pytest.raises(KeyError):
        send_email("events/base", STRANGER, {}, "fr")


def test_each_letter_to_who_confirmed_nothing_is_looked_at() -> None:
    of_strangers = {n for n, kind in EMAIL_KINDS.items() if kind.reader == Reader.ANYONE}

    assert set(CAUSES) == of_strangers


@pytest.mark.parametrize("kind", sorted(CAUSES))
def test_nothing_typed_is_in_a_letter_to_who_confirmed_nothing(kind: str) -> None:
    CAUSES[kind]()

    letter = OutgoingEmail.objects.get(kind=kind, address=STRANGER)
    texts = [letter.subject, letter.text, letter.html, *map(str, letter.headers.values())]
    assert letter.text
    assert letter.html
    for text in [*texts, *map(str, letter.attachments)]:
        assert TYPED not in text


@pytest.mark.parametrize("name", ["received", "in_review", "rejected"])
def test_who_acted_by_their_link_is_written_to_by_the_title(client: Client, name: str) -> None:
    contribution = a_contribution()
    follow = f"/contribuer/suivi/{follow_up_token(contribution)}/"

    client.get(follow)
    assert not Contribution.objects.get().has_known_address, "programs open links"
    client.post(follow, {"text": "Bonjour"})

    contribution = Contribution.objects.get()
    assert contribution.has_known_address
    send_contribution_email(contribution, name)
    assert TYPED in OutgoingEmail.objects.filter(kind=f"contributions/{name}").get().text


def test_an_account_knows_its_own_address_alone(client: Client) -> None:
    partner = UserFactory(email="partenaire@example.org")
    of_another = a_contribution(account=partner)
    client.post(f"/contribuer/suivi/{follow_up_token(of_another)}/", {"text": "Bonjour"})

    assert not Contribution.objects.get().has_known_address, "its author reads the link too"
    assert ContributionFactory(account=partner, email="partenaire@example.org").has_known_address


def test_one_address_gets_so_many_letters_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    hourly, daily = RECIPIENT_RATES
    assert (hourly.limit, daily.limit) == (8, 20)
    start = timezone.now().replace(hour=0, minute=5)

    with time_machine.travel(start, tick=False):
        for number in range(hourly.limit + 2):
            session = only_session(WebinarPageFactory())
            given = registrations.RegistrationRequest(f"quelqu-un+{number}@example.org", "x")
            registrations.request_registration(session.pk, given)
    assert OutgoingEmail.objects.count() == hourly.limit
    assert Registration.objects.count() == hourly.limit + 2, "who asks is answered the same"
    assert "quelqu-un" not in caplog.text

    def ask(often: int) -> None:
        for _ in range(often):
            send_email("newsletter/unknown", "Quelqu-Un@Example.org", {"url": "x"}, "fr")

    for hours in (1, 2, 3):
        with time_machine.travel(start + hours * HOUR, tick=False):
            ask(16)
    assert OutgoingEmail.objects.count() == daily.limit
    with time_machine.travel(start + dt.timedelta(days=1), tick=False):
        ask(1)
    assert OutgoingEmail.objects.count() == daily.limit + 1


def test_letters_of_the_team_are_not_counted() -> None:
    contribution = a_contribution()

    for _ in range(20):
        send_contribution_email(contribution, "message", "Un mot")

    assert OutgoingEmail.objects.count() == 20


def test_every_form_of_strangers_has_a_limit(
    home: HomePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But what is done once, by who has the link."""
    site = hostile.Site.build()
    places = [*hostile.form_places(site, Client()), *hostile.body_places(site)]
    once = re.compile(
        r"/(retirer|confirmer|annuler|desabonnement|mes-choix|verifier)/|/_util/|/admin/"
    )
    addresses = {
        each.address: each
        for each in sorted(places, key=lambda each: each.name == "email")
        if not once.search(each.address) or each.address.endswith("corriger/")
    }
    assert len(addresses) >= 8
    monkeypatch.setattr("core.throttling.allow", lambda *_arguments: False)

    answers = {a: each.send(Client(), "x").status_code for a, each in addresses.items()}

    assert {address: status for address, status in answers.items() if status != 429} == {}


class TestAddressesThatChange:
    """The old one is written to, without the new one."""

    def test_of_a_registration(self) -> None:
        someone = RegistrationFactory(email="avant@example.org", state=State.CONFIRMED)
        given = registrations.RegistrationRequest(email="apres@example.org", name="Camille")

        registrations.correct_registration(someone.uuid, given)

        letters = dict(OutgoingEmail.objects.values_list("address", "kind"))
        assert letters == {
            "avant@example.org": "events/address_changed",
            "apres@example.org": "events/confirmed",
        }
        old = OutgoingEmail.objects.get(address="avant@example.org")
        assert "apres@" not in old.text + old.html

    def test_of_a_registration_that_keeps_it(self) -> None:
        someone = RegistrationFactory(email="avant@example.org", state=State.CONFIRMED)
        given = registrations.RegistrationRequest(email="Avant@example.org", name="Camille")

        registrations.correct_registration(someone.uuid, given)

        assert not OutgoingEmail.objects.exists()

    def test_of_a_contribution(self, client: Client) -> None:
        contribution = ContributionFactory(email="avant@example.org")
        lifecycle.know_address(contribution)
        address = f"/contribuer/suivi/{follow_up_token(contribution)}/modifier/"
        page = client.get(address).content.decode()
        from tests.factories.forms import fields_sent

        sent = {**fields_sent(page), "email": "apres@example.org", "consent": "on"}
        answer = client.post(address, {**sent, "started": form_opened_earlier()})

        assert answer.status_code == 302
        letters = OutgoingEmail.objects.filter(kind__startswith="contributions/")
        assert set(letters.values_list("address", "kind")) == {
            ("avant@example.org", "contributions/address_changed"),
            ("apres@example.org", "contributions/amended"),
        }
        assert not Contribution.objects.get().has_known_address

    def test_of_a_subscriber(self, client: Client) -> None:
        subscriber = SubscriberFactory(email="avant@example.org")
        client.force_login(member("Direction"))
        address = f"/admin/abonnes/edit/{subscriber.pk}/"
        from django.urls import reverse

        address = reverse("subscribers:edit", args=[subscriber.pk])
        answer = client.post(address, {"email": "apres@example.org", "language": "fr"})

        assert answer.status_code == 302, answer.content.decode()[:2000]
        letter = OutgoingEmail.objects.get()
        assert (letter.address, letter.kind) == ("avant@example.org", "newsletter/address_changed")


def work(call: Callable[[], object]) -> tuple[tuple[str, ...], int]:
    """Return the statements of a call by what they do, and how many letters it wrote.

    But those that begin and end parts of a transaction: to take one back needs one more.
    """
    before = OutgoingEmail.objects.count()
    with CaptureQueriesContext(connection) as queries:
        call()
    statements = tuple(
        " ".join(each["sql"].split()[:3])
        for each in queries.captured_queries
        if not each["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
    )
    return statements, OutgoingEmail.objects.count() - before


@pytest.fixture
def _known_to_the_process(client: Client, home: HomePage) -> None:
    """What a process asks once only: types of content, settings of the site."""
    SubscriberFactory(email="premiere@example.org")
    client.post("/lettre/lien/", {"email": "premiere@example.org"})


@pytest.mark.usefixtures("_known_to_the_process")
class TestEqualWork:
    """Nobody learns from an answer, or from its time, whether an address is known."""

    STATES = (None, *(each for each in Subscriber.State if each != "erased"))

    def subscribers(self) -> Iterator[tuple[str, str]]:
        """Yield an address of each kind, with what it is."""
        for number, state in enumerate(self.STATES):
            email = f"quelqu-un-{number}@example.org"
            if state:
                made = SubscriberFactory(email=email, state=state)
                if state == Subscriber.State.PENDING:
                    made.consents.create(way="form")
            yield email, str(state)

    def test_asking_for_a_link(self, client: Client) -> None:
        found = {
            state: work(lambda email=email: client.post("/lettre/lien/", {"email": email}))  # type: ignore[misc]
            for email, state in list(self.subscribers())
        }

        assert {letters for _statements, letters in found.values()} == {1}
        assert len({statements for statements, _letters in found.values()}) == 1, found

    def test_asking_to_subscribe(self, client: Client) -> None:
        found = {}
        for email, state in list(self.subscribers()):
            data = {
                "email": email,
                "consent": "on",
                "consent_version": "2026-01",
                "themes": ["fugue"],
                "first_name": "Zoé",
            }
            data["started"] = form_opened_earlier()
            found[state] = work(lambda data=data: client.post("/lettre/inscription/", data))  # type: ignore[misc]

        assert {letters for _statements, letters in found.values()} == {1}
        assert len({statements for statements, _letters in found.values()}) == 1, found
        assert not Subscriber.objects.filter(email__contains="invalid").exists()
        assert Subscriber.objects.count() == len(self.STATES) + 1

    def test_asking_to_register(self, client: Client) -> None:
        session = only_session(WebinarPageFactory(title="Repérer"))
        found = {}
        for number, state in enumerate((None, *State)):
            email = f"quelqu-un-{number}@example.org"
            if state:
                RegistrationFactory(session=session, email=email, state=state)
            data = {"email": email, "name": "Zoé", "consent": "on", "consent_version": "2026-01"}
            data["started"] = form_opened_earlier()
            found[str(state)] = work(
                lambda data=data: client.post(f"/inscriptions/{session.uuid}/", data)  # type: ignore[misc]
            )

        assert {letters for _statements, letters in found.values()} == {1}
        assert len({len(statements) for statements, _letters in found.values()}) == 1, found

    def test_asking_again(self, client: Client) -> None:
        both = ("connue@example.org", "inconnue@example.org")
        SubscriberFactory(email=both[0])
        for email in both:
            client.post("/lettre/lien/", {"email": email})

        found = [
            work(lambda email=email: client.post("/lettre/lien/", {"email": email}))  # type: ignore[misc]
            for email in both
        ]

        assert found[0] == found[1]
        assert found[0][1] == 0


class TestLinksOfSubscribers:
    def test_one_that_unsubscribes_opens_nothing_else(self, client: Client) -> None:
        subscriber = SubscriberFactory(first_name=TYPED, email=STRANGER)
        token = make_token(UNSUBSCRIBE, subscriber.uuid)

        pages = [client.get(f"/lettre/desabonnement/{token}/")]
        pages.append(client.post(f"/lettre/desabonnement/{token}/"))

        subscriber.refresh_from_db()
        assert subscriber.state == Subscriber.State.UNSUBSCRIBED
        for page in pages:
            html = page.content.decode()
            assert STRANGER not in html
            for link in re.findall(r'href="(/lettre/[^"]*)"', html):
                assert link in {"/lettre/lien/", "/lettre/inscription/", "/lettre/"}, link
        for address in ("", "donnees.json"):
            assert client.get(f"/lettre/mes-choix/{token}/{address}").status_code == 410

    def test_neither_does_one_that_confirms(self, client: Client) -> None:
        subscriber = SubscriberFactory()
        token = make_token(CONFIRM, subscriber.uuid)

        assert (
            "/lettre/mes-choix/" not in client.get(f"/lettre/confirmer/{token}/").content.decode()
        )

    def test_an_old_one_opens_nothing_and_sends_a_fresh_one_to_its_owner(
        self, client: Client
    ) -> None:
        subscriber = SubscriberFactory(first_name=TYPED, email=STRANGER)
        then = timezone.now() - dt.timedelta(hours=25)
        with time_machine.travel(then):
            token = make_token(PREFERENCES, subscriber.uuid)
        address = f"/lettre/mes-choix/{token}/"

        answers = [client.get(address), client.get(f"{address}donnees.json")]
        answers += [
            client.post(address, {"action": action}) for action in ("erase", "save", "pause")
        ]

        for answer in answers:
            assert answer.status_code == 403
            assert STRANGER not in answer.content.decode()
            assert TYPED not in answer.content.decode()
        subscriber.refresh_from_db()
        assert subscriber.state == Subscriber.State.ACTIVE
        letter = OutgoingEmail.objects.get()
        assert (letter.address, letter.kind) == (STRANGER, "newsletter/preferences")
        [fresh] = set(re.findall(r"/lettre/mes-choix/[^/]*/", letter.text))
        assert client.get(fresh).status_code == 200
        assert client.get(f"{fresh}donnees.json").status_code == 200

    def test_who_left_may_still_be_erased(self, client: Client) -> None:
        SubscriberFactory(email=STRANGER, state=Subscriber.State.UNSUBSCRIBED)

        client.post("/lettre/lien/", {"email": STRANGER})

        assert OutgoingEmail.objects.get().kind == "newsletter/preferences"
