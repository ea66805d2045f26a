from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AlterField
from django.db.migrations.state import ModelState, ProjectState

from core.migration_operations import AlterTexts


@pytest.fixture
def state() -> ProjectState:
    """Two models, one of which leads to the other, that were built."""
    author = [("id", models.AutoField(primary_key=True)), ("name", models.TextField())]
    book = [
        ("id", models.AutoField(primary_key=True)),
        ("author", models.ForeignKey("library.Author", on_delete=models.CASCADE)),
    ]
    state = ProjectState()
    state.add_model(ModelState("library", "Author", author))
    state.add_model(ModelState("library", "Book", book))
    assert state.apps.get_model("library", "Book")
    return state


def test_texts_are_altered_in_models_that_were_built(state: ProjectState) -> None:
    alteration = AlterField("Author", "name", models.TextField("nom", help_text="En entier."))

    AlterTexts(alteration).state_forwards("library", state)

    author, book = (state.apps.get_model("library", name) for name in ("Author", "Book"))
    assert author._meta.get_field("name").help_text == "En entier."
    assert book._meta.get_field("author").related_model is author


def test_the_database_is_left_alone(state: ProjectState) -> None:
    operation = AlterTexts(AlterField("Author", "name", models.TextField(help_text="En entier.")))
    after = state.clone()
    operation.state_forwards("library", after)

    operation.database_forwards("library", None, state, after)
    operation.database_backwards("library", None, after, state)


ALTERED = [
    (path.parents[1].name, path.stem)
    for path in sorted(Path(settings.ROOT_DIR).glob("*/migrations/*.py"))
    if "AlterTexts(" in path.read_text(encoding="utf-8")
]


@pytest.mark.django_db
@pytest.mark.one_engine
@pytest.mark.parametrize("key", ALTERED, ids=".".join)
def test_only_texts_are_altered_in_that_step(key: tuple[str, str]) -> None:
    loader = MigrationLoader(None)
    before = loader.project_state(key, at_end=False)
    editor = connection.schema_editor()

    for operation in loader.disk_migrations[key].operations:
        after = before.clone()
        operation.state_forwards(key[0], after)
        for each in getattr(operation, "alterations", ()):
            old, new = (
                state.apps.get_model(key[0], each.model_name)._meta.get_field(each.name)
                for state in (before, after)
            )
            assert not editor._field_should_be_altered(old, new), each.describe()
        before = after
