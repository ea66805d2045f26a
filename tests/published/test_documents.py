"""The address of a document lasts, and gives the public what somebody admitted."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from core.files.pdf import PDFText
from core.models import Document, DocumentVersion
from published.documents import publicly_served_file
from resources.models import ResourcePage
from tests.factories import DocumentFactory, NewsPageFactory, ResourcePageFactory, text_pdf
from tests.factories.contributions import member
from tests.factories.publishing import publish

pytestmark = pytest.mark.django_db

BEFORE, AFTER = "Hirondelle", "Rouge-gorge"


@pytest.fixture
def public(django_capture_on_commit_callbacks: Any) -> Document:
    """A document that a published page gives."""
    with django_capture_on_commit_callbacks(execute=True):
        document = DocumentFactory(title="Le guide", file=text_pdf(BEFORE, name="guide.pdf"))
    page = ResourcePageFactory(document=document)
    publish(page)
    return Document.objects.get(pk=document.pk)


def replace(document: Document, file: ContentFile[bytes] | None = None) -> Document:
    """Replace a file as any code may, without a name for who does it."""
    found = Document.objects.get(pk=document.pk)
    found.file = file or text_pdf(AFTER, name="guide-2027.pdf")
    found.save()
    return found


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def team_client(group: str = "Relecture") -> Client:
    client = Client()
    client.force_login(member(group))
    return client


def publish_again() -> ResourcePage:
    page = ResourcePage.objects.get()
    page.title = "Un autre titre"
    publish(page)
    return page


@pytest.mark.parametrize("address", ["/documents/{pk}/", "/documents/{pk}/avant.pdf"])
def test_any_address_of_a_document_leads_to_its_present_file(
    public: Document, client: Client, address: str
) -> None:
    response = client.get(address.format(pk=public.pk))

    assert response.status_code == 301
    assert response["Location"] == public.url
    assert "no-cache" in response["Cache-Control"]


def test_the_address_from_before_leads_to_the_file_that_replaced_it(
    public: Document, client: Client
) -> None:
    old = public.url
    public.admitted_by = member("Direction")
    public.file = text_pdf(AFTER, name="guide-2027.pdf")
    public.save()

    response = client.get(old, follow=True)

    assert body(response).startswith(b"%PDF")
    assert response.redirect_chain == [(f"/documents/{public.pk}/guide-2027.pdf", 301)]
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert 'filename="guide-2027.pdf"' in response["Content-Disposition"]


def test_a_file_of_the_same_name_keeps_its_very_address(public: Document, client: Client) -> None:
    old, before = public.url, body(client.get(public.url))
    public.admitted_by = "test"
    public.file = text_pdf(AFTER, name="guide.pdf")
    public.save()

    assert public.url == old
    assert body(client.get(old)) != before


def test_a_file_that_nobody_admitted_is_nowhere(
    public: Document, client: Client, get_json: Any, django_capture_on_commit_callbacks: Any
) -> None:
    before = body(client.get(public.url))
    page = ResourcePage.objects.get()
    details = get_json(f"/api/v1/resources/{page.pk}/")["document"]

    with django_capture_on_commit_callbacks(execute=True):
        document = replace(public, text_pdf(AFTER, AFTER, name="guide-2027.pdf"))

    document.refresh_from_db()
    assert (document.text, document.page_count) == (f"{AFTER} {AFTER}", 2)
    assert document.has_waiting_file
    assert body(client.get(public.url)) == before
    response = client.get(f"/documents/{public.pk}/guide-2027.pdf", follow=True)
    assert body(response) == before
    assert body(client.get(f"{public.url}?waiting=1")) == before
    assert get_json(f"/api/v1/resources/{page.pk}/")["document"] == details
    assert get_json("/api/v1/resources/")["items"][0]["document"] == details
    assert get_json("/api/v1/search/", q=AFTER)["items"] == []
    assert len(get_json("/api/v1/search/", q=BEFORE)["items"]) == 1
    assert "guide-2027" not in client.get(page.url).content.decode()


def test_even_written_behind_the_model_it_is_nowhere(public: Document, client: Client) -> None:
    before = body(client.get(public.url))
    other = DocumentFactory(file=text_pdf("Secret"))

    Document.objects.filter(pk=public.pk).update(file=other.file.name)

    assert body(client.get(public.url)) == before


def test_the_team_sees_the_file_that_waits(public: Document) -> None:
    document = replace(public)
    client = team_client()

    screen = client.get(f"/admin/documents/edit/{document.pk}/").content.decode()
    waiting = body(client.get(f"{document.url}?waiting=1"))

    assert "Un fichier plus récent attend" in screen
    assert f"{document.url}?waiting=1" in screen
    with document.file.open("rb") as stored:
        assert waiting == stored.read()


def test_publishing_what_holds_it_admits_the_file(public: Document, client: Client) -> None:
    document = replace(public)

    publish_again()

    document.refresh_from_db()
    assert not document.has_waiting_file
    assert document.filename == "guide-2027.pdf"
    response = client.get(public.url, follow=True)
    with document.file.open("rb") as stored:
        assert body(response) == stored.read()


def test_a_draft_that_holds_it_admits_nothing(public: Document, client: Client) -> None:
    document = replace(public)
    page = NewsPageFactory(live=False)

    page.body = f'[{{"type": "document", "value": {{"document": {document.pk}}}}}]'
    page.save_revision()

    document.refresh_from_db()
    assert document.has_waiting_file


def test_what_is_not_public_has_no_version_of_the_public(client: Client) -> None:
    document = replace(DocumentFactory())

    assert document.public_version is None
    assert publicly_served_file(document) is None
    assert client.get(f"/documents/{document.pk}/").status_code == 404
    assert client.get(document.url).status_code == 404
    assert not DocumentVersion.objects.exists()


@pytest.mark.parametrize("name", ["tableau.xlsx", "guide.docx", "données.csv"])
def test_what_browsers_do_not_show_is_a_download(client: Client, name: str) -> None:
    document = DocumentFactory(file=ContentFile(b"x", name=name))
    ResourcePageFactory(document=document)

    response = client.get(document.url)

    assert body(response) == b"x"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_browser_that_has_the_file_is_told_so(public: Document, client: Client) -> None:
    response = client.get(public.url)
    assert body(response)
    etag = response["ETag"]

    response = client.get(public.url, headers={"if-none-match": etag})

    assert response.status_code == 304


def test_caches_keep_a_file_and_ask_each_time(public: Document, client: Client) -> None:
    response = client.get(public.url)
    assert body(response)

    assert response["Cache-Control"] == "public, no-cache"
    assert "Cookie" in response["Vary"]
    unchanged = client.get(public.url, headers={"if-none-match": response["ETag"]})
    assert (unchanged.status_code, unchanged["Cache-Control"]) == (304, "public, no-cache")
    client.cookies["sessionid"] = "somebody"
    of_somebody = client.get(public.url)
    assert body(of_somebody)
    assert of_somebody["Cache-Control"] == "private, no-cache"
    waiting = team_client().get(f"{public.url}?waiting=1")
    assert body(waiting)
    assert waiting["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "name,media_type",
    [
        *((f"a.{extension}", None) for extension in settings.WAGTAILDOCS_EXTENSIONS),
        ("a.csv.gz", "application/octet-stream"),
        ("a.svgz", "application/octet-stream"),
    ],
)
def test_a_file_has_its_own_type_and_no_encoding(
    client: Client, name: str, media_type: str | None
) -> None:
    document = DocumentFactory(file=ContentFile(b"x", name=name))
    ResourcePageFactory(document=document)

    response = client.get(document.url)

    assert body(response) == b"x"
    assert not response.has_header("Content-Encoding")
    assert response["Content-Length"] == "1"
    if media_type:
        assert response["Content-Type"] == media_type
    else:
        assert response["Content-Type"] != "application/octet-stream"


def test_a_missing_file_is_not_found(public: Document, client: Client) -> None:
    version = public.public_version
    assert version is not None
    version.file.storage.delete(version.file.name)

    assert client.get(public.url).status_code == 404


def stored_documents() -> set[str]:
    root = Path(settings.PRIVATE_ROOT)
    return {
        str(path.relative_to(root)) for path in (root / "documents").rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("seed", range(3))
def test_storage_holds_what_rows_refer_to_and_nothing_else(
    seed: int, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is replaced, published, unpublished and deleted, in whatever order."""
    # A process of its own reads each file: it takes most of the time, and moves none.
    monkeypatch.setattr("core.tasks.read_pdf", lambda path: PDFText("read", 1, path.name))
    chance = random.Random(seed)
    left_by_others = stored_documents()
    documents = [DocumentFactory() for _ in range(3)]
    pages = [ResourcePageFactory(document=document) for document in documents[:2]]

    for _ in range(25):
        with django_capture_on_commit_callbacks(execute=True):
            document = chance.choice(documents)
            match chance.choice(["replace", "replace", "admit", "publish", "unpublish", "new"]):
                case "replace":
                    replace(document, text_pdf(str(chance.random())))
                case "admit":
                    document.refresh_from_db()
                    document.admitted_by = "test"
                    document.file = text_pdf(str(chance.random()))
                    document.save()
                case "publish":
                    publish(chance.choice(pages))
                case "unpublish":
                    page = chance.choice(pages)
                    page.refresh_from_db()
                    page.unpublish()
                case "new":
                    documents.append(DocumentFactory())
    with django_capture_on_commit_callbacks(execute=True):
        Document.objects.filter(pk__in=[document.pk for document in documents[2:]]).delete()

    rows = {str(name) for name in Document.objects.values_list("file", flat=True)}
    versions = {
        str(n) for n in DocumentVersion.objects.exclude(file="").values_list("file", flat=True)
    }
    assert stored_documents() - left_by_others == rows | versions
    public = Document.objects.exclude(public_version=None).values_list("public_version__file")
    assert versions == {name for (name,) in public}
