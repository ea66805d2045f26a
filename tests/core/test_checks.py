"""Rules of the project that are refused at start-up."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from wagtail.models import TranslatableMixin

from core import checks
from core.schemas import PageDetail


class FirstDetail(PageDetail):
    type: str = "first"


class Field:
    def __init__(self, name: str) -> None:
        self.field_name = name


def page_type(**changes: Any) -> type:
    """Return what the check looks at of a page type that is as it should be."""
    sound = {
        "schema": FirstDetail,
        "template": "home/standard_page.html",
        "parent_page_types": [],
        "subpage_types": [],
        "search_fields": [Field("summary"), Field("body")],
        "summary": "",
        "body": "",
    }
    kept = {name: value for name, value in (sound | changes).items() if value is not ...}
    return type("OddPage", (), kept)


def ids(monkeypatch: pytest.MonkeyPatch, *models: type) -> list[str]:
    monkeypatch.setattr(checks, "creatable_page_types", lambda: list(models))
    monkeypatch.setattr(checks, "find_schema", lambda model: model.schema)
    return [message.id for message in checks.check_page_types()]


def test_the_project_keeps_its_rules() -> None:
    assert checks.check_page_types() == []
    assert checks.check_index_pages() == []
    assert checks.check_blocks() == []
    assert checks.check_snippets_are_translatable() == []
    assert {model.__name__ for model in checks.creatable_page_types()} >= {
        "HomePage",
        "StandardPage",
        "CampaignPage",
        "TeamPage",
        "ResourceIndexPage",
        "ResourcePage",
        "NewsIndexPage",
        "NewsPage",
    }


@pytest.mark.parametrize(
    "changes,expected",
    [
        ({}, []),
        ({"schema": None}, ["pare.E001"]),
        ({"schema": BaseModel}, ["pare.E001"]),
        ({"template": "nowhere.html"}, ["pare.E003"]),
        ({"parent_page_types": ...}, ["pare.E004"]),
        ({"subpage_types": ...}, ["pare.E004"]),
        ({"search_fields": [Field("summary")]}, ["pare.E005"]),
        ({"search_fields": []}, ["pare.E005", "pare.E005"]),
    ],
)
def test_a_page_type_is_refused_for_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], expected: list[str]
) -> None:
    assert ids(monkeypatch, page_type(**changes)) == expected


def test_two_page_types_cannot_have_the_same_type(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(monkeypatch, page_type(), page_type()) == ["pare.E002"]


def test_every_index_page_has_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_listing", lambda model: None)

    messages = checks.check_index_pages()

    assert {message.id for message in messages} == {"pare.E008"}
    assert {message.obj.__name__ for message in messages} >= {"ResourceIndexPage", "DirectoryPage"}


def test_every_block_has_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.checks.block_names", lambda: ["heading", "carousel"])

    assert "pare.E006" in {message.id for message in checks.check_blocks()}
    assert any("`carousel`" in message.msg for message in checks.check_blocks())


def test_every_snippet_can_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    class Untranslatable:
        pass

    class Translatable(TranslatableMixin):
        class Meta:
            abstract = True

    monkeypatch.setattr("core.checks.get_snippet_models", lambda: [Untranslatable, Translatable])

    messages = checks.check_snippets_are_translatable()

    assert [(message.id, message.obj) for message in messages] == [("pare.E007", Untranslatable)]
