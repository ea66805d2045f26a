"""The table of rights of docs/relecture.md is true: each of its cells is tried.

Somebody of each group does each act on each kind of content, over HTTP, and what comes of it is
what the table has. A cell that nobody here knows how to try fails, and so does a type of content
that the table does not name.

The types of one table have the same rights: each act is tried on one of them, in turn, and on all
of them with ``PARE_LONG=1``.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import translation
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.models import Collection, Page
from wagtail.snippets.models import get_snippet_models

from contributions.models import Contribution
from core.models import Document, Image, User
from core.registry import page_types
from events.models import Registration, Session
from newsletter.models import ExportLog, Segment, Subscriber
from outbox.models import OutgoingEmail
from review.groups import PARTNERS, TEAM
from tests.pare import acts_of_accounts, acts_of_settings  # noqa: F401 (they register)
from tests.pare.acts import ACTS, LINES, Doing, Stage, family_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

LONG = bool(os.environ.get("PARE_LONG"))
DOCUMENT = Path(settings.ROOT_DIR) / "docs" / "relecture.md"
GROUPS = [*TEAM, PARTNERS]
YES, REVIEWED, NO = "oui", "avec la relecture", "non"
# What has no model of its own among the contents.
OTHERS: list[type[Model]] = [
    *(Subscriber, Segment, ExportLog, Session, Registration, OutgoingEmail),
    *(Redirect, Collection, User, Group),
]


@dataclass(frozen=True)
class Table:
    title: str
    types: list[str]
    rows: list[tuple[str, dict[str, str]]]


def read_tables() -> list[Table]:
    """Read the tables of rights."""
    _before, _title, text = DOCUMENT.read_text(encoding="utf-8").partition(
        "## Le tableau des droits"
    )
    tables = []
    for part in text.partition("\n## ")[0].split("\n### ")[1:]:
        title, types, rows = part.partition("\n")[0], [], []
        for line in part.splitlines():
            if found := re.fullmatch(r"Types : (.+)\.", line):
                types = [name.strip() for name in found[1].split(",")]
            elif line.startswith("|"):
                rows.append([cell.strip() for cell in line.strip("|").split("|")])
        (head, _rule, *body) = rows
        assert head == ["Acte", *GROUPS], title
        tables.append(
            Table(title, types, [(row[0], dict(zip(GROUPS, row[1:], strict=True))) for row in body])
        )
    return tables


def models_of_contents() -> list[type[Model]]:
    """Return what the table must name: all that people work on."""
    return [*page_types(), *get_snippet_models(), *settings_registry, Image, Document, Contribution]


def models_by_name() -> dict[str, type[Model]]:
    with translation.override("fr"):
        return {
            str(model._meta.verbose_name).lower(): model
            for model in (*models_of_contents(), *OTHERS)
        }


TABLES = read_tables()
MODELS = models_by_name()


@dataclass(frozen=True)
class Cell:
    table: str
    act: str
    group: str
    verdict: str
    type: str

    def __str__(self) -> str:
        return f"{self.table}-{self.act}-{self.group}-{self.type}"


def cells() -> Iterator[Cell]:
    """Yield each cell, with the type on which it is tried."""
    for table in TABLES:
        for act, verdicts in table.rows:
            for group, verdict in verdicts.items():
                turn = zlib.crc32(f"{act} {group}".encode()) % len(table.types)
                for name in table.types if LONG else [table.types[turn]]:
                    yield Cell(table.title, act, group, verdict, name)


CELLS = list(cells())


def test_the_table_names_every_type_of_content_once() -> None:
    named = [name for table in TABLES for name in table.types]

    assert len(named) == len(set(named))
    assert {MODELS[name] for name in named} >= set(models_of_contents())


def test_each_type_of_a_table_has_the_same_acts() -> None:
    for table in TABLES:
        assert table.types, table.title
        acts = [act for act, _verdicts in table.rows]
        assert len(acts) == len(set(acts)), table.title
        for verdicts in (verdicts for _act, verdicts in table.rows):
            assert set(verdicts.values()) <= {YES, REVIEWED, NO}, table.title


def test_what_people_do_needs_the_right_of_a_line() -> None:
    lines = {act for table in TABLES for act, _verdicts in table.rows}

    assert {act for _pattern, act in LINES} <= lines


def test_direction_may_do_all_that_coordination_may() -> None:
    """So what the crawl does as the one need not be done as the other (test_offers)."""
    order = [NO, REVIEWED, YES]
    for table in TABLES:
        for act, verdicts in table.rows:
            first, second = (order.index(verdicts[group]) for group in TEAM[:2])
            assert first >= second, (table.title, act)


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """What the acts are done on, made once: each test takes back what it does."""
    needed = {
        (MODELS[cell.type], ACTS[family_of(MODELS[cell.type]), cell.act].needs)
        for cell in CELLS
        if (family_of(MODELS[cell.type]), cell.act) in ACTS
    }
    with django_db_blocker.unblock(), transaction.atomic():
        yield Stage(needed)
        transaction.set_rollback(True)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_right_is_what_the_table_has(stage: Stage, cell: Cell) -> None:
    model = MODELS[cell.type]
    act = ACTS.get((family_of(model), cell.act))
    assert act is not None, f"Nobody knows how to try « {cell.act} » on « {cell.type} »."
    doing = Doing(stage, stage.people[cell.group], model, stage.things.get((model, act.needs)))

    done = act.do(doing)

    assert doing.status != 500
    if cell.verdict == YES:
        assert done, doing.explain()
        return
    assert not done
    if cell.verdict == REVIEWED:
        assert act.finish is not None, f"« {cell.act} » is no act that a review finishes."
        assert act.finish(doing), doing.explain()


@pytest.mark.parametrize("group", TEAM)
def test_types_of_a_table_have_the_same_permissions(stage: Stage, group: str) -> None:
    """So trying an act on one of them is trying it on all."""
    user = stage.people[group]
    for table in TABLES:
        for needs in ("public", "draft"):
            answers: dict[str, list[str]] = {}
            for name in table.types:
                model = MODELS[name]
                page = stage.things.get((model, needs))
                if not isinstance(page, Page):
                    continue
                rights = page.permissions_for_user(user)
                may = {
                    each: getattr(rights, each)()
                    for each in dir(rights)
                    if each.startswith("can_") and not each.endswith(("_to", "_subpage"))
                }
                answers.setdefault(str(may), []).append(name)
            assert len(answers) <= 1, (table.title, needs, answers)
