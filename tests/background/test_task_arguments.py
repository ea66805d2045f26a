"""What is queued are identifiers: the table of tasks holds nothing of people."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django_tasks.base import Task

ROOT = Path(settings.ROOT_DIR)
APPS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
IDENTIFIERS = {"int", "list[int]", "UUID", "uuid.UUID", "bool"}
# As 0.1.0 queued them: found and run, and never queued again. Until 0.3.0.
LEGACY = {
    "contributions.tasks.send_letter",
    "events.tasks.send_letter",
    "events.tasks.tell_of_cancellation",
    "events.tasks.write_to_all",
}


def tasks() -> dict[str, Task[Any, Any]]:
    found = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts or "@task(" not in path.read_text(encoding="utf-8"):
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            module = importlib.import_module(name)
            for key, value in vars(module).items():
                if isinstance(value, Task) and value.func.__module__ == name:
                    found[f"{name}.{key}"] = value
    return found


def test_a_task_takes_identifiers_and_no_text() -> None:
    found = tasks()
    assert len(found) > 5

    texts = {
        name
        for name, task in found.items()
        for parameter in inspect.signature(task.func).parameters.values()
        if str(parameter.annotation) not in IDENTIFIERS
    }

    assert texts == LEGACY


@pytest.mark.parametrize("name", sorted(LEGACY))
def test_what_took_texts_is_queued_no_more(name: str) -> None:
    function = name.rpartition(".")[2]
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            calls = [
                ast.unparse(node.func)
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".enqueue")
            ]
            queued = [each for each in calls if re.search(rf"\b{function}\.enqueue$", each)]
            assert queued == [], path
