"""Run one of our functions on a file that nobody vouches for, with little memory and little time.

Whatever such a file does to its reader (a bomb, a loop, a crash) must not reach the web process or
the worker. So the function runs in a process of its own, without the environment and its secrets;
what it takes and returns is JSON. Its module imports neither Django nor settings.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CPU_SECONDS = 60
TIMEOUT_SECONDS = 2 * CPU_SECONDS
"""By the clock: a machine that is busy is no fault of the file."""
MEMORY_BYTES = 1024**3
MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_CPUS = 2
"""Decoders start a thread for each processor that they see, and each takes of the memory."""

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class SandboxError(Exception):
    """The function was stopped by its limits, or by what it read."""


class SandboxTimeout(SandboxError):
    """The function took too much time, or the machine was out of memory."""


def run_in_sandbox(
    function: Callable[..., Any], *arguments: str, seconds: int | None = None
) -> Any:
    """Return what a function of ours returns, called in a limited process.

    Args:
        function: one at the top of its module, which returns what JSON can carry.
        arguments: what to call it with.
        seconds: of a processor, and twice as many by the clock: fewer than :data:`CPU_SECONDS`
            where somebody waits.

    Raises:
        SandboxTimeout: it took too long.
        SandboxError: it did not return.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    environment = {key: os.environ[key] for key in ENVIRONMENT if key in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 (this module, with a function of ours)
            [sys.executable, "-I", __file__, str(seconds or CPU_SECONDS), name, *arguments],
            capture_output=True,
            check=True,
            cwd="/",
            env=environment | {"MALLOC_ARENA_MAX": "2"},
            stdin=subprocess.DEVNULL,
            timeout=2 * seconds if seconds else TIMEOUT_SECONDS,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise SandboxTimeout(name) from error
    except subprocess.CalledProcessError as error:
        # Past its limit, the system kills it.
        is_late = error.returncode in {-signal.SIGXCPU, -signal.SIGKILL}
        raise (SandboxTimeout if is_late else SandboxError)(name) from error
    except (subprocess.SubprocessError, ValueError) as error:
        raise SandboxError(name) from error


def _set_limits(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if hasattr(os, "sched_setaffinity"):
        available = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, random.sample(available, min(MAX_CPUS, len(available))))


def _main(seconds: str, name: str, *arguments: str) -> None:
    # Libraries that print would spoil the answer.
    answer, sys.stdout = sys.stdout, sys.stderr
    _set_limits(int(seconds))
    sys.path.insert(0, str(ROOT))
    module, _colon, function = name.partition(":")
    result = getattr(importlib.import_module(module), function)(*arguments)
    answer.write(json.dumps(result))


if __name__ == "__main__":
    _main(*sys.argv[1:])
