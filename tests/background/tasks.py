"""Tasks of the tests, which workers in processes of their own find too."""

from __future__ import annotations

import time
from pathlib import Path

from django_tasks import task

LONGEST_SECONDS = 60


def note(path: str, word: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{word}\n")


@task()
def write(path: str) -> str:
    """Note that it ran."""
    note(path, "ran")
    return path


@task(queue_name="long")
def write_long(path: str) -> None:
    note(path, "ran long")


@task()
def fail(path: str, times: int) -> None:
    """Fail so many times, then note that it ran."""
    note(path, "failed")
    if len(Path(path).read_text(encoding="utf-8").splitlines()) <= times:
        raise RuntimeError("not yet")


@task()
def return_what_json_has_not() -> object:
    return object()


@task()
def hold(path: str) -> None:
    """Note that it began, and end once the file beside it is there."""
    note(path, "begun")
    deadline = time.monotonic() + LONGEST_SECONDS
    while not Path(f"{path}.go").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    note(path, "done")
