"""What the team sees and does: subscribers, imports, exports, and the page of a sending."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from core.models import StructureType, Territory
from newsletter import importing, sending, subscribing
from newsletter.models import (
    Consent,
    Delivery,
    ExportLog,
    Mailing,
    Subscriber,
    Suppression,
)
from newsletter.sending.worker import Worker
from tests.factories.contributions import member
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    SubscriberFactory,
    section,
    sections,
    validated_issue,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

SUBSCRIBERS = "/admin/lettre/abonnes/"
IMPORT = f"{SUBSCRIBERS}importer/"
ISSUES = "/admin/lettre/numeros/"


@pytest.fixture
def team(client: Client) -> Client:
    client.force_login(member("Coordination", "coordinatrice"))
    return client


def file_of(text: str | bytes, name: str = "liste.csv") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


REFUSED = {302, 403}


@pytest.mark.parametrize(
    "group, expected",
    [
        ("Direction", {200}),
        ("Coordination", {200}),
        ("Relecture", REFUSED),
        ("Partenaires", REFUSED),
    ],
)
def test_only_those_who_look_after_them_see_addresses(
    client: Client, group: str, expected: set[int]
) -> None:
    subscriber = SubscriberFactory(email="camille@example.org")
    issue = NewsletterIssuePageFactory()
    client.force_login(member(group))

    for path in (
        SUBSCRIBERS,
        f"{SUBSCRIBERS}?export=csv",
        f"{SUBSCRIBERS}edit/{subscriber.pk}/",
        f"{SUBSCRIBERS}inspect/{subscriber.pk}/",
        IMPORT,
        "/admin/lettre/exports/",
        ISSUES,
        f"{ISSUES}{issue.pk}/",
    ):
        assert client.get(path).status_code in expected, path


def test_the_list_is_searched_and_filtered(team: Client) -> None:
    SubscriberFactory(email="camille@example.org", department=Territory.objects.get(code="59"))
    SubscriberFactory(email="lou@example.org", state=Subscriber.State.UNSUBSCRIBED)

    def shown(query: str) -> list[str]:
        page = team.get(f"{SUBSCRIBERS}?{query}").content.decode()
        return sorted(set(re.findall(r"(camille|lou)@example\.org", page)))

    assert shown("") == ["camille", "lou"]
    assert shown("q=camille") == ["camille"]
    assert shown("state=unsubscribed") == ["lou"]
    assert shown(f"department={Territory.objects.get(code='59').pk}") == ["camille"]
    assert shown("way=form") == ["camille", "lou"]
    assert shown("way=import") == []


def test_the_list_costs_the_same_for_two_and_for_eight(
    team: Client, count_queries: Callable[..., int]
) -> None:
    def cost() -> int:
        team.get(SUBSCRIBERS)
        return count_queries(lambda: team.get(SUBSCRIBERS))

    kind = StructureType.objects.get(slug="association")
    few = [SubscriberFactory(structure_type=kind) for _ in range(2)] and cost()
    many = [SubscriberFactory(structure_type=kind) for _ in range(6)] and cost()

    assert few == many


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_leaves_a_trace(team: Client, file_format: str) -> None:
    SubscriberFactory(email="camille@example.org", first_name="=HYPERLINK(1)")
    SubscriberFactory(state=Subscriber.State.UNSUBSCRIBED)

    answer = team.get(f"{SUBSCRIBERS}?state=active&export={file_format}")
    content = b"".join(answer.streaming_content if answer.streaming else [answer.content])

    log = ExportLog.objects.get()
    assert (log.user.username, log.count, log.file_format) == ("coordinatrice", 1, file_format)
    assert log.filters == "state=active"
    if file_format == "csv":
        assert "camille@example.org" in content.decode()
        assert ";'=HYPERLINK(1)" in content.decode()
    assert "coordinatrice" in team.get("/admin/lettre/exports/").content.decode()


def test_adding_by_hand_asks_where_the_agreement_comes_from(team: Client) -> None:
    data = {"email": "Camille@example.org", "language": "fr"}
    refused = team.post(f"{SUBSCRIBERS}new/", data)
    assert "consent_source" in refused.context["form"].errors

    team.post(f"{SUBSCRIBERS}new/", data | {"consent_source": "Bulletin signé au colloque"})

    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.state) == ("camille@example.org", "active")
    consent = subscriber.consents.get()
    assert (consent.way, consent.source) == (Consent.Way.ADMIN, "Bulletin signé au colloque")
    again = team.post(f"{SUBSCRIBERS}new/", data | {"consent_source": "x"})
    assert "déjà dans la liste" in str(again.context["form"].errors)
    edit = f"{SUBSCRIBERS}edit/{subscriber.pk}/"
    team.post(edit, {"email": "camille@example.org", "language": "fr", "first_name": "Camille"})
    subscriber.refresh_from_db()
    assert subscriber.first_name == "Camille"


def test_a_segment_shows_how_many_it_reaches(team: Client) -> None:
    SubscriberFactory(department=Territory.objects.get(code="59"))
    SubscriberFactory()
    data = {"name": "Nord", "departments": [Territory.objects.get(code="59").pk]}

    team.post("/admin/lettre/groupes/new/", data)

    shown = team.get("/admin/lettre/groupes/").content.decode()
    assert "Nord" in shown
    assert re.search(r"<td[^>]*>\s*1\s*</td>", shown)


LIST = """\
Email;Prénom;Nom;Structure;Type de structure;Département;Langue
camille@example.org;Camille;Éxemple;Association;association;59;fr
CONNU@example.org;;;;;;
parti@example.org;;;;;;
camille@example.org;Encore;;;;;
pas une adresse;;;;;;
lou@example.org;;;;secte;999;xx
sam@example.org;;;;;1;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_an_import_shows_every_line_then_writes_the_good_ones(team: Client, encoding: str) -> None:
    SubscriberFactory(email="connu@example.org", first_name="Connu")
    gone = SubscriberFactory(email="parti@example.org")
    subscribing.erase(gone)

    preview = team.post(IMPORT, {"file": file_of(LIST.encode(encoding)), "source": "Colloque 2026"})

    data = {
        line.email: line.outcome for line, _label in preview.context["lines"] if not line.errors
    }
    assert data["connu@example.org"] == "known"
    assert data["parti@example.org"] == "suppressed"
    errors = {line.number: len(line.errors) for line, _label in preview.context["lines"]}
    assert errors[6] == 1
    assert errors[7] == 3
    assert Subscriber.objects.filter(email="camille@example.org").count() == 0

    team.post(IMPORT, {"kept": preview.context["kept"]})

    camille = Subscriber.objects.get(email="camille@example.org")
    assert (camille.first_name, camille.last_name, camille.state) == (
        "Camille",
        "Éxemple",
        "active",
    )
    assert camille.department
    assert camille.department.code == "59"
    assert camille.consents.get().source == "Colloque 2026"
    assert Subscriber.objects.get(email="sam@example.org").department.code == "01"
    assert Subscriber.objects.get(email="connu@example.org").first_name == "Connu"
    assert not Subscriber.objects.filter(email="parti@example.org").exists()


@pytest.mark.parametrize(
    "text, reason",
    [
        (" ", "« email »"),
        ("nom;prénom\na;b\n", "« email »"),
        ("a,b,c", "« email »"),
        ("\x00\x00", "ni un tableau CSV ni un classeur XLSX"),
        ("email;courriel\na@example.org;b@example.org\n", "en double : email"),
        ("email;nom\na@example.org;b;c\n", "Ligne 2 : il y a plus de cellules"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_reason(
    team: Client, text: str, reason: str
) -> None:
    answer = team.post(IMPORT, {"file": file_of(text), "source": "x"})

    assert reason in answer.context["form"].errors["file"][0]


def test_a_workbook_of_subscribers_is_read_as_a_table_is(team: Client) -> None:
    book = Workbook()
    for line in LIST.splitlines():
        book.active.append([1 if cell == "1" else cell for cell in line.split(";")])
    output = io.BytesIO()
    book.save(output)

    as_table = importing.read_subscribers(LIST.encode("cp1252"))
    assert importing.read_subscribers(output.getvalue()) == as_table
    preview = team.post(IMPORT, {"file": file_of(output.getvalue(), "liste.xlsx"), "source": "x"})
    team.post(IMPORT, {"kept": preview.context["kept"]})

    assert Subscriber.objects.get(email="sam@example.org").department.code == "01"


def test_an_import_needs_its_source(team: Client) -> None:
    answer = team.post(IMPORT, {"file": file_of("email\na@example.org\n"), "source": ""})

    assert "source" in answer.context["form"].errors


def test_who_left_between_preview_and_writing_does_not_come_back(team: Client) -> None:
    preview = team.post(
        IMPORT, {"file": file_of("email\na@example.org\nb@example.org\n"), "source": "x"}
    )
    Suppression.objects.create(digest=importing.digest_of("a@example.org"))

    team.post(IMPORT, {"kept": preview.context["kept"]})

    assert list(Subscriber.objects.values_list("email", flat=True)) == ["b@example.org"]
    team.post(IMPORT, {"kept": "forgé"})
    assert Subscriber.objects.count() == 1


def test_a_long_list_takes_few_queries(count_queries: Callable[..., int]) -> None:
    text = "email\n" + "".join(f"a-{n}@example.org\n" for n in range(5000))
    lines = importing.read_subscribers(text.encode())

    assert count_queries(lambda: importing.write_subscribers(lines, "x")) < 150
    assert Subscriber.objects.count() == 5000
    assert count_queries(lambda: importing.read_subscribers(text.encode())) < 40


def test_a_test_goes_where_it_is_asked_and_is_marked_as_such(team: Client) -> None:
    page = validated_issue(subject="Essai")
    mail.outbox.clear()

    team.post(f"{ISSUES}{page.pk}/", {"action": "test", "addresses": "a@b.example, c@d.example"})

    assert [message.to for message in mail.outbox] == [["a@b.example"], ["c@d.example"]]
    assert mail.outbox[0].subject == "[TEST] Essai"
    refused = team.post(f"{ISSUES}{page.pk}/", {"action": "test", "addresses": "pas une adresse"})
    assert "addresses" in refused.context["test"].errors
    assert not Mailing.objects.exists()


def test_sending_takes_two_steps_and_then_reports(team: Client) -> None:
    SubscriberFactory(email="camille@example.org")
    page = validated_issue()
    path = f"{ISSUES}{page.pk}/"
    mail.outbox.clear()

    asked = team.post(path, {"action": "schedule", "at": ""})
    assert "Confirmer l&#x27;envoi" in asked.content.decode() or "Confirmer l'envoi" in (
        asked.content.decode()
    )
    assert not Mailing.objects.exists()
    team.post(path, {"action": "schedule", "at": "", "confirmed": "1"})

    assert [message.to for message in mail.outbox] == [["camille@example.org"]]
    shown = team.get(path).content.decode()
    assert "envoyé : 1" in shown
    mailing = Mailing.objects.get()
    data = team.get(f"{ISSUES}envois/{mailing.pk}/avancement/").json()
    assert (data["total"], data["done"], data["percent"], data["is_open"]) == (1, 1, 100, False)
    subscribing.unsubscribe(Subscriber.objects.get(), "one-click")
    assert team.get(f"{ISSUES}envois/{mailing.pk}/avancement/").json()["left"] == 1


def test_an_unready_issue_shows_why_and_offers_no_sending(team: Client) -> None:
    page = NewsletterIssuePageFactory(draft=True, subject="", sections=sections(section("Vide")))
    page.save_revision()

    shown = team.get(f"{ISSUES}{page.pk}/").content.decode()

    assert "À corriger" in shown
    assert "Pas encore validé" in shown
    assert 'value="schedule"' not in shown
    team.post(f"{ISSUES}{page.pk}/", {"action": "schedule", "at": "", "confirmed": "1"})
    assert not Mailing.objects.exists()


def test_a_planned_sending_is_stopped(team: Client) -> None:
    SubscriberFactory()
    page = validated_issue()
    later = timezone.localtime(timezone.now() + timezone.timedelta(days=1))
    when = later.strftime("%Y-%m-%d %H:%M")
    team.post(f"{ISSUES}{page.pk}/", {"action": "schedule", "at": when, "confirmed": "1"})
    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.SCHEDULED

    team.post(f"{ISSUES}envois/{mailing.pk}/arreter/")

    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.CANCELLED
    past = team.post(f"{ISSUES}{page.pk}/", {"action": "schedule", "at": "2020-01-01 10:00"})
    assert "at" in past.context["schedule"].errors


def test_failures_are_listed_filtered_exported_and_settled(team: Client) -> None:
    for email in ("a@example.org", "b@example.org", "c@example.org"):
        SubscriberFactory(email=email)
    sending.schedule(validated_issue(), None)
    Worker().run(once=True)
    mailing = Mailing.objects.get()
    rows = {d.subscriber.email: d for d in Delivery.objects.select_related("subscriber")}
    Delivery.objects.filter(pk=rows["a@example.org"].pk).update(state="uncertain")
    Delivery.objects.filter(pk=rows["b@example.org"].pk).update(state="failed", error="=1+1")
    path = f"{ISSUES}envois/{mailing.pk}/"

    shown = team.get(path).content.decode()
    assert "a@example.org" in shown
    assert "b@example.org" in shown
    assert "c@example.org" not in shown
    assert "a@example.org" not in team.get(f"{path}?state=failed").content.decode()
    assert "b@example.org" not in team.get(f"{path}?q=a@").content.decode()
    assert ",'=1+1," in team.get(f"{path}?export=csv").content.decode()
    one = {"action": "sent", "delivery": rows["a@example.org"].pk}
    team.post(f"{path}trancher/", one)

    assert Delivery.objects.get(subscriber__email="a@example.org").state == "sent"
    Delivery.objects.filter(pk=rows["a@example.org"].pk).update(state="uncertain")
    mail.outbox.clear()
    team.post(f"{path}trancher/", {"action": "again"})
    assert [message.to for message in mail.outbox] == [["a@example.org"]]


def test_a_reader_of_the_report_may_send_nothing(client: Client) -> None:
    from django.contrib.auth.models import Permission

    page = validated_issue()
    user = member("Relecture")
    user.user_permissions.add(Permission.objects.get(codename="view_mailing"))
    client.force_login(user)

    shown = client.get(f"{ISSUES}{page.pk}/")
    assert shown.status_code == 200
    assert 'value="schedule"' not in shown.content.decode()
    data = {"action": "schedule", "at": "", "confirmed": "1"}
    assert client.post(f"{ISSUES}{page.pk}/", data).status_code in {302, 403}
    assert not Mailing.objects.exists()


def test_the_list_of_issues_costs_the_same(team: Client, count_queries: Callable[..., int]) -> None:
    def cost() -> int:
        team.get(ISSUES)
        return count_queries(lambda: team.get(ISSUES))

    for _ in range(2):
        Mailing.objects.create(page=NewsletterIssuePageFactory(), state="sent")
    few = cost()
    for _ in range(6):
        Mailing.objects.create(page=NewsletterIssuePageFactory(), state="sent")

    assert cost() == few
