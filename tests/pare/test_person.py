"""One person who left something everywhere: given all of it, then erased, beside a full dump.

The dump is of every table of the database, read without any model, and of every file on disk.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import send_mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from openpyxl import Workbook
from wagtail.log_actions import log
from wagtail.models import APIToken, Comment
from wagtail.users.models import UserProfile
from wagtail_localize.models import TranslationSource

from contributions import lifecycle
from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState, Message, Version
from core.models import Document, PersonalDataAct, User
from core.privacy.addresses import Address
from core.privacy.archive import as_json, collect
from core.privacy.erasing import ErasureRefused, erase_person
from events.models import Registration
from home.models import SiteSettings
from network.models import Structure, StructureImport
from newsletter.models import Delivery, ExportLog, Mailing, Subscriber, Suppression
from newsletter.subscribing import digest_of
from outbox.models import OutgoingEmail
from published.models import Item, LedgerEntry
from review.content import canonical_hash
from tests.accounts.factors import give_factor
from tests.factories import DocumentFactory, NewsPageFactory, UserFactory
from tests.factories.bodies import stream
from tests.factories.contributions import ContributionFactory, ContributionFileFactory, member
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.network import StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory, SubscriberFactory

if TYPE_CHECKING:
    from events.models import Session

pytestmark = pytest.mark.django_db

ADDRESS = "zelie.o'hara+reseau@example.org"
NAME = "Zélie Quévremont-Okonjo"
OTHER = f"ana.{ADDRESS}"
PHRASE = "Je suis joignable le mardi, dit Zélie."


def dump() -> Iterator[tuple[str, str]]:
    """Yield every row of every table, and every file, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                yield table, " | ".join(map(as_text, row))
    folders = {Path(storages[name].path("")) for name in ("default", "private")}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield f"file {path.name}", f"{path} {as_text(path.read_bytes())}"


def as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        content = bytes(value)
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return " ".join(as_text(archive.read(name)) for name in archive.namelist())
        return content.decode(errors="replace")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def where(words: str) -> list[str]:
    """Return the tables and files that have some words, as texts, JSON, HTML and links do."""
    spellings = {each.lower() for each in Address(words).spellings}
    return sorted(
        {
            place
            for place, text in dump()
            if any(each in text.lower().replace(OTHER, "") for each in spellings)
        }
    )


@pytest.fixture(autouse=True)
def _empty_disks() -> None:
    """Remove what other tests stored, whose rows were taken back."""
    for name in ("default", "private"):
        shutil.rmtree(storages[name].path(""), ignore_errors=True)


@pytest.fixture
def session() -> Session:
    return only_session(WebinarPageFactory(capacity=1, has_waiting_list=True))


@pytest.fixture
def person(sections: None, session: Session, reviewer: User) -> User:
    """Somebody who has left something in every app."""
    account = UserFactory(
        username=ADDRESS, email=ADDRESS, first_name="Zélie", last_name="Quévremont-Okonjo"
    )
    UserProfile.objects.create(user=account)
    APIToken.objects.create(user=account, name="Ordinateur de Zélie", key_hash="x", prefix="x")
    client = Client()
    client.force_login(account)
    log(account, "wagtail.edit", data={"email": ADDRESS})
    give_factor(account)
    UserSession.objects.create(
        user=account, ip="192.0.2.7", user_agent=f"Navigateur de {ADDRESS}",
        session_key=client.session.session_key, last_seen_at=timezone.now(),
    )  # fmt: skip
    account.set_password("Une phrase de passe de Zélie")
    account.save()

    # The agenda: a session to come where somebody waits, and one of the past.
    RegistrationFactory(session=session, email=ADDRESS, name=NAME)
    RegistrationFactory(session=session, email=OTHER, state="waiting", queued_at=timezone.now())
    past = only_session(WebinarPageFactory(days=-3))
    RegistrationFactory(session=past, email=ADDRESS, name=NAME, accessibility_needs=PHRASE)

    # Contributions: one that waits, one that is drafted, one that was accepted.
    for state in (ContributionState.RECEIVED, ContributionState.ACCEPTED):
        made = ContributionFactory(
            state=state, email=ADDRESS, person_name=NAME, text=f"{PHRASE} {ADDRESS}",
            closed_at=timezone.now() if state == ContributionState.ACCEPTED else None,
        )  # fmt: skip
        ContributionFileFactory(contribution=made, name="cv de Zélie.pdf")
        Message.objects.create(contribution=made, author="partner", text=f"{PHRASE} {ADDRESS}")
        Version.objects.create(contribution=made, content={"text": f"{PHRASE} <{ADDRESS}>"})
        lifecycle.notify_team(made, "team_received")
    drafted = ContributionFactory(
        kind=ContributionKind.NEWS, email=ADDRESS, person_name=NAME, account=account,
        text=f"Écrire à {ADDRESS}",
    )  # fmt: skip
    make_draft(drafted, reviewer)

    # The newsletter.
    subscriber = SubscriberFactory(email=ADDRESS, first_name="Zélie", last_name=NAME)
    mailing = Mailing.objects.create(page=NewsletterIssuePageFactory())
    Delivery.objects.create(mailing=mailing, subscriber=subscriber, state="sent", error=ADDRESS)
    ExportLog.objects.create(count=1, file_format="csv", filters=f"q={ADDRESS}", user=reviewer)
    send_mail("Votre mot de passe", f"Bonjour {NAME}", None, [ADDRESS])

    # The directory, and a table that was imported.
    structure = StructureFactory(
        name="Le Refuge", email=ADDRESS, description=f"Contact : {ADDRESS}"
    )
    structure.save_revision()
    for kind, content in (("csv", f"nom;email\nA;{ADDRESS}".encode()), ("xlsx", workbook())):
        StructureImport.objects.create(
            file=ContentFile(content, name=f"a.{kind}"), name=f"a.{kind}"
        )
    StructureImport.objects.create(file=ContentFile(OTHER.encode(), name="b.csv"), name="b.csv")

    # Texts: what is online with its history, its translation, a comment; tasks that failed.
    news = NewsPageFactory(
        title="Une actualité",
        body=stream(
            ("rich_text", f'<p>Écrire à <a href="mailto:{ADDRESS}">{ADDRESS}</a>.</p>'),
            ("quote", {"text": f"« {ADDRESS} »", "attribution": "Une collègue"}),
        ),
    )
    news.save_revision()
    TranslationSource.update_or_create_from_instance(news)[0].refresh_segments()
    Comment.objects.create(
        page=news, user=account, text=f"Voir avec {ADDRESS}", contentpath="title"
    )
    log(news, "wagtail.edit", user=account, data={"comment": ADDRESS})
    DBTaskResult.objects.create(
        task_path="x", args_kwargs={"args": [ADDRESS]}, backend_name="x", status="FAILED",
        run_after=get_date_max(), exception_class_path="", traceback=f"Error: '\\n{ADDRESS}'",
    )  # fmt: skip
    return account


def workbook() -> bytes:
    content, book = io.BytesIO(), Workbook()
    book.active.append(["nom", ADDRESS])  # type: ignore[union-attr]
    book.save(content)
    return content.getvalue()


TABLES = {
    "core_user", "events_registration", "contributions_contribution", "contributions_message",
    "contributions_version", "newsletter_subscriber", "newsletter_delivery",
    "newsletter_exportlog", "outbox_outgoingemail", "network_structure", "published_item",
    "resources_newspage", "wagtailcore_revision", "wagtailcore_comment",
    "wagtailcore_modellogentry", "wagtailcore_pagelogentry", "django_tasks_database_dbtaskresult",
    "wagtail_localize_translationsource", "wagtail_localize_string", "usersessions_usersession",
}  # fmt: skip


def test_the_person_is_everywhere(person: User) -> None:
    assert set(where(ADDRESS)) >= TABLES


def test_an_export_has_every_row_of_the_dump(person: User) -> None:
    held = collect(f" {ADDRESS.upper()} ")

    exported = {apps.get_model(label)._meta.db_table for label in held.counts}
    tables = {place for place in where(ADDRESS) if not place.startswith("file ")}
    # Words that an index has of what is exported, and what is of a page of a model of its own.
    assert {each for each in tables if not each.startswith("wagtailsearch")} <= exported
    (imports,) = [part for part in held.parts if part.processing.key == "directory-imports"]
    assert len(imports.rows) == 2
    assert OTHER not in str(held)
    texts = json.dumps([part.rows for part in held.parts], ensure_ascii=False, default=str)
    for words in (NAME, PHRASE, "cv de Zélie.pdf", "Ordinateur de Zélie"):
        assert words in texts
    assert "192.0.2.7" in texts
    secrets = [
        value
        for factor in Authenticator.objects.filter(user=person)
        for value in factor.data.values()
        if isinstance(value, str)
    ]
    assert len(secrets) == 2
    sessions = UserSession.objects.values_list("session_key", flat=True)
    assert sessions
    for secret in (person.password, *sessions, *secrets):
        assert secret not in as_json(held)


def test_an_archive_has_the_page_the_json_and_the_files(person: User, tmp_path: Path) -> None:
    path = tmp_path / "zelie.zip"

    call_command("personal_data", "export", ADDRESS, "--output", str(path))

    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert {"donnees.json", "donnees.html"} < set(names)
        assert len([name for name in names if name.endswith("cv de Zélie.pdf")]) == 2
        page = archive.read("donnees.html").decode()
        content = json.loads(archive.read("donnees.json"))
    assert NAME in page
    assert "Inscriptions aux formations et webinaires" in page
    assert {each["processing"] for each in content["held"]} >= {"Lettre d'information"}
    act = PersonalDataAct.objects.get()
    assert (act.act, act.digest) == ("export", Address(ADDRESS).digest)


def test_an_erasure_leaves_the_address_nowhere(person: User, session: Session) -> None:
    item = Item.objects.get(kind="structure")

    erased = erase_person(ADDRESS, None, "asked")

    assert where(ADDRESS) == []
    assert [each for each, text in dump() if NAME in text or "cv de Zélie" in text] == []
    assert not erased.to_replace
    # What stays, as the register has it.
    person.refresh_from_db()
    assert (person.is_active, person.get_full_name()) == (False, "")
    for model in (Authenticator, UserSession, BrowserSession):
        assert not model._default_manager.exists()
    assert Suppression.objects.filter(digest=digest_of(ADDRESS)).exists()
    assert Subscriber.objects.get().state == Subscriber.State.ERASED
    assert Delivery.objects.count() == 1
    assert Contribution.objects.filter(is_anonymised=True).count() == 2
    assert not OutgoingEmail.objects.filter(address__iexact=ADDRESS).exists()
    assert StructureImport.objects.get().name == "b.csv"
    # Whoever waited has the seat.
    waiting = Registration.objects.get(session=session)
    assert (waiting.email, waiting.state) == (OTHER, "confirmed")
    # What is online is what was approved, but for the address.
    structure = Structure.objects.get(name="Le Refuge")
    assert structure.email == ""
    assert structure.description == "Contact : [effacé]"
    item.refresh_from_db()
    assert item.content_hash == canonical_hash(structure.serializable_data())
    assert LedgerEntry.objects.filter(thing_id=structure.pk).last().content_hash == (  # type: ignore[union-attr]
        item.content_hash
    )
    # The proof, without the data.
    act = PersonalDataAct.objects.get()
    assert (act.act, act.reason, act.digest) == ("erase", "asked", Address(ADDRESS).digest)
    assert act.counts["events.Registration"] == 2
    assert "example.org" not in str(PersonalDataAct.objects.values())


def test_an_erasure_twice_finds_nothing(person: User) -> None:
    erase_person(ADDRESS, None, "asked")

    assert collect(ADDRESS).is_empty
    assert not erase_person(ADDRESS, None, "asked").counts


def test_pages_that_had_the_address_are_served(person: User, client: Client) -> None:
    page = NewsPageFactory._meta.model.objects.get(title="Une actualité")
    erase_person(ADDRESS, None, "asked")

    assert "[effacé]" in client.get(page.get_url()).content.decode()


def test_a_document_that_has_the_address_is_to_be_replaced_by_hand() -> None:
    document = DocumentFactory()
    Document.objects.filter(pk=document.pk).update(text=f"Contact : {ADDRESS}")

    erased = erase_person(ADDRESS, None, "asked")

    assert [(each.model, each.pk) for each in erased.to_replace] == [(Document, document.pk)]
    assert collect(ADDRESS).documents


def test_what_is_of_the_site_is_nobodys(settings: Any) -> None:
    conf = SiteSettings.load()
    conf.contact_email = "contact@example.org"
    conf.save()
    settings.DEFAULT_FROM_EMAIL = "PARÉ <envoi@example.org>"

    for address in ("contact@example.org", "ENVOI@example.org"):
        with pytest.raises(ErasureRefused, match="réglages"):
            erase_person(address, None, "asked")


def test_who_works_with_an_account_is_not_erased_by_accident(coordinator: User) -> None:
    User.objects.filter(pk=coordinator.pk).update(email="co@example.org")
    with pytest.raises(ErasureRefused, match="désactivez-le"):
        erase_person("co@example.org", None, "asked")

    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    erase_person("co@example.org", None, "asked")

    coordinator.refresh_from_db()
    assert coordinator.username.startswith("compte-efface-")


def test_an_account_with_more_rights_is_not_erased(director: User) -> None:
    UserFactory(email="admin@example.org", is_superuser=True, is_active=False)

    with pytest.raises(ErasureRefused, match="plus de droits"):
        erase_person("admin@example.org", director, "asked")


def test_the_command_asks_for_the_address_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    SubscriberFactory(email=ADDRESS)
    monkeypatch.setattr("builtins.input", lambda _prompt: "other@example.org")
    with pytest.raises(CommandError, match="differ"):
        call_command("personal_data", "erase", ADDRESS)
    assert Subscriber.objects.get().email == ADDRESS

    call_command("personal_data", "erase", ADDRESS, "--yes")

    printed = capsys.readouterr().out
    assert "newsletter.Subscriber: 1" in printed
    assert "empreinte de l'adresse" in printed
    assert ADDRESS not in printed


class TestScreen:
    URL = "/admin/donnees-personnelles/"

    @pytest.fixture
    def screen(self, director: User, client: Client) -> Client:
        client.force_login(director)
        return client

    def post(self, screen: Client, act: str, **values: str) -> Any:
        return screen.post(self.URL, {"act": act, "address": ADDRESS, **values})

    @pytest.mark.parametrize("group", ["Coordination", "Relecture"])
    def test_it_is_for_direction(self, group: str, client: Client) -> None:
        client.force_login(member(group))

        assert client.get(self.URL).status_code == 302
        assert client.post(self.URL, {"address": ADDRESS}).status_code == 302

    def test_it_shows_what_is_held_in_words(self, screen: Client, person: User) -> None:
        response = self.post(screen, "find")

        page = response.content.decode()
        assert response["Cache-Control"].startswith("max-age=0")
        for words in ("Inscriptions aux formations", "Lettre d&#x27;information", "Ce qui reste"):
            assert words in page
        assert NAME in page

    def test_nothing_is_an_answer(self, screen: Client) -> None:
        assert "Rien." in self.post(screen, "find").content.decode()
        assert self.post(screen, "find", address="zelie").status_code == 422

    def test_it_gives_an_archive(self, screen: Client, person: User, director: User) -> None:
        response = self.post(screen, "export", reason="asked")

        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            assert "donnees.json" in archive.namelist()
        assert PersonalDataAct.objects.get().user == director

    def test_it_erases_once_the_address_is_typed_again(
        self, screen: Client, person: User, director: User
    ) -> None:
        wrong = self.post(screen, "erase", reason="asked", confirmation="zelie@example.org")
        assert wrong.status_code == 422
        assert "pas l&#x27;adresse de cette personne" in wrong.content.decode()
        assert self.post(screen, "erase", confirmation=ADDRESS).status_code == 422
        assert Registration.objects.filter(email=ADDRESS).exists()

        response = self.post(screen, "erase", reason="relative", confirmation=f" {ADDRESS} ")

        assert response.status_code == 302
        assert where(ADDRESS) == []
        after = screen.get(reverse("personal_data")).content.decode()
        assert "C&#x27;est effacé" in after
        assert "Une personne qui la représente" in after
        act = PersonalDataAct.objects.get()
        assert (act.user, act.reason) == (director, "relative")

    def test_it_explains_why_it_does_not_erase(self, screen: Client, coordinator: User) -> None:
        User.objects.filter(pk=coordinator.pk).update(email=ADDRESS)

        assert "désactivez-le" in self.post(screen, "find").content.decode()
        refused = self.post(screen, "erase", reason="asked", confirmation=ADDRESS)

        assert refused.status_code == 302
        assert User.objects.filter(email=ADDRESS).exists()
