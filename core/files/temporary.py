"""Temporary files that a process left behind when it was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PATTERNS = ("tmp*.upload*", "pare-*")
"""The names of files that are sent in, as Django gives them, and of our own folders."""
STALE_SECONDS = 86_400


def temporary_folder() -> Path:
    """Return where temporary files are."""
    return Path(tempfile.gettempdir())


def sweep_temporary_files(now: float | None = None) -> int:
    """Remove our temporary files that nobody has touched for a day, and return how many.

    Those of other accounts stay, whatever their names.
    """
    now = time.time() if now is None else now
    count = 0
    folder = temporary_folder()
    for path in (each for pattern in PATTERNS for each in folder.glob(pattern)):
        # Another may remove it at the same time.
        with suppress(OSError):
            found = path.lstat()
            if found.st_uid != os.getuid() or now - found.st_mtime < STALE_SECONDS:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            count += 1
    return count
