"""Files in an object storage: as on a disk, behind the same checks, at no address of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import FileField
from django.test import Client
from django.urls import reverse
from moto.server import ThreadedMotoServer

from contributions.models import FileState
from contributions.verification import verify
from core.models import Document
from operations.backups import archives
from tests.factories import DocumentFactory, ImageFactory, ResourcePageFactory
from tests.factories.contributions import ContributionFileFactory
from tests.factories.files import text_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

BUCKETS = {"default": "pare-media", "private": "pare-private"}


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedMotoServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def endpoint(server: ThreadedMotoServer) -> str:
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@pytest.fixture
def client_of_service(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "essai")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "essai")
    return boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-3")


@pytest.fixture(autouse=True)
def buckets(
    client_of_service: Any,
    endpoint: str,
    settings: SettingsWrapper,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], dict[str, bytes]]]:
    """Keep all files in two buckets; return what is in one of them."""
    where = {"LocationConstraint": "eu-west-3"}
    for bucket in BUCKETS.values():
        client_of_service.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    monkeypatch.setenv("S3_ENDPOINT_URL", endpoint)
    settings.STORAGES = django_settings_of(BUCKETS)
    for field in private_fields():
        monkeypatch.setattr(field, "storage", storages["private"])

    def content(bucket: str) -> dict[str, bytes]:
        found = client_of_service.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"]: content_of(bucket, each["Key"]) for each in found}

    def content_of(bucket: str, key: str) -> bytes:
        with client_of_service.get_object(Bucket=bucket, Key=key)["Body"] as body:
            read: bytes = body.read()
            return read

    yield content
    for bucket in BUCKETS.values():
        for key in content(bucket):
            client_of_service.delete_object(Bucket=bucket, Key=key)
        client_of_service.delete_bucket(Bucket=bucket)


def django_settings_of(buckets: dict[str, str]) -> dict[str, Any]:
    """Return the storages as production has them."""
    from pare.settings.base import object_storages

    static = django_settings.STORAGES["staticfiles"]["BACKEND"]
    return object_storages(media=buckets["default"], private=buckets["private"], static=static)


def private_fields() -> Iterator[FileField]:
    """Yield the fields of all models that keep private files; the default storage is looked up."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, FileField) and field.storage is not default_storage:
                assert callable(field._storage_callable)
                yield field


def test_originals_are_private_and_renditions_are_not(
    buckets: Callable[[str], dict[str, bytes]],
) -> None:
    image = ImageFactory()

    rendition = image.get_rendition("width-50")

    assert rendition.url == f"/media/{rendition.file.name}"
    assert list(buckets("pare-media")) == [rendition.file.name]
    assert list(buckets("pare-private")) == [image.file.name]


def test_two_files_of_a_name_are_two(buckets: Callable[[str], dict[str, bytes]]) -> None:
    names = {storages["private"].save("guide.txt", ContentFile(text)) for text in (b"un", b"deux")}

    assert set(buckets("pare-private").values()) == {b"un", b"deux"}
    assert set(buckets("pare-private")) == names


def test_a_document_is_served_to_those_who_may_read_it(
    buckets: Callable[[str], dict[str, bytes]], endpoint: str
) -> None:
    hidden = DocumentFactory(title="Caché")
    page = ResourcePageFactory(document=DocumentFactory(title="Public"), cover=ImageFactory())
    reader = Client()

    read = reader.get(page.document.url)
    refused = reader.get(hidden.url)

    assert b"".join(read.streaming_content) == buckets("pare-private")[page.document.file.name]
    assert refused.status_code == 404
    shown = [reverse("api_v1:list_resources"), page.url, reverse("resource-feed"), "/sitemap.xml"]
    for address in shown:
        text = reader.get(address).content.decode()
        assert endpoint not in text
        assert "pare-media" not in text
        assert "AWSAccessKeyId" not in text


def test_a_pdf_is_read_and_deleted_with_its_row(
    buckets: Callable[[str], dict[str, bytes]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        document = DocumentFactory()
    document.refresh_from_db()
    assert document.text_state == Document.TextState.READ

    # Wagtail deletes files by a task, which is given the storage as JSON.
    json.dumps(storages["private"].deconstruct())  # type: ignore[attr-defined]
    with django_capture_on_commit_callbacks(execute=True):
        document.delete()
    assert buckets("pare-private") == {}


def test_what_a_partner_sends_is_inspected() -> None:
    file = ContributionFileFactory(
        state=FileState.CHECKING,
        name="guide.pdf",
        file=SimpleUploadedFile("guide.pdf", text_pdf().read()),
    )

    assert verify(file) == FileState.CLEAN


def test_a_file_that_is_gone_costs_itself() -> None:
    page = ResourcePageFactory(document=DocumentFactory(), cover=ImageFactory())
    for file in (page.cover.file, page.document.file):
        file.storage.delete(file.name)
    reader = Client()

    assert reader.get(reverse("api_v1:list_resources")).json()["items"][0]["cover"] is None
    assert reader.get(page.url).status_code == 200
    assert reader.get(page.document.url).status_code == 404


def test_a_storage_that_is_away_costs_files_alone(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ResourcePageFactory(document=DocumentFactory(), cover=ImageFactory())
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.STORAGES = django_settings_of(BUCKETS)
    for field in private_fields():
        monkeypatch.setattr(field, "storage", storages["private"])
    reader = Client()

    assert reader.get(reverse("api_v1:list_resources")).json()["items"][0]["cover"] is None
    assert reader.get(page.url).status_code == 200
    assert reader.get(Document.objects.get().url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_the_files_of_both(
    buckets: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    ImageFactory().get_rendition("width-50")
    before = {bucket: buckets(bucket) for bucket in BUCKETS.values()}

    archives.make(tmp_path / "site.tar", with_renditions=True)
    for alias in BUCKETS:
        for name in list(archives.stored_files(storages[alias])):
            storages[alias].delete(name)
        storages[alias].save("dossier/de-trop.txt", ContentFile(b"de trop"))
    call_command("restore", tmp_path / "site.tar", replace=True)

    assert {bucket: buckets(bucket) for bucket in BUCKETS.values()} == before
