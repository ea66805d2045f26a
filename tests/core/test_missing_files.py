"""One file that is gone or damaged costs the picture of it, and not the page."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.admin.dashboard import blocks_for
from core.models import Document, Image, Rendition
from core.schemas.images import UNDRAWN
from tests.factories import (
    DocumentFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    publish,
)
from tests.factories.files import image_file, text_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from resources.models import ResourcePage

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

GONE, KEPT = "Fichier perdu", "Fichier présent"


def remove(file: Any) -> None:
    """Remove a stored file, as a disk or an incomplete backup does."""
    file.storage.delete(file.name)


def damage(file: Any) -> None:
    """Overwrite a stored file with the start of itself."""
    path = Path(file.path)
    path.write_bytes(path.read_bytes()[:200])


@pytest.fixture
def pages() -> dict[str, ResourcePage]:
    """Two resources with a cover and a document each, of which nothing was drawn yet."""
    made = {
        title: ResourcePageFactory(
            title=title, cover=ImageFactory(), document=DocumentFactory(title=title)
        )
        for title in (GONE, KEPT)
    }
    NewsPageFactory(image=made[GONE].cover)
    FunderFactory(logo=made[GONE].cover)
    Rendition.objects.all().delete()
    return made


def addresses(page: ResourcePage) -> list[str]:
    names = ("list_resources", "list_news", "get_site", "search")
    api = [reverse(f"api_v1:{name}") for name in names]
    feeds = [reverse("resource-feed"), reverse("news-feed"), reverse("sitemap")]
    resolved = f"{reverse('api_v1:resolve')}?path={page.url}"
    site = ["/", page.url, page.get_parent().url, f"{reverse('search')}?q=fichier"]
    return [*api, *feeds, resolved, *site]


@pytest.mark.parametrize("harm", [remove, damage])
def test_a_picture_that_cannot_be_drawn_is_left_out(
    pages: dict[str, ResourcePage], harm: Callable[[Any], None], caplog: pytest.LogCaptureFixture
) -> None:
    harm(pages[GONE].cover.file)

    found = {path: Client().get(path).status_code for path in addresses(pages[GONE])}

    assert set(found.values()) == {200}, found
    listed = Client().get(reverse("api_v1:list_resources")).json()["items"]
    covers = {item["title"]: item["cover"] for item in listed}
    assert covers[GONE] is None
    assert covers[KEPT]["src"]
    lines = [each for each in caplog.records if each.name == "core.absences"]
    assert len(lines) == 1
    assert lines[0].levelname == "ERROR"


def test_a_picture_that_cannot_be_written_is_left_out_and_comes_back(
    pages: dict[str, ResourcePage],
) -> None:
    folder = Path(settings.MEDIA_ROOT) / "images"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    folder.touch()

    found = {path: Client().get(path).status_code for path in addresses(pages[GONE])}
    assert set(found.values()) == {200}, found

    folder.unlink()
    UNDRAWN.clear()  # As after a minute.
    listed = Client().get(reverse("api_v1:list_resources")).json()["items"]
    assert all(item["cover"] for item in listed)


def test_what_failed_is_not_tried_again_at_once(
    pages: dict[str, ResourcePage], monkeypatch: pytest.MonkeyPatch
) -> None:
    remove(pages[GONE].cover.file)
    tried: list[int] = []
    draw = Image.create_renditions

    def count(image: Image, *filters: Any) -> Any:
        tried.append(image.pk)
        return draw(image, *filters)

    monkeypatch.setattr(Image, "create_renditions", count)
    for _ in range(3):
        Client().get(reverse("api_v1:list_resources"))

    assert tried.count(pages[GONE].cover.pk) == 1


def test_a_document_that_is_gone_is_not_found_and_still_listed(
    pages: dict[str, ResourcePage], caplog: pytest.LogCaptureFixture
) -> None:
    document = pages[GONE].document
    assert b"".join(Client().get(document.url))
    remove(document.file)

    assert Client().get(document.url).status_code == 404
    assert Client().get(document.url).status_code == 404
    found = {path: Client().get(path).status_code for path in addresses(pages[GONE])}
    assert set(found.values()) == {200}, found
    assert len([each for each in caplog.records if each.name == "core.absences"]) == 1


def test_editors_open_lists_and_files_that_are_gone(
    pages: dict[str, ResourcePage], editor_client: Client
) -> None:
    page = pages[GONE]
    assert page.cover
    assert page.document
    remove(page.cover.file)
    remove(page.document.file)
    folder = Path(settings.MEDIA_ROOT) / "images"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    folder.touch()
    try:
        found = {
            name: editor_client.get(reverse(name, args=arguments)).status_code
            for name, arguments in (
                ("wagtailadmin_home", []),
                ("wagtailimages:index", []),
                ("wagtailimages:edit", [page.cover.pk]),
                ("wagtailimages_chooser:choose", []),
                ("wagtaildocs:index", []),
                ("wagtaildocs:edit", [page.document.pk]),
                ("wagtaildocs_chooser:choose", []),
                ("wagtailadmin_pages:edit", [page.pk]),
                ("wagtailadmin_pages:view_draft", [page.pk]),
            )
        }
    finally:
        folder.unlink()

    assert set(found.values()) == {200}, found
    assert Document.objects.count() == 2


class TestTheReport:
    def test_what_is_gone_is_listed_to_editors_until_it_is_back(
        self, pages: dict[str, ResourcePage], coordinator: User, client: Client
    ) -> None:
        client.force_login(coordinator)
        screen = reverse("figures_missing_files")
        cover, document = pages[GONE].cover, pages[GONE].document
        assert cover
        assert document
        contents = {}
        for file in (cover.file, document.file):
            with closing(file.storage.open(file.name)) as stored:
                contents[file.name] = stored.read()
            remove(file)

        call_command("check_files", verbosity=0)

        table = client.get(screen).context["table"]
        lines = {(line.kind, line.title, line.is_public) for line in table.data}
        assert lines == {("Image", cover.title, "oui"), ("Document", document.title, "oui")}
        (block,) = (each for each in blocks_for(coordinator) if each.name == "missing-files")
        assert [line.title for line in block.lines] == [cover.title, document.title]
        assert (block.count, block.url) == (2, screen)
        for name, content in contents.items():
            cover.file.storage.save(name, ContentFile(content))
        call_command("check_files", verbosity=0)
        assert list(client.get(screen).context["table"].data) == []
        assert "missing-files" not in {each.name for each in blocks_for(coordinator)}

    def test_looking_costs_the_same_for_two_files_as_for_twenty(
        self, count_queries: Callable[..., int]
    ) -> None:
        def look() -> None:
            call_command("check_files", verbosity=0)

        costs = []
        for count in (2, 18):
            ImageFactory.create_batch(count)
            DocumentFactory.create_batch(count)
            costs.append(count_queries(look))

        assert costs == [2, 2]

    def test_a_new_file_is_not_missing(self, pages: dict[str, ResourcePage]) -> None:
        for file, content in (
            (pages[GONE].cover, image_file()),
            (pages[GONE].document, text_pdf()),
        ):
            assert file
            remove(file.file)
            call_command("check_files", verbosity=0)
            found: Any = type(file).objects.get(pk=file.pk)
            assert found.missing_since

            found.file, found.admitted_by = content, "test"
            found.save(update_fields=["file"])

            assert type(file).objects.get(pk=file.pk).missing_since is None

    def test_the_file_of_the_public_is_looked_for_too(self) -> None:
        document = DocumentFactory()
        publish(ResourcePageFactory(document=document))
        document.refresh_from_db()
        document.file = text_pdf("Un autre")
        document.save()
        document.refresh_from_db()
        assert document.public_version
        assert document.has_waiting_file
        remove(document.public_version.file)

        call_command("check_files", verbosity=0)

        document.refresh_from_db()
        assert document.missing_since
