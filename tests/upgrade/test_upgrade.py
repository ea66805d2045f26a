"""A filled database of each earlier release becomes one of this release, and loses nothing."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from PIL import Image as Pillow
from wagtail.models import Page, Revision

from core.models import BasePage, Image
from review.content import canonical_hash
from review.models import ExternalContent, RevisionRecord
from tests.database import TestDatabase, migrate, swappable_models_remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.name.removesuffix(".sqlite3.xz") for path in FOLDER.glob("*.sqlite3.xz"))


class Withdrawn(NamedTuple):
    """The draft of a contribution that its partner withdrew."""

    object_id: str
    translation_key: UUID
    contribution: int


@dataclass
class Upgrade:
    """A database that was upgraded, and what was in it before."""

    rows: dict[str, list[Any]]
    review: dict[str, list[Any]]
    withdrawn: Withdrawn
    rights_of_new: set[tuple[str, str, str]]


@pytest.fixture(scope="module", params=VERSIONS)
def upgraded(request: pytest.FixtureRequest, module_database: TestDatabase) -> Upgrade:
    """The database of an earlier release, upgraded once for all that look at it."""
    module_database.restore()
    rights_of_new = rights()
    module_database.load(FOLDER, request.param)
    withdrawn = mark_of_withdrawn_contribution()
    upgrade = Upgrade(rows(), review_rows("contributions"), withdrawn, rights_of_new)
    migrate()
    return upgrade


def rows() -> dict[str, list[Any]]:
    """Return what must outlive an upgrade: the words of pages and the other tables' counts."""
    with connection.cursor() as cursor:
        # The root is no content: it has no address.
        cursor.execute(
            "SELECT id, title, slug, url_path, live FROM wagtailcore_page WHERE depth > 1 "
            "ORDER BY id"
        )
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


def test_migrations_keep_what_was_stored(upgraded: Upgrade) -> None:
    assert rows() == upgraded.rows
    assert len(upgraded.rows["pages"]) > 50


@pytest.fixture
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_taken_back")
def test_the_site_and_the_api_answer_after_migrations(upgraded: Upgrade) -> None:
    call_command("update_index", verbosity=0)
    store_pictures()

    addresses = [page.url for page in Page.objects.live().specific() if isinstance(page, BasePage)]
    statuses = {address: Client().get(address).status_code for address in addresses}
    # What a partner withdrew is no more public than before.
    withdrawn = Page.objects.get(translation_key=upgraded.withdrawn.translation_key)
    assert statuses.pop(withdrawn.url) == 404
    assert set(statuses.values()) == {200}, statuses
    for path in ("resources", "news", "events", "structures", "search"):
        answer = Client().get(f"/api/v1/{path}/", {"q": "mineur"} if path == "search" else {})
        assert answer.status_code == 200
        assert answer.json()["count"], path


def test_what_was_written_before_has_its_records(upgraded: Upgrade) -> None:
    # What was live without a revision has a record of its admission.
    of_revisions = RevisionRecord.objects.exclude(revision=None)
    assert of_revisions.count() == Revision.objects.count()
    assert not RevisionRecord.objects.filter(revision=None, admitted_at=None).exists()
    page = Page.objects.filter(live=True).exclude(live_revision=None).latest("pk").specific
    record = RevisionRecord.objects.get(revision=page.live_revision)
    assert record.admitted_at
    assert record.content_hash == canonical_hash(page.serializable_data())


def test_the_groups_have_what_a_new_database_gives_them(upgraded: Upgrade) -> None:
    assert rights() == upgraded.rights_of_new
    assert len(upgraded.rights_of_new) > 50


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


# Going back comes last: it leaves nothing to look at.
def test_the_review_moves_with_its_tasks_and_rights_and_back(upgraded: Upgrade) -> None:
    withdrawn, before = upgraded.withdrawn, upgraded.review

    mark = ExternalContent.objects.get(object_id=withdrawn.object_id)
    assert (mark.is_suspended, mark.translation_key) == (True, withdrawn.translation_key)
    assert review_rows("review") == before
    assert not ContentType.objects.filter(app_label="contributions", model__in=MOVED).exists()
    go_back(("review", None), ("contributions", "0005_version_content"))

    assert review_rows("contributions") == before
    assert contributions_of_marks() == [(withdrawn.object_id, withdrawn.contribution)]


def mark_of_withdrawn_contribution() -> Withdrawn:
    """Store a withdrawn contribution whose draft is marked, as 0.1.0 did."""
    apps = MigrationLoader(connection).project_state(("contributions", "0004_language")).apps
    page = Page.objects.filter(content_type__model="newspage").latest("pk")
    contribution = apps.get_model("contributions", "Contribution").objects.create(
        kind="news", state="withdrawn", draft_type_id=page.content_type_id, draft_id=str(page.pk)
    )
    apps.get_model("contributions", "OutsideContent").objects.create(
        content_type_id=page.get_base_content_type().pk,
        object_id=str(page.pk),
        contribution=contribution,
    )
    return Withdrawn(str(page.pk), page.translation_key, contribution.pk)


def go_back(*targets: tuple[str, str | None]) -> None:
    """Take back migrations, at once: Django renders a state for each that there was."""
    with swappable_models_remembered():
        MigrationExecutor(connection).migrate(list(targets))


def contributions_of_marks() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id, contribution_id FROM contributions_outsidecontent")
        return cursor.fetchall()


MOVED = ("editorialreview", "reviewstate", "validation")


def review_rows(app: str) -> dict[str, list[Any]]:
    """Return the tasks, their groups, their states, the marks and the rights of the review."""
    types = f"django_content_type WHERE app_label = '{app}' AND model IN {MOVED}"
    types = f"content_type_id IN (SELECT id FROM {types})"  # noqa: S608
    marks = "outsidecontent" if app == "contributions" else "externalcontent"
    asked = {
        "tasks": ("id, name", f"wagtailcore_task WHERE {types}"),
        "states": ("id, status", f"wagtailcore_taskstate WHERE {types}"),
        "rights": ("id, codename", f"auth_permission WHERE {types}"),
        "points": ("task_ptr_id, checklist", f"{app}_editorialreview"),
        "groups": ("validation_id, group_id", f"{app}_validation_groups"),
        "ticked": ("taskstate_ptr_id, ticked", f"{app}_reviewstate"),
        "marks": ("content_type_id, object_id, is_pending", f"{app}_{marks}"),
    }
    found = {}
    with connection.cursor() as cursor:
        for name, (columns, source) in asked.items():
            cursor.execute(f"SELECT {columns} FROM {source} ORDER BY 1, 2")  # noqa: S608
            found[name] = cursor.fetchall()
    return found
