"""The names that no documentation of Wagtail promises are what we take them for."""

from __future__ import annotations

import ast
import inspect
import io
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, ReferenceIndex
from wagtail.search import index

from core import compat
from core.compat import admin, localize, rich_text
from core.languages.localize_patch import copy_shared_fields
from core.models import Document
from tests.factories import ResourcePageFactory
from tests.factories.files import text_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import User

ROOT = Path(settings.ROOT_DIR)
OURS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


# References


@pytest.mark.django_db
def test_references_are_those_that_wagtail_stores() -> None:
    document = Document.objects.create(title="Un document", file=text_pdf("Un texte."))
    page = ResourcePageFactory(document=document)

    references = compat.extract_references(page)

    stored = ReferenceIndex.objects.filter(object_id=str(page.pk))
    kind = ContentType.objects.get_for_model(Document)
    assert (kind.pk, str(document.pk), "document", "document") in references
    assert {
        (
            each.to_content_type_id,
            each.to_object_id,
            each.model_path,
            each.content_path,
        )
        for each in stored
    } == set(references)
    for each in stored:
        assert compat.hash_content_path(each.content_path) == each.content_path_hash


def test_references_have_the_names_of_their_columns() -> None:
    columns = {field.attname for field in ReferenceIndex._meta.concrete_fields}

    assert set(compat.Reference._fields) <= columns


# Files, links and the index


def test_files_are_hashed_as_wagtail_hashes_them() -> None:
    assert compat.hash_filelike(io.BytesIO(b"abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d"


def test_a_handler_of_links_is_asked_for_many_at_once() -> None:
    assert rich_text.PageLinkHandler.identifier == "page"
    assert parameters(rich_text.PageLinkHandler.expand_db_attributes_many) == ["attrs_list"]


@pytest.mark.django_db
def test_an_object_is_indexed_by_its_model_and_key() -> None:
    task = compat.insert_or_update_object_task

    assert parameters(task.func) == ["app_label", "model_name", "pk"]
    page = ResourcePageFactory()
    task.enqueue("resources", "resourcepage", str(page.pk))


# The administration


@pytest.mark.django_db
def test_the_registry_knows_the_policies_of_pages_and_documents(admin_user: User) -> None:
    documents = admin.policy_registry.get_by_type(Document)
    document = Document.objects.create(title="Un document", file=text_pdf("Un texte."))

    assert list(documents.instances_user_has_permission_for(admin_user, "change")) == [document]
    pages = admin.PagePermissionPolicy().instances_user_has_permission_for(admin_user, "change")
    assert pages.count() == Page.objects.count()


def test_portraits_have_a_form_and_a_panel() -> None:
    assert "avatar" in admin.AvatarPreferencesForm.base_fields
    assert issubclass(admin.AvatarSettingsPanel.form_class, admin.AvatarPreferencesForm)
    assert admin.AvatarSettingsPanel.template_name


def test_each_value_of_an_export_is_preprocessed() -> None:
    mixin = admin.SpreadsheetExportMixin

    assert parameters(mixin.preprocess_field_value) == [
        "self",
        "field",
        "value",
        "export_format",
    ]


def test_the_history_of_the_site_asks_its_view_for_the_label_of_an_action() -> None:
    view = admin.LogEntriesView()

    assert parameters(admin.LogEntriesView.get_action_label) == ["self", "action"]
    exported = view.custom_field_preprocess["action"].values()
    assert {function.__name__ for function in exported} == {"get_action_label"}


# wagtail-localize


def test_wagtail_localize_copies_fields_by_the_name_that_is_patched() -> None:
    assert localize.models.copy_synchronised_fields is copy_shared_fields
    assert parameters(localize.copy_synchronised_fields) == ["source", "target"]
    copying = [
        name
        for name, function in inspect.getmembers(
            localize.models.TranslationSource, inspect.isfunction
        )
        if "copy_synchronised_fields" in function.__code__.co_names
    ]
    assert copying == ["get_ephemeral_translated_instance"], "the other that copied is ours"


def test_every_way_in_which_wagtail_localize_writes_is_known() -> None:
    """Each is looked at before a new one is trusted: a way to write is a way to publish."""
    writing = {
        *("save_target", "create_or_update_translation", "copy_for_translation", "create_alias"),
        *("save_revision", "publish", "sync_alias", "sync_view_restrictions"),
    }
    folder = Path(inspect.getfile(localize.models)).parent

    found = {
        (path.stem, function.name, name)
        for path in folder.rglob("*.py")
        if not {"tests", "migrations", "test"} & set(path.relative_to(folder).parts)
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for name in called_names(function) & writing
    }

    replaced = ("models", "create_or_update_translation")
    assert {each for each in found if each[:2] != replaced} == {
        # Both end in what we replaced.
        ("models", "save_target", "create_or_update_translation"),
        ("models", "update_target_view_restrictions", "sync_view_restrictions"),
        # Drafts, for who may edit.
        ("operations", "create_translations", "save_target"),
        # Ours stand before these views, and ask who may publish.
        ("edit_translation", "edit_translation", "save_target"),
        ("update_translations", "form_valid", "save_target"),
        ("convert", "convert_to_alias", "sync_alias"),
        # Aliases, which show what their source does where it is public.
        ("synctree", "synchronize_tree", "copy_for_translation"),
        ("synctree", "create_aliases_for_new_page", "copy_for_translation"),
    }
    ours = localize.models.TranslationSource.create_or_update_translation
    assert set(parameters(localize.create_or_update_translation)) - {"self"} == set(
        parameters(ours)
    ) - {"source"}


def called_names(function: ast.FunctionDef) -> set[str]:
    """Return the names of the functions and methods that a function calls or hands over."""
    nodes = list(ast.walk(function))
    called = {each.func for each in nodes if isinstance(each, ast.Call)}
    return {each.attr for each in nodes if isinstance(each, ast.Attribute)} | {
        each.id for each in called if isinstance(each, ast.Name)
    }


# modelsearch


@pytest.mark.django_db
def test_the_compilers_of_queries_have_what_ours_replace() -> None:
    engine = import_module(f"core.search_backends.{connection.vendor}")

    replaced = {
        cls: {name for name in vars(cls) if not name.startswith("__")}
        for cls in (engine.QueryCompiler, engine.AutocompleteQueryCompiler, engine.AnyFilter)
    }
    for cls, names in replaced.items():
        base = engine.QueryCompiler.__mro__[2]
        for name in names:
            ours, theirs = vars(cls)[name], getattr(base, name)
            if not callable(ours) or "args" in parameters(ours):
                continue
            assert parameters(ours) == parameters(theirs), name


@pytest.mark.django_db
def test_the_backend_has_the_classes_that_ours_replaces() -> None:
    engine = import_module(f"core.search_backends.{connection.vendor}")
    base = engine.SearchBackend.__mro__[1]

    for name in ("query_compiler_class", "autocomplete_query_compiler_class", "index_class"):
        assert issubclass(getattr(engine.SearchBackend, name), getattr(base, name))
    assert parameters(base.__init__) == ["self", "params"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the index of PostgreSQL")
@pytest.mark.django_db
def test_postgresql_indexes_by_the_configuration_of_the_backend() -> None:
    from core.compat import postgresql

    assert parameters(postgresql.PostgresIndex.add_items) == ["self", "model", "objs"]
    columns = {field.column for field in postgresql.IndexEntry._meta.concrete_fields}
    assert {"title", "body", "body_text", "object_id", "content_type_id"} <= columns


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the index of SQLite")
def test_sqlite_has_a_table_of_words() -> None:
    from core.compat import sqlite

    assert sqlite.SQLiteSearchQueryCompiler.FTS_TABLE_FIELDS == ["title", "body"]
    columns = {field.column for field in sqlite.SQLiteFTSIndexEntry._meta.concrete_fields}
    assert {"autocomplete", "body", "title"} <= columns


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the index of SQLite")
@pytest.mark.django_db
def test_sqlite_reads_no_other_row_to_index_one() -> None:
    from core.compat import sqlite

    assert callable(sqlite.SQLiteIndex._refresh_title_norms)
    page = ResourcePageFactory()

    with CaptureQueriesContext(connection) as queries:
        index.insert_or_update_object(page)

    assert not any("AVG(" in query["sql"] for query in queries)


# Nowhere else


def modules() -> Iterator[tuple[Path, str]]:
    for folder in (*(ROOT / name for name in OURS), ROOT / "site" / "pare"):
        for path in folder.rglob("*.py"):
            if ROOT / "core" / "compat" not in path.parents:
                yield path, path.read_text(encoding="utf-8")


def imported_modules(source: str) -> set[str]:
    """Return the modules of others from which something is imported, or which are."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
            ("wagtail.", "wagtail_localize.", "modelsearch.")
        ):
            for name in node.names:
                full = f"{node.module}.{name.name}"
                found.add(full if is_module(full) else str(node.module))
    return found


@cache
def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # What is before the last point is no package.
        return False


def private_modules() -> set[str]:
    """Return the modules of others that the package imports from, but for what is documented."""
    folder = ROOT / "core" / "compat"
    found = {
        name
        for path in folder.glob("*.py")
        for name in imported_modules(path.read_text(encoding="utf-8"))
    }
    return found - {"wagtail.admin.action_menu", "wagtail.models", "wagtail_localize.fields"}


def test_what_is_private_is_imported_in_one_place() -> None:
    private = private_modules()
    assert len(private) >= 8

    elsewhere = [
        (path.relative_to(ROOT), name)
        for path, source in modules()
        for name in imported_modules(source) & private
    ]
    assert elsewhere == []


def test_underscored_names_of_wagtail_are_used_in_one_place() -> None:
    used = [
        (path.relative_to(ROOT), name)
        for path, source in modules()
        for name in re.findall(
            r"\b(?:ReferenceIndex|Page|Revision|Locale|Rendition|localize)\._(?!meta|default)\w+",
            source,
        )
    ]
    assert used == []
