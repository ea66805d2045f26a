"""Every field of every model is accounted for, and the register is written from that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from core.models import Theme, User
from core.privacy import registry
from core.privacy.registry import (
    Declaration,
    Reader,
    Retention,
    declare,
    is_personal,
    personal_fields,
    personal_strings,
    processings,
    retention,
    retentions,
    unaccounted,
)
from events.models import Registration
from tests.factories.events import RegistrationFactory

REGISTER = Path(settings.ROOT_DIR) / "docs" / "registre-des-traitements.md"


@pytest.mark.one_engine
def test_every_field_of_every_model_is_accounted_for() -> None:
    assert unaccounted() == []


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what changes the declaration of a model for a while."""
    registry.load()

    def change(label: str, **values: Any) -> None:
        found = registry._declarations[label]
        monkeypatch.setitem(registry._declarations, label, Declaration(**{**vars(found), **values}))

    return change


def test_a_field_that_a_model_grows_is_missed(change: Any) -> None:
    found = registry._declarations["events.Registration"]
    change(
        "events.Registration",
        others=tuple(name for name in found.others if name != "session"),
    )

    assert unaccounted() == ["events.Registration.session: not declared"]


def test_a_field_about_people_is_missed_where_all_others_are_of_nobody(change: Any) -> None:
    change("published.LinkUse", others=())
    change("core.Image", held=())

    assert unaccounted() == [
        "core.Image.uploaded_by_user: not declared",
        "published.LinkUse.address: not declared",
    ]


def test_a_model_without_declaration_and_what_is_gone_are_missed(
    change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(registry._declarations, "core.Theme")
    change("core.RequestCount", others=("number", "expires_at", "gone"))

    assert unaccounted() == [
        "core.RequestCount.gone: no such field",
        "core.Theme: not declared",
    ]


def test_nothing_is_declared_twice() -> None:
    registry.load()

    with pytest.raises(ImproperlyConfigured, match=r"core\.Theme"):
        declare("core.Theme", rest="…")
    first = retentions()[0]
    with pytest.raises(ImproperlyConfigured, match=first.key):
        retention(first.key, first.keep, "", "", first.end)


@pytest.mark.one_engine
def test_each_entry_has_its_purpose_its_basis_its_term_and_its_readers() -> None:
    assert len(personal_fields()) > 100
    for each in processings():
        assert all(map(str, (each.name, each.purpose, each.people, each.data)))
        assert each.readers
    used = {each.kept for each in personal_fields() if isinstance(each.kept, Retention)}
    # What no column holds: files, and rows of other models.
    files = {"core.temporary_files", "core.tasks_done", "figures.totals"}
    kinds = {each.key.partition(".")[0] for each in retentions()}
    assert {each.key.partition(".")[0] for each in used} == kinds - set(files)


def test_it_answers_which_fields_are_personal() -> None:
    assert is_personal(Registration, "accessibility_needs")
    assert not is_personal(Registration, "uuid")
    assert is_personal(User, "email")
    assert not is_personal(Theme, "label")


@pytest.mark.django_db
def test_it_gives_the_personal_texts_that_a_group_may_not_see() -> None:
    RegistrationFactory(email="ada@example.org", name="Ada")

    def hidden(*readers: str) -> set[str]:
        return {text for _entry, text in personal_strings(readers)}

    assert {"ada@example.org", "Ada"} <= hidden(Reader.REVIEW, Reader.VISITORS)
    assert not {"ada@example.org", "Ada"} & hidden("Coordination")


@pytest.mark.one_engine
def test_the_register_is_up_to_date(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("personal_data", "register")
    written = capsys.readouterr().out

    if request.config.getoption("--update-snapshots"):
        REGISTER.write_text(written, encoding="utf-8")
    assert REGISTER.read_text(encoding="utf-8") == written
