"""A web request looks at the first bytes of a file; a worker inspects it, whatever ends it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult
from PIL import Image as Pillow

from background.workers import TaskWorker
from contributions import intake, verification
from contributions.drafts import IN_VERIFICATION, DraftNotPossible, make_draft
from contributions.file_names import extension_of
from contributions.files import REASONS, store_uploads
from contributions.forms import new_session
from contributions.inspection import FileRejected
from contributions.inspection.first_look import HEAD_BYTES, look
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionFile, ContributionState, FileState
from contributions.tokens import follow_up_token
from contributions.verification import verify
from tests.background import quick_settings
from tests.background.test_workers import ROOT, database_url, wait_for
from tests.contributions.hostile import HONEST, HOSTILE, docx, many_scans, picture
from tests.contributions.test_files import by_account, by_api, by_form, by_upload
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    form_data,
    member,
)
from tests.factories.files import text_pdf
from tests.factories.photos import PHOTOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User

LANGUAGES = ["fr", "en", "ar"]
MACROS = HOSTILE["macros"]


@pytest.fixture
def queue(settings: Any) -> None:
    """Have tasks wait for a worker."""
    settings.TASKS = quick_settings.TASKS


def work() -> None:
    """Do what waits, as a worker does."""
    while TaskWorker().work():
        pass


def stored() -> set[str]:
    """Return the contents that are in quarantine."""
    folder = Path(django_settings.PRIVATE_ROOT) / "contributions"
    return {each.name for each in folder.iterdir()} if folder.exists() else set()


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(db: None) -> Iterator[None]:
    """Every content has its row."""
    before = stored()
    yield
    names = ContributionFile.objects.values_list("file", flat=True)
    assert stored() - before <= {Path(name).name for name in names}


def received(content: bytes | None = None, name: str = "guide.pdf", **values: Any) -> Any:
    """Return a file in verification."""
    file = SimpleUploadedFile(name, text_pdf().read() if content is None else content)
    return ContributionFileFactory(state=FileState.CHECKING, name=name, file=file, **values)


def macros(**values: Any) -> Any:
    return received(MACROS[1](), "été.docx", **values)


@pytest.mark.django_db
class TestRequests:
    @pytest.mark.parametrize("way", [by_form, by_upload, by_api, by_account])
    def test_none_opens_a_file(
        self,
        client: Client,
        started: dict[str, Any],
        queue: None,
        monkeypatch: pytest.MonkeyPatch,
        way: Callable[..., None],
    ) -> None:
        contents = {
            "a.pdf": text_pdf().read(),
            "Été.docx": docx(),
            "b.jpg": picture(),
            "c.csv": b"nom;ville\nAna;Lille",
        }
        files = [SimpleUploadedFile(name, content) for name, content in contents.items()]

        def opened(*args: Any, **options: Any) -> None:
            raise AssertionError("opened in the request")

        with monkeypatch.context() as patch:
            for target in ("subprocess.Popen", "PIL.Image.open", "zipfile.ZipFile.__init__"):
                patch.setattr(target, opened)
            patch.setattr(verification, "inspect_file", opened)
            way(client, started, files)

        assert [(each.name, each.state) for each in ContributionFile.objects.all()] == [
            (name, "checking") for name in contents
        ]

        work()

        assert [(each.name, each.state) for each in ContributionFile.objects.all()] == [
            *[("a.pdf", "clean"), ("ete.docx", "clean"), ("b.jpg", "clean"), ("c.csv", "clean")]
        ]

    @pytest.mark.parametrize("case", HOSTILE)
    def test_the_first_look_refuses_nothing_that_the_inspection_lets_in(self, case: str) -> None:
        name, make, code = HOSTILE[case]
        content = make()
        found = ""
        try:
            look(content[:HEAD_BYTES], extension_of(name), len(content))
        except FileRejected as rejected:
            found = rejected.code

        # What is too bad for one reason may be for another too.
        assert found in {"", code, "unknown", "archive", "web"}

    @pytest.mark.parametrize("case", HONEST)
    def test_the_first_look_lets_honest_files_through(self, case: str) -> None:
        name, make, media_type = HONEST[case]
        content = make()

        found = look(content[:HEAD_BYTES], extension_of(name), len(content))

        assert found.media_type.split("/")[0] == media_type.split("/")[0]

    @pytest.mark.parametrize("case", PHOTOS)
    def test_the_first_look_knows_pictures(self, case: str) -> None:
        name, make = PHOTOS[case]
        content = make()

        assert look(content[:HEAD_BYTES], extension_of(name), len(content)).media_type.startswith(
            "image/"
        )

    @pytest.mark.parametrize(
        "name, content, code",
        [
            ("vide.pdf", b"", "empty"),
            ("outil.exe", b"rien", "name"),
            ("outil.pdf", b"MZ\x90\x00", "executable"),
            ("tout.zip", b"PK\x03\x04rien", "archive"),
            ("page.txt", b"<script>", "web"),
            ("film.mp4", b"\x00\x00\x00\x18ftypmp42", "unknown"),
        ],
    )
    def test_what_the_first_bytes_show_is_refused_at_once(
        self, queue: None, name: str, content: bytes, code: str
    ) -> None:
        result = store_uploads(uuid.uuid4(), [SimpleUploadedFile(name, content)])

        assert [one.code for one in result.rejected] == [code]
        assert not ContributionFile.objects.exists()
        assert not DBTaskResult.objects.exists()

    def test_the_same_picture_sent_twice_is_one_file_once_it_was_written_anew(self) -> None:
        session, photo = uuid.uuid4(), PHOTOS["jpeg"][1]()
        [file] = store_uploads(session, [SimpleUploadedFile("a.jpg", photo)]).stored
        assert file.sha256 != file.received_sha256

        again = store_uploads(session, [SimpleUploadedFile("b.jpg", photo)])

        assert (again.stored, again.rejected) == ([], [])

    def test_a_file_that_was_refused_may_be_sent_again_and_is_refused_again(self) -> None:
        contribution = ContributionFactory()
        file = macros(contribution=contribution, received_sha256="x")
        verify(file)

        upload = SimpleUploadedFile("a.docx", MACROS[1]())
        result = store_uploads(contribution.session, [upload])

        assert [one.code for one in result.rejected] == ["macros"]


@pytest.mark.django_db
class TestForms:
    def test_what_was_refused_meanwhile_is_beside_the_field_and_nothing_typed_is_lost(
        self, client: Client, started: dict[str, Any], queue: None
    ) -> None:
        session = new_session()
        upload = SimpleUploadedFile("Compte rendu.docx", MACROS[1]())
        answer = client.post(reverse("contributions:upload"), {"session": session, "files": upload})
        assert answer.json()["files"][0]["state"] == "checking"
        work()
        address = reverse("contributions:contribute", args=[ContributionKind.NEWS.slug])
        data = {**form_data(title="Un titre gardé"), **started, "session": session}

        page = client.post(address, data)

        assert page.status_code == 422
        html = page.content.decode()
        assert "Un titre gardé" in html
        assert "Compte rendu.docx" in html
        assert str(REASONS["macros"])[:30] in html
        assert not ContributionFile.objects.exists()
        assert client.post(address, data).status_code == 302

    def test_a_draft_of_an_account_shows_it_before_it_is_sent(
        self, client: Client, queue: None, mailoutbox: list[Any]
    ) -> None:
        client.force_login(member("Partenaires", "partenaire"))
        new = reverse("contributions_write_new", args=["actualite"])
        upload = SimpleUploadedFile("macros.docx", MACROS[1]())
        client.post(new, {"title": "À finir", "files": upload})
        work()
        contribution = Contribution.objects.get()
        address = reverse("contributions_write_own", args=[contribution.pk])
        assert str(REASONS["macros"])[:30] in client.get(address).content.decode()

        answer = client.post(address, form_data(title="Fini", send="1"))

        assert answer.status_code == 422
        assert "Fini" in answer.content.decode()
        assert client.post(address, form_data(title="Fini", send="1")).status_code == 302
        assert not any("fichiers" in mail.subject for mail in mailoutbox)

    def test_a_resource_needs_more_than_a_refused_file(
        self, client: Client, started: dict[str, Any]
    ) -> None:
        contribution = ContributionFactory(kind=ContributionKind.RESOURCE)
        ContributionFileFactory(contribution=contribution, state=FileState.REFUSED)
        address = reverse("contributions:amend", args=[follow_up_token(contribution)])

        page = client.post(address, {**form_data(ContributionKind.RESOURCE, link=""), **started})

        assert page.status_code == 422

    def test_what_was_refused_goes_once_its_partner_amends(
        self, client: Client, started: dict[str, Any]
    ) -> None:
        contribution = ContributionFactory()
        verify(macros(contribution=contribution))
        token = follow_up_token(contribution)
        upload = SimpleUploadedFile("autre.pdf", text_pdf().read())

        answer = client.post(
            reverse("contributions:amend", args=[token]),
            {**form_data(), **started, "files": upload},
        )

        assert answer.status_code == 302
        assert [file.name for file in contribution.files.all()] == ["autre.pdf"]
        page = client.get(reverse("contributions:follow", args=[token])).content.decode()
        assert "Envoyer un autre fichier" not in page

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_follow_up_shows_it_and_what_to_do(self, client: Client, language: str) -> None:
        contribution = ContributionFactory(language=language)
        received(contribution=contribution, name="attend.pdf")
        verify(macros(contribution=contribution))
        token = follow_up_token(contribution)
        with override(language):
            follow, amend = (
                reverse(f"contributions:{name}", args=[token]) for name in ("follow", "amend")
            )
            waits, refused = str(FileState.CHECKING.label), str(FileState.REFUSED.label)
            reason = str(REASONS["macros"])

        for address in (follow, amend):
            html = " ".join(unescape(client.get(address).content.decode()).split())
            first, second = html.split("attend.pdf", 1)[1].split("été.docx", 1)
            assert waits in first
            assert refused in second
            assert reason[1:] in second
        assert f"{amend}#id_files" in client.get(follow).content.decode()


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_partner_gets_a_letter_with_the_reason(
        self,
        mailoutbox: list[Any],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
        language: str,
    ) -> None:
        contribution = ContributionFactory(
            language=language, title="Un titre", address_known_at=timezone.now()
        )
        file = macros(contribution=contribution)

        with django_capture_on_commit_callbacks(execute=True):
            assert verify(file) == FileState.REFUSED
            assert verify(ContributionFile.objects.get()) == FileState.REFUSED

        [mail] = mailoutbox
        with override(language):
            reason = str(REASONS["macros"])
        body = mail.body.replace("\u202f", " ").replace("\u00a0", " ")
        assert mail.to == [contribution.email]
        assert "été.docx" in body
        assert reason in " ".join(body.split())
        assert follow_up_token(contribution)[:10] in mail.body
        assert not file.file.storage.exists(file.file.name)
        contribution.refresh_from_db()
        assert contribution.state == ContributionState.RECEIVED
        assert contribution.title == "Un titre"

    def test_there_is_one_letter_for_all_once_nothing_is_in_verification(
        self, mailoutbox: list[Any]
    ) -> None:
        contribution = ContributionFactory(address_known_at=timezone.now())
        first = macros(contribution=contribution)
        second = received(HOSTILE["pdf script"][1](), "code.pdf", contribution=contribution)
        last = received(contribution=contribution)

        for file in (first, second):
            verify(file)
        assert mailoutbox == []
        verify(last)

        [mail] = mailoutbox
        assert "été.docx" in mail.body
        assert "code.pdf" in mail.body
        assert "guide.pdf" not in mail.body
        verify(macros(contribution=contribution))
        assert "code.pdf" not in mailoutbox[1].body

    def test_what_the_antivirus_finds_later_is_announced_too(self, mailoutbox: list[Any]) -> None:
        file = ContributionFileFactory(state=FileState.RECEIVED)

        file.refuse("infected", "Eicar")

        assert str(REASONS["infected"]) in " ".join(mailoutbox[0].body.split())

    @pytest.mark.parametrize("state", ["draft", "withdrawn", "rejected"])
    def test_there_is_no_letter_where_nothing_is_to_be_done(
        self,
        mailoutbox: list[Any],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
        state: str,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            verify(macros(contribution=ContributionFactory(state=state)))

        assert mailoutbox == []

    def test_one_that_is_refused_as_its_form_is_sent_is_announced_once(
        self,
        mailoutbox: list[Any],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        contribution = ContributionFactory()
        file = macros(contribution=None, session=contribution.session)

        with django_capture_on_commit_callbacks(execute=True):
            verify(file)
            intake.attach_files(contribution, contribution.session)

        assert len(mailoutbox) == 1

    def test_the_team_reads_why(self, client: Client, reviewer: User) -> None:
        contribution = ContributionFactory()
        verify(macros(contribution=contribution))
        client.force_login(reviewer)

        html = client.get(reverse("contribution:inspect", args=[contribution.pk])).content.decode()

        assert "Refusé et détruit" in html
        assert str(REASONS["macros"])[:30] in html
        assert "Fichier refusé" in html
        assert "Antivirus" not in html


@pytest.mark.django_db
class TestRights:
    @pytest.mark.parametrize("group", ["", "Partenaires", "Relecture", "Coordination", "Direction"])
    @pytest.mark.parametrize("name", ["download", "preview"])
    def test_nobody_opens_a_file_in_verification(
        self, client: Client, group: str, name: str
    ) -> None:
        file = received()
        address = reverse(f"contribution:{name}", args=[file.contribution_id, file.uuid])
        if group:
            client.force_login(member(group))
        is_team = group not in {"", "Partenaires"}

        assert client.get(address).status_code in ({404} if is_team else {302, 403})

        verify(file)
        answer = client.get(address)
        assert (answer.status_code == 200) is is_team
        if answer.streaming:
            assert b"".join(answer.streaming_content)

    def test_no_draft_is_made_until_it_is_over(
        self, client: Client, sections: None, reviewer: User
    ) -> None:
        contribution = ContributionFactory()
        file = received(contribution=contribution)
        client.force_login(reviewer)
        sheet = reverse("contribution:inspect", args=[contribution.pk])
        assert "le brouillon attend" in client.get(sheet).content.decode()

        act = reverse("contribution:act", args=[contribution.pk, "draft"])
        answer = client.post(act, follow=True)

        assert [str(each) for each in answer.context["messages"]] == [str(IN_VERIFICATION)]
        contribution.refresh_from_db()
        assert contribution.state == ContributionState.RECEIVED
        with pytest.raises(DraftNotPossible):
            make_draft(contribution, reviewer)

        verify(file)
        draft = make_draft(contribution, reviewer)
        assert draft.pk
        assert "En vérification" not in client.get(sheet).content.decode()


@pytest.mark.django_db
class TestCutOff:
    def test_two_workers_at_once_leave_one_content(self, monkeypatch: pytest.MonkeyPatch) -> None:
        file = received(picture(), "a.jpg")
        other = ContributionFile.objects.get()
        run = verification.run_in_sandbox

        def be_slow(*args: Any, **options: Any) -> Any:
            found = run(*args, **options)
            monkeypatch.setattr(verification, "run_in_sandbox", run)
            verify(other)
            return found

        monkeypatch.setattr(verification, "run_in_sandbox", be_slow)
        verify(file)

        row = ContributionFile.objects.get()
        assert row.state == FileState.CLEAN
        with row.file.open("rb") as kept, Pillow.open(kept) as image:
            image.load()
        assert (row.size, row.media_type) == (row.file.size, "image/jpeg")

    @pytest.mark.parametrize("make", [picture, MACROS[1]])
    def test_one_that_is_taken_away_meanwhile_stays_away(
        self, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes]
    ) -> None:
        file = received(make(), "a.jpg")
        run = verification.run_in_sandbox

        def take_away(*args: Any, **options: Any) -> Any:
            found = run(*args, **options)
            ContributionFile.objects.all().delete()
            return found

        monkeypatch.setattr(verification, "run_in_sandbox", take_away)
        verify(file)

        assert not ContributionFile.objects.exists()

    def test_a_disk_that_fails_is_no_fault_of_the_file(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = received(picture(), "a.jpg")
        with monkeypatch.context() as patch:
            patch.setattr(
                type(file.file.storage), "save", lambda *args: (_ for _ in ()).throw(OSError(28))
            )
            with pytest.raises(OSError, match="28"):
                verify(file)
        assert ContributionFile.objects.get().state == FileState.CHECKING

        assert verify(ContributionFile.objects.get()) == FileState.CLEAN

    def test_the_command_looks_again_at_what_no_worker_did(self) -> None:
        now = timezone.now()
        with time_machine.travel(now - dt.timedelta(minutes=11), tick=False):
            late = received()
        fresh = received()
        for _ in range(2):
            call_command("scan_contributions", verbosity=0)

        late.refresh_from_db()
        fresh.refresh_from_db()
        assert (late.state, fresh.state) == (FileState.CLEAN, FileState.CHECKING)

    def test_a_content_that_is_away_is_waited_for_and_lost_after_a_day(self) -> None:
        now = timezone.now()
        ages = (dt.timedelta(hours=1), dt.timedelta(days=2))
        files = []
        for age in ages:
            with time_machine.travel(now - age, tick=False):
                files.append(received())
        for file in files:
            file.file.storage.delete(file.file.name)

        call_command("scan_contributions", verbosity=0)

        for file in files:
            file.refresh_from_db()
        assert [(file.state, file.refusal) for file in files] == [
            ("checking", ""),
            ("refused", "lost"),
        ]

    def test_what_a_killed_process_left_is_swept_after_a_day(self) -> None:
        storage = storages["private"]
        # What other tests stored, whose rows were taken back.
        shutil.rmtree(storage.path("contributions"), ignore_errors=True)
        kept = received()
        refused = ContributionFileFactory(state=FileState.REFUSED)
        stray = storage.save("contributions/stray", ContentFile(b"x"))
        recent = storage.save("contributions/recent", ContentFile(b"x"))
        other = storage.save("documents/other", ContentFile(b"x"))
        long_ago = (timezone.now() - dt.timedelta(days=2)).timestamp()
        for name in (stray, other, kept.file.name, refused.file.name):
            os.utime(storage.path(name), (long_ago, long_ago))

        call_command("apply_retention", verbosity=0)

        exists = [
            storage.exists(name)
            for name in (stray, refused.file.name, recent, other, kept.file.name)
        ]
        assert exists == [False, False, True, True, True]
        storage.delete(recent)
        storage.delete(other)


@pytest.mark.django_db
def test_a_picture_that_is_drawn_a_thousand_times_is_refused_at_the_cost_of_none() -> None:
    content = many_scans(1400)
    assert len(content) < 350_000
    started = os.times()

    [rejected] = store_uploads(uuid.uuid4(), [SimpleUploadedFile("a.jpg", content)]).rejected

    assert rejected.code == "bomb"
    ended = os.times()
    assert ended.children_user - started.children_user < 10


@pytest.mark.django_db
def test_what_takes_too_long_is_refused_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.sandbox.CPU_SECONDS", 1)

    [rejected] = store_uploads(uuid.uuid4(), [SimpleUploadedFile("a.jpg", many_scans(40))]).rejected

    assert rejected.code == "slow"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_that_are_inspected_at_once_make_one_letter(mailoutbox: list[Any]) -> None:
    contribution = ContributionFactory(address_known_at=timezone.now())
    files = [macros(contribution=contribution) for _ in range(2)]

    def run(file: Any) -> None:
        try:
            verify(file)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [mail] = mailoutbox
    assert mail.body.count("été.docx") == 2


# Real processes


def children_of(pid: int) -> list[str]:
    """Return the commands of the processes that a process started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(command)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_it_inspects_costs_nothing(queue: None) -> None:
    contribution = ContributionFactory()
    slow, bad = many_scans(40), MACROS[1]()
    files = [SimpleUploadedFile("lente.jpg", slow), SimpleUploadedFile("macros.docx", bad)]
    store_uploads(contribution.session, files)
    intake.attach_files(contribution, contribution.session)
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.contributions.worker_settings",
        "PARE_TEST_FILES": str(Path(django_settings.PRIVATE_ROOT).parent),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "db_worker"], cwd=ROOT, env=environment
        )

    def states() -> list[tuple[str, str]]:
        return list(ContributionFile.objects.values_list("state", "refusal"))

    with start() as worker:
        try:
            wait_for(
                lambda: any(
                    "lente" in each or "sandbox" in each for each in children_of(worker.pid)
                ),
                "it inspects",
            )
            assert states()[0] == ("checking", "")
        finally:
            worker.send_signal(signal.SIGKILL)
    assert states()[0] == ("checking", "")

    with start() as worker:
        try:
            wait_for(
                lambda: states() == [("clean", ""), ("refused", "macros")], "another takes it up"
            )
        finally:
            # It deletes what it has replaced before it ends.
            worker.terminate()
            worker.wait(60)
