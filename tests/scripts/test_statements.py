"""The second engine is given the cheapest tests that make each statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.statements import choose, shape_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "one, other",
    [
        ("SELECT a FROM t WHERE a IN (%s, %s)", "SELECT a FROM t WHERE a IN (%s, %s, %s)"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s)", "INSERT INTO t VALUES (%s, %s)"),
        ('SAVEPOINT "s139_x4"', 'SAVEPOINT "s7_x12"'),
        ("SELECT a FROM t LIMIT 21", "SELECT a FROM t LIMIT 5"),
    ],
)
def test_statements_that_differ_by_values_have_one_shape(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


def test_a_statement_that_fails_has_a_shape_of_its_own() -> None:
    assert shape_of("SELECT a FROM t") != shape_of("SELECT a FROM t", "IntegrityError")
    assert shape_of("SELECT a FROM t") != shape_of("SELECT b FROM t")


def noted(folder: Path, **workers: dict[str, tuple[float, list[int]]]) -> Path:
    for name, tests in workers.items():
        (folder / f"{name}.json").write_text(json.dumps(tests))
    return folder


def test_every_statement_is_made_by_the_cheapest_tests(tmp_path: Path) -> None:
    folder = noted(
        tmp_path,
        gw0={"dear": (9.0, [1, 2, 3]), "one": (0.1, [1, 2]), "none": (0.1, [])},
        gw1={"two": (0.2, [2, 3]), "same": (0.3, [3]), "alone": (5.0, [4])},
    )

    assert choose(folder) == (
        {"dear", "one", "none", "two", "same", "alone"},
        {"one", "two", "alone"},
    )


def test_nothing_is_chosen_of_a_run_that_left_no_notes(tmp_path: Path) -> None:
    assert choose(tmp_path) == (set(), set())
