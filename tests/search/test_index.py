"""The index holds of a page what the page shows, and nothing that the public may not see."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from taggit.models import Tag
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from core.models import Document, Territory, Theme
from core.tasks import read_document
from resources.models import ResourceAttachment, ResourceAuthor
from tests.factories import (
    DocumentFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    publish,
    stream,
    text_pdf,
)

pytestmark = pytest.mark.django_db

READ = Document.TextState.READ


def read(text: str, **fields: object) -> Document:
    """Return a document whose text has been read."""
    document = DocumentFactory(**fields)
    Document.objects.filter(pk=document.pk).update(text=text, text_state=READ)
    return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize("hidden", ["draft", "expired", "scheduled", "private"])
def test_a_hidden_page_is_not_found(hidden, search, get_json):
    NewsPageFactory(title="Belvédère", **{hidden: True})

    data = search("belvédère", facets="true")

    assert (data["count"], data["items"]) == (0, [])
    assert all(not facet["values"] for facet in data["facets"])
    assert get_json("/api/v1/search/suggest/", q="belv")["items"] == []


def test_a_page_below_a_private_one_is_not_found(titles):
    parent = StandardPageFactory(private=True)
    StandardPageFactory(parent=parent, title="Belvédère")

    assert titles("belvédère") == []


def test_hidden_pages_are_not_counted(search):
    NewsPageFactory(title="Belvédère", themes=[])
    NewsPageFactory(title="Belvédère caché", private=True)

    data = search("belvédère", facets="true")

    assert data["count"] == 1
    (kinds,) = (facet for facet in data["facets"] if facet["name"] == "kind")
    assert [(v["value"], v["count"]) for v in kinds["values"]] == [("news", 1)]


def test_a_draft_of_a_published_page_is_not_found(titles):
    page = NewsPageFactory(title="Avant")
    page.title = "Belvédère"
    page.save_revision()

    assert titles("belvédère") == []
    assert titles("avant") == ["Avant"]


def test_what_happens_to_a_page_is_followed(titles):
    page = NewsPageFactory(title="Belvédère")
    assert titles("belvédère")

    page.unpublish()
    assert not titles("belvédère")

    publish(page)
    assert titles("belvédère")

    restriction = PageViewRestriction.objects.create(
        page=page.get_parent(), restriction_type=PageViewRestriction.LOGIN
    )
    assert not titles("belvédère")

    restriction.delete()
    page.refresh_from_db()
    page.delete()
    assert not titles("belvédère")


def test_a_page_expires_by_the_clock(titles):
    NewsPageFactory(title="Belvédère", expire_at=timezone.now() + dt.timedelta(hours=1))
    assert titles("belvédère")

    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        assert not titles("belvédère")


def test_a_page_moved_under_a_private_one_is_not_found(titles):
    page = StandardPageFactory(title="Belvédère")
    page.move(StandardPageFactory(private=True), pos="last-child")

    assert not titles("belvédère")


def test_a_page_is_indexed_with_what_is_saved_after_it(titles):
    page = ResourcePageFactory(title="Guide", themes=[Theme.objects.get(slug="reperage")])
    page.authors.add(ResourceAuthor(name="Ornicar"))
    page.attachments.add(ResourceAttachment(document=read("Un texte sur le belvédère.")))
    page.tags.add("quetzal")
    publish(page)

    for words in ("repérage", "ornicar", "belvédère", "quetzal"):
        assert titles(words) == ["Guide"], words


@pytest.mark.parametrize("place", ["document", "attachment", "block", "link"])
def test_the_text_of_a_document_is_found_wherever_the_page_has_it(place, search):
    document = read("Page un. Un belvédère domine la vallée.")
    page = ResourcePageFactory(title="Guide")
    match place:
        case "document":
            page.document = document
        case "attachment":
            page.attachments.add(ResourceAttachment(document=document))
        case "block":
            page.body = stream(("document", {"document": document.pk, "title": ""}))
        case "link":
            page.body = stream(
                ("rich_text", f'<p><a linktype="document" id="{document.pk}">Le PDF</a></p>')
            )
    publish(page)

    (hit,) = search("belvedere")["items"]

    assert "Un <mark>belvédère</mark> domine la vallée." in hit["excerpt"]


def test_a_pdf_is_found_once_it_is_read(titles, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = DocumentFactory(file=text_pdf("Un belvedere", "domine la vallee"))
        StandardPageFactory(
            title="Guide", body=stream(("document", {"document": document.pk, "title": ""}))
        )

    assert titles("belvédères vallée") == ["Guide"]


def test_reading_a_document_again_indexes_its_pages_again(titles):
    document = DocumentFactory(file=text_pdf("Un belvedere"))
    ResourcePageFactory(title="Guide", document=document)
    assert not titles("belvédère")

    read_document.call(document.pk)

    assert titles("belvédère") == ["Guide"]


def test_ligatures_and_hyphens_of_pdf_files_are_read_through(titles):
    ResourcePageFactory(
        title="Guide", document=read("Le proﬁl, l'héberge\xadment, la me\u0301thode")
    )

    assert titles("profil hébergement méthode") == ["Guide"]


def test_a_document_of_a_private_collection_is_not_searched(titles):
    private = Collection.get_first_root_node().add_child(name="Équipe")
    ResourcePageFactory(title="Guide", document=read("Un belvédère", collection=private))
    assert titles("belvédère") == ["Guide"]

    restriction = CollectionViewRestriction.objects.create(
        collection=private, restriction_type=CollectionViewRestriction.LOGIN
    )
    assert not titles("belvédère")

    restriction.delete()
    assert titles("belvédère") == ["Guide"]


def test_a_document_moved_to_a_private_collection_is_not_searched(titles):
    private = Collection.get_first_root_node().add_child(name="Équipe")
    CollectionViewRestriction.objects.create(
        collection=private, restriction_type=CollectionViewRestriction.LOGIN
    )
    document = read("Un belvédère")
    ResourcePageFactory(title="Guide", document=document)
    assert titles("belvédère") == ["Guide"]

    document.collection = private
    document.save()

    assert not titles("belvédère")


def test_documents_too_long_for_the_index_do_not_keep_a_page_from_being_published(titles):
    words = " ".join(f"mot{number:x}" for number in range(60_000))
    page = ResourcePageFactory(title="Annexes", document=read("Un belvédère. " + words))
    for _ in range(3):
        page.attachments.add(ResourceAttachment(document=read("暴力行为 " * 80_000 + words)))
    publish(page)

    assert titles("belvédère") == ["Annexes"]


def test_a_term_that_is_renamed_or_deleted_is_followed(titles):
    theme = Theme.objects.get(slug="reperage")
    NewsPageFactory(title="Page", themes=[theme])

    theme.label = "Belvédère"
    theme.save()
    assert titles("belvédère") == ["Page"]
    assert not titles("repérage")

    theme.delete()
    assert not titles("belvédère")


def test_a_tag_and_a_territory_that_are_renamed_are_followed(titles):
    nord = Territory.objects.get(code="59")
    ResourcePageFactory(title="Page", territory=nord, territory_scope="territory", tags=["ancien"])

    Tag.objects.filter(name="ancien").get().delete()
    nord.name = "Septentrion"
    nord.save()

    assert titles("septentrion") == ["Page"]
    assert not titles("ancien")


@pytest.mark.parametrize("update_fields", [None, ["title"]])
def test_saving_a_page_indexes_it_once(monkeypatch, update_fields):
    page = ResourcePageFactory()
    added = []
    backend = get_search_backend()
    monkeypatch.setattr(type(backend), "add", lambda self, item: added.append(item))

    page.title = "Autre titre"
    page.save(update_fields=update_fields)

    assert added == [page]


def test_a_deleted_page_leaves_the_index():
    page = ResourcePageFactory()
    entries = IndexEntry.objects.filter(content_type__model="resourcepage", object_id=str(page.pk))
    assert entries.exists()

    page.delete()

    assert not entries.exists()
