"""`contributions/`: the same rules as the form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contributions.kinds import FIELDS_BY_KIND, ContributionKind
from contributions.models import Contribution, ContributionFile
from contributions.views import SUBMISSION_RATE
from tests.contributions.hostile import HOSTILE
from tests.factories.contributions import form_data
from tests.factories.files import text_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/contributions/"


def send(status: int, **data: Any) -> Any:
    answer = Client().post(ADDRESS, data)
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


def data(kind: ContributionKind, **more: Any) -> dict[str, Any]:
    return form_data(kind, consent="true", **more) | {"kind": kind.value}


@pytest.mark.parametrize("kind", ContributionKind)
def test_each_kind_is_received(
    kind: ContributionKind,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        receipt = send(201, **data(kind))

    contribution = Contribution.objects.get()
    assert receipt == {"reference": contribution.reference, "state": "received", "files": []}
    assert contribution.origin == "api"
    assert "/contribuer/suivi/" in mailoutbox[0].body


def test_a_cookie_gives_nothing_and_none_is_set(editor_client: Client) -> None:
    answer = editor_client.post(ADDRESS, data(ContributionKind.NEWS))

    assert answer.status_code == 201
    assert Contribution.objects.get().account is None
    assert "sessionid" not in answer.cookies


def test_errors_are_listed_field_by_field() -> None:
    problem = send(422, kind="training", title="x" * 201, email="non", consent="false")

    fields = {error["location"][-1] for error in problem["errors"]}
    assert {"title", "email", "consent", "starts_at", "organiser", "text"} <= fields
    assert {error["location"][0] for error in problem["errors"]} == {"body"}


def test_an_app_chooses_the_language_of_answers_and_emails(
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    get_json: Callable[..., Any],
) -> None:
    kinds = {
        each["kind"]: each["label"] for each in get_json(f"{ADDRESS}kinds/", locale="en")["kinds"]
    }
    assert kinds["news"] == "A piece of news"
    problem = send(422, kind="news", email="non", consent="false", locale="en")
    assert "Enter a valid email address." in {error["message"] for error in problem["errors"]}
    assert (
        send(422, **data(ContributionKind.NEWS), locale="xx")["errors"][0]["location"][-1]
        == "locale"
    )

    with django_capture_on_commit_callbacks(execute=True):
        send(201, **data(ContributionKind.NEWS), locale="en")

    assert Contribution.objects.get().language == "en"
    assert "/en/contribuer/suivi/" in mailoutbox[0].body


@pytest.mark.parametrize("kind", ["", "page", "admin"])
def test_an_unknown_kind_is_a_problem(kind: str) -> None:
    assert send(422, kind=kind)["status"] == 422


def test_files_come_with_it() -> None:
    upload = SimpleUploadedFile("Guide été.pdf", text_pdf().read())

    receipt = send(201, **data(ContributionKind.NEWS), files=upload)

    assert [file["name"] for file in receipt["files"]] == ["guide-ete.pdf"]
    assert "url" not in json.dumps(receipt)


def test_one_hostile_file_refuses_all_and_leaves_nothing() -> None:
    name, make, code = HOSTILE["macros"]
    files = [
        SimpleUploadedFile("bon.pdf", text_pdf().read()),
        SimpleUploadedFile(name, make()),
    ]

    problem = send(422, **data(ContributionKind.NEWS), files=files)

    assert [error["code"] for error in problem["errors"]] == [code]
    assert not Contribution.objects.exists()
    assert not ContributionFile.objects.exists()


def test_what_is_over_the_quota_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contributions.uploads.MAX_TOTAL_BYTES", 10_000)
    large = SimpleUploadedFile("gros.pdf", b"%PDF-" + b"x" * 200_000)

    send(413, **data(ContributionKind.NEWS), files=large)


def test_one_address_sends_so_many_and_no_more() -> None:
    for _ in range(SUBMISSION_RATE[0]):
        Client().post(ADDRESS, {"kind": "news"})

    answer = Client().post(ADDRESS, data(ContributionKind.NEWS))

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_nothing_that_was_sent_can_be_read(get_json: Callable[..., Any]) -> None:
    send(201, **data(ContributionKind.NEWS))

    assert Client().get(ADDRESS).status_code == 405
    assert Client().get(f"{ADDRESS}{Contribution.objects.get().pk}/").status_code == 404


def test_kinds_list_their_fields(get_json: Callable[..., Any]) -> None:
    kinds = get_json(f"{ADDRESS}kinds/")

    assert [kind["kind"] for kind in kinds["kinds"]] == list(ContributionKind)
    for kind in kinds["kinds"]:
        names = [field["name"] for field in kind["fields"]]
        assert names[: len(FIELDS_BY_KIND[kind["kind"]])] == [
            spec.name for spec in FIELDS_BY_KIND[kind["kind"]]
        ]
        assert {"person_name", "email", "consent"} <= set(names)
    assert kinds["max_total_bytes"] == 128 * 1024 * 1024
