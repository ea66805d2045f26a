"""A filled database of each earlier release becomes one of this release, and loses nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from PIL import Image as Pillow
from wagtail.models import Page

from core.models import BasePage, Image
from tests.database import TestDatabase

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.name.removesuffix(".sqlite3.xz") for path in FOLDER.glob("*.sqlite3.xz"))


@pytest.fixture(params=VERSIONS)
def earlier(request: pytest.FixtureRequest, test_database: TestDatabase) -> str:
    """Have the database be that of an earlier release."""
    test_database.load(FOLDER, request.param)
    return str(request.param)


def rows() -> dict[str, list[Any]]:
    """Return what must outlive an upgrade: the words of pages and the other tables' counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title, slug, url_path, live FROM wagtailcore_page ORDER BY id")
        found: dict[str, list[Any]] = {"pages": cursor.fetchall()}
        for table in COUNTED:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 (a name of ours)
            found[table] = cursor.fetchall()
    return found


COUNTED = (
    "auth_group",
    "core_document",
    "core_image",
    "core_theme",
    "core_user",
    "events_session",
    "network_structure",
    "newsletter_subscriber",
    "wagtailcore_revision",
)


def test_every_release_of_the_changelog_left_its_database() -> None:
    changelog = (FOLDER.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.M)[::-1] == VERSIONS
    assert [path.name.removesuffix(".sql.xz") for path in sorted(FOLDER.glob("*.sql.xz"))] == (
        VERSIONS
    )


def test_migrations_keep_what_was_stored(earlier: str) -> None:
    before = rows()

    call_command("migrate", verbosity=0)

    assert rows() == before
    assert len(before["pages"]) > 50


def test_the_site_and_the_api_answer_after_migrations(earlier: str) -> None:
    call_command("migrate", verbosity=0)
    call_command("update_index", verbosity=0)
    store_pictures()

    addresses = [page.url for page in Page.objects.live().specific() if isinstance(page, BasePage)]
    statuses = {address: Client().get(address).status_code for address in addresses}
    assert set(statuses.values()) == {200}, statuses
    for path in ("resources", "news", "events", "structures", "search"):
        answer = Client().get(f"/api/v1/{path}/", {"q": "mineur"} if path == "search" else {})
        assert answer.status_code == 200
        assert answer.json()["count"], path


def test_the_groups_have_what_a_new_database_gives_them(
    earlier: str, test_database: TestDatabase
) -> None:
    call_command("migrate", verbosity=0)
    upgraded = rights()

    test_database.restore()

    assert upgraded == rights()


def store_pictures() -> None:
    """Store a picture for each image: the dumps hold rows and no files."""
    picture = io.BytesIO()
    Pillow.new("RGB", (64, 48)).save(picture, "PNG")
    for image in Image.objects.all():
        image.file.storage.save(image.file.name, ContentFile(picture.getvalue()))


def rights() -> set[tuple[str, str, str]]:
    """Return the rights of each group."""
    return set(
        Permission.objects.values_list(
            "group__name", "content_type__app_label", "codename"
        ).exclude(group__name=None)
    )
