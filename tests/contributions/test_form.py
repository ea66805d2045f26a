"""The public form, its uploads and its follow-up."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile

from contributions.forms import new_session, read_session, sign_session
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionFile, ContributionState, Message
from contributions.tokens import follow_up_token
from contributions.views import SUBMISSION_RATE
from core.public_forms import STARTED_SALT
from tests.contributions.hostile import HOSTILE
from tests.factories.contributions import ContributionFactory, form_data
from tests.factories.files import text_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

pytestmark = pytest.mark.django_db


def pdf_upload(name: str = "guide.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text_pdf().read())


def address(kind: ContributionKind) -> str:
    return f"/contribuer/{kind.slug}/"


def test_what_may_be_contributed_is_a_choice_of_links(client: Client) -> None:
    page = client.get("/contribuer/")

    for kind in ContributionKind:
        assert address(kind) in page.content.decode()


@pytest.mark.parametrize("kind", ContributionKind)
def test_each_kind_asks_for_its_own_fields_and_is_received(
    client: Client,
    kind: ContributionKind,
    started: dict[str, Any],
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    page = client.get(address(kind))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert "Ne décrivez aucune situation individuelle" in page.content.decode()
    assert ('name="speaker"' in page.content.decode()) is (kind == ContributionKind.WEBINAR)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address(kind), form_data(kind) | started)

    assert answer.status_code == 302, answer.content.decode()
    contribution = Contribution.objects.get()
    assert contribution.kind == kind
    assert contribution.state == ContributionState.RECEIVED
    assert contribution.consent_version
    assert "/contribuer/suivi/" in mailoutbox[0].body
    assert not client.cookies


def test_an_empty_form_shows_what_is_missing_beside_each_field(
    client: Client, started: dict[str, Any]
) -> None:
    page = client.post(address(ContributionKind.NEWS), {**started, "person_name": "Camille"})

    html = page.content.decode()
    assert page.status_code == 422
    assert 'id="id_title-error"' in html
    assert 'href="#id_title"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="Camille"' in html
    assert not Contribution.objects.exists()


def test_files_and_words_survive_an_error(client: Client, started: dict[str, Any]) -> None:
    data = form_data(email="pas une adresse") | started
    page = client.post(address(ContributionKind.NEWS), {**data, "files": pdf_upload()})
    html = page.content.decode()
    assert "guide.pdf" in html
    assert "Entrée libre." in html
    session = html.split('name="session" value="')[1].split('"')[0]
    assert ContributionFile.objects.get().contribution is None

    client.post(address(ContributionKind.NEWS), {**form_data(), **started, "session": session})

    assert [file.name for file in Contribution.objects.get().files.all()] == ["guide.pdf"]


def test_a_file_that_was_received_may_be_removed(client: Client, started: dict[str, Any]) -> None:
    session = new_session()
    client.post(
        "/contribuer/fichiers/", {"session": session, "files": [pdf_upload(), pdf_upload("b.pdf")]}
    )
    file = ContributionFile.objects.get()
    stored = file.file.name

    client.post(
        address(ContributionKind.NEWS),
        {**form_data(), **started, "session": session, "remove": str(file.uuid)},
    )

    assert not Contribution.objects.get().files.exists()
    assert not file.file.storage.exists(stored)


def test_a_refused_file_keeps_the_form_from_being_sent_and_shows_why(
    client: Client, started: dict[str, Any]
) -> None:
    name, make, _code = HOSTILE["macros"]
    files = [SimpleUploadedFile(name, make()), pdf_upload()]

    page = client.post(address(ContributionKind.NEWS), {**form_data(), **started, "files": files})

    assert page.status_code == 422
    assert "macros" in page.content.decode()
    assert "guide.pdf" in page.content.decode()
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("case", sorted(case for case in HOSTILE if "bomb" not in case)[::8])
def test_hostile_files_are_refused_at_the_door(
    client: Client, started: dict[str, Any], case: str
) -> None:
    """The whole way of some: HTTP, handlers, a process of its own. test_files.py inspects all."""
    name, make, _code = HOSTILE[case]
    upload = SimpleUploadedFile(name, make())

    answer = client.post("/contribuer/fichiers/", {"session": new_session(), "files": upload})

    assert answer.json()["error"]
    assert not ContributionFile.objects.exists()


def test_sending_twice_makes_one_contribution(client: Client, started: dict[str, Any]) -> None:
    data = {**form_data(), **started, "session": new_session()}

    for _ in range(2):
        assert client.post(address(ContributionKind.NEWS), data).status_code == 302

    assert Contribution.objects.count() == 1


def test_a_robot_is_thanked_and_nothing_is_kept(client: Client, started: dict[str, Any]) -> None:
    answer = client.post(
        address(ContributionKind.NEWS), form_data(website="https://spam.example") | started
    )

    assert answer.status_code == 302
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"website": "https://spam.example"},
        {"started": "faux"},
        {"started": signing.dumps(0, salt=STARTED_SALT)},
    ],
    ids=["robot", "forged", "too old"],
)
def test_files_of_no_person_are_dropped(
    client: Client, started: dict[str, Any], wrong: dict[str, str]
) -> None:
    data = {**form_data(), **started, **wrong, "files": [pdf_upload()]}

    client.post(address(ContributionKind.RESOURCE), data)

    assert not ContributionFile.objects.exists()


@pytest.mark.parametrize(
    "salt,seconds", [("", 0), ("autre", -60), (STARTED_SALT, 0), (STARTED_SALT, 60)]
)
def test_a_form_that_was_not_shown_or_is_too_fast_is_refused(
    client: Client, salt: str, seconds: int
) -> None:
    data = signing.dumps(int(time.time()) + seconds, salt=salt) if salt else "faux"

    answer = client.post(address(ContributionKind.NEWS), {**form_data(), "started": data})

    assert answer.status_code == 422
    assert not Contribution.objects.exists()


def test_one_address_sends_so_many_and_no_more(client: Client, started: dict[str, Any]) -> None:
    for _ in range(SUBMISSION_RATE[0]):
        client.post(address(ContributionKind.NEWS), started)

    page = client.post(address(ContributionKind.NEWS), form_data(title="Gardé") | started)

    assert page.status_code == 429
    assert "Gardé" in page.content.decode()
    assert not Contribution.objects.exists()


def test_no_form_of_another_origin_gets_at_a_session() -> None:
    assert read_session("faux") is None
    assert read_session(signing.dumps(uuid.uuid4().hex, salt="autre")) is None
    session = uuid.uuid4()
    assert read_session(sign_session(session)) == session


@pytest.mark.parametrize(
    "field,value",
    [
        ("link", "javascript:alert(1)"),
        ("link", "ftp://example.org/"),
        ("email", "a@b"),
        ("title", "x" * 201),
        ("text", "x" * 10_001),
        ("role", "admin"),
        ("structure_type", "inconnu"),
    ],
)
def test_hostile_values_are_refused(
    client: Client, started: dict[str, Any], field: str, value: str
) -> None:
    answer = client.post(address(ContributionKind.NEWS), form_data(**{field: value}) | started)

    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()


def test_what_is_typed_is_shown_as_text(client: Client, started: dict[str, Any]) -> None:
    contribution = ContributionFactory(title="<script>x</script>", text="<img src=x>")

    page = client.get(f"/contribuer/suivi/{follow_up_token(contribution)}/")

    assert "<script>x" not in page.content.decode()
    assert "<img src=x" not in page.content.decode()


def test_an_end_before_its_start_is_refused(client: Client, started: dict[str, Any]) -> None:
    data = form_data(ContributionKind.TRAINING, ends_at="2027-03-01T08:00")

    assert client.post(address(ContributionKind.TRAINING), data | started).status_code == 422


def test_a_resource_has_a_link_or_a_file(client: Client, started: dict[str, Any]) -> None:
    data = form_data(ContributionKind.RESOURCE, link="") | started
    assert client.post(address(ContributionKind.RESOURCE), data).status_code == 422

    answer = client.post(address(ContributionKind.RESOURCE), {**data, "files": pdf_upload()})

    assert answer.status_code == 302


def test_what_is_over_the_quota_is_let_go_of_and_the_rest_survives(
    client: Client, started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contributions.uploads.MAX_TOTAL_BYTES", 10_000)
    large = SimpleUploadedFile("gros.pdf", b"%PDF-" + b"x" * 200_000)

    page = client.post(
        address(ContributionKind.NEWS), {"files": large, **form_data(title="Gardé"), **started}
    )

    assert page.status_code == 422
    assert "gros.pdf" in page.content.decode()
    assert "Gardé" in page.content.decode()


def test_files_of_one_form_are_not_those_of_another(
    client: Client, started: dict[str, Any]
) -> None:
    client.post("/contribuer/fichiers/", {"session": new_session(), "files": pdf_upload()})
    other = ContributionFile.objects.get()

    session = new_session()
    client.post(
        address(ContributionKind.NEWS),
        {**form_data(), **started, "session": session, "remove": other.uuid},
    )

    assert ContributionFile.objects.get().contribution is None


def test_no_file_is_received_for_a_contribution_that_is_closed(client: Client) -> None:
    contribution = ContributionFactory(state=ContributionState.PUBLISHED)
    session = sign_session(contribution.session)

    answer = client.post("/contribuer/fichiers/", {"session": session, "files": pdf_upload()})

    assert answer.status_code == 403


# Follow-up


def follow_path(contribution: Contribution, what: str = "") -> str:
    return f"/contribuer/suivi/{follow_up_token(contribution)}/{what}"


def test_a_partner_follows_and_writes(
    client: Client,
    coordinator: Any,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    contribution = ContributionFactory()
    Message.objects.create(contribution=contribution, author="note", text="Note interne secrète")
    Message.objects.create(contribution=contribution, author="team", text="Une question")

    page = client.get(follow_path(contribution))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(follow_path(contribution), {"text": "Une réponse"})

    html = page.content.decode()
    assert "Une question" in html
    assert "Note interne" not in html
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert contribution.messages.filter(author="partner", text="Une réponse").exists()
    assert mailoutbox[0].to == [coordinator.email]


def test_a_partner_amends_and_the_team_keeps_the_earlier_version(
    client: Client, started: dict[str, Any]
) -> None:
    contribution = ContributionFactory(state=ContributionState.CHANGES_REQUESTED, title="Avant")
    page = client.get(follow_path(contribution, "modifier/"))
    assert 'value="Avant"' in page.content.decode()

    client.post(
        follow_path(contribution, "modifier/"),
        {**form_data(title="Après"), **started, "message": "Voilà"},
    )

    contribution.refresh_from_db()
    assert contribution.title == "Après"
    assert contribution.state == ContributionState.RECEIVED
    assert contribution.versions.get().content["title"] == "Avant"
    assert contribution.messages.get().text == "Voilà"


@pytest.mark.parametrize(
    "state", [ContributionState.IN_REVIEW, ContributionState.PUBLISHED, ContributionState.REJECTED]
)
def test_what_the_team_has_in_hand_is_not_amended(
    client: Client, started: dict[str, Any], state: ContributionState
) -> None:
    contribution = ContributionFactory(state=state, title="Avant")

    client.post(follow_path(contribution, "modifier/"), form_data(title="Après") | started)

    contribution.refresh_from_db()
    assert contribution.title == "Avant"


def test_opening_the_link_withdraws_nothing_and_the_button_does(client: Client) -> None:
    contribution = ContributionFactory()
    client.get(follow_path(contribution, "retirer/"))
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.RECEIVED

    client.post(follow_path(contribution, "retirer/"))

    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WITHDRAWN


def test_links_end(client: Client, time_machine_: Callable[[float], Any]) -> None:
    contribution = ContributionFactory()
    path = follow_path(contribution)
    assert client.get(path).status_code == 200
    assert client.get(path[:-5] + "/").status_code == 410

    with time_machine_(401 * 24 * 3600):
        assert client.get(path).status_code == 410
    contribution.token_version += 1
    contribution.save()
    assert client.get(path).status_code == 410


@pytest.fixture
def time_machine_() -> Callable[[float], Any]:
    import time_machine

    return lambda seconds: time_machine.travel(time.time() + seconds, tick=False)


def test_a_link_is_not_one_of_another_purpose(client: Client) -> None:
    contribution = ContributionFactory()
    forged = signing.dumps([contribution.pk, 1], salt="events.take-part")

    assert client.get(f"/contribuer/suivi/{forged}/").status_code == 410


def test_the_forms_are_read_without_a_cookie_of_ours(client: Client) -> None:
    for path in ("/contribuer/", address(ContributionKind.NEWS), "/contribuer/recu/"):
        assert client.get(path).cookies == {}
    assert settings.CSRF_COOKIE_NAME not in client.cookies
