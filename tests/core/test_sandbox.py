"""What reads a file that nobody vouches for is stopped before it can hurt."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from core.files import sandbox
from core.files.sandbox import SandboxError, run_in_sandbox


def echo(*arguments: str) -> list[str]:
    return list(arguments)


def print_and_return(word: str) -> str:
    print("bruit")
    return word


def read_environment() -> dict[str, str]:
    return dict(os.environ)


def fail() -> None:
    raise ValueError


def crash() -> None:
    os.abort()


def take_memory() -> int:
    return len(bytearray(2 * sandbox.MEMORY_BYTES))


def write_much(path: str) -> None:
    with open(path, "wb") as file:
        file.truncate(2 * sandbox.MAX_FILE_BYTES)


def sleep_long() -> None:
    time.sleep(30)


def return_what_json_has_not() -> Any:
    return object()


def test_a_function_gets_its_arguments_and_its_answer_comes_back() -> None:
    assert run_in_sandbox(echo, "é", "", 'a "b"') == ["é", "", 'a "b"']
    assert run_in_sandbox(print_and_return, "mot") == "mot"


def test_secrets_of_the_environment_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")

    assert "secret" not in run_in_sandbox(read_environment).values()


@pytest.mark.parametrize("function", [fail, crash, take_memory, return_what_json_has_not])
def test_what_goes_wrong_inside_is_one_error_outside(function: Any) -> None:
    with pytest.raises(SandboxError):
        run_in_sandbox(function)


def test_no_file_grows_without_end(tmp_path: Any) -> None:
    with pytest.raises(SandboxError):
        run_in_sandbox(write_much, str(tmp_path / "file"))


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TIMEOUT_SECONDS", 0.5)
    started = time.monotonic()

    with pytest.raises(SandboxError):
        run_in_sandbox(sleep_long)

    assert time.monotonic() - started < 5
