"""The inspection of what was received, by the worker: until then a file is in verification.

A web request only looks at the first bytes (:mod:`contributions.inspection.first_look`): what a
hostile file does to its reader costs no visitor anything.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone
from django_tasks import task

from background.registry import LONG
from contributions.file_names import extension_of, safe_name
from contributions.inspection import inspect_file
from contributions.models import ContributionFile, FileState
from contributions.models.files import quarantine_path
from contributions.scanning import is_configured, scan
from core.files.digests import sha256_of
from core.files.sandbox import SandboxError, SandboxTimeout, run_in_sandbox

logger = logging.getLogger(__name__)

LATE = timedelta(minutes=10)
"""After which a file that is still in verification is looked at again."""
LOST = timedelta(days=1)
"""After which a content that the storage has not is lost: until then, it may be away."""


@task(queue_name=LONG, priority=10)
def verify_file(file_id: int) -> None:
    """Inspect and scan a file; one that is gone is passed over."""
    file = ContributionFile.objects.filter(pk=file_id).first()
    if file is not None:
        verify(file)


def verify(file: ContributionFile) -> FileState:
    """Inspect a file that was received, then have it scanned, and return its state.

    It may be done twice, by two workers at once, and be cut off anywhere: the file then stays in
    verification, and is looked at again.

    Raises:
        OSError: its content can't be read for now, or what is made of it can't be stored.
    """
    if file.state == FileState.CHECKING:
        _inspect(file)
    if file.state not in {FileState.CHECKING, FileState.REFUSED} and is_configured():
        return scan(file)
    return FileState(file.state)


def _inspect(file: ContributionFile) -> None:
    with tempfile.TemporaryDirectory(prefix="pare-") as folder:
        rewritten = Path(folder) / "rewritten"
        try:
            path = _path_of(file, Path(folder))
        except FileNotFoundError:
            if file.received_at > timezone.now() - LOST:
                raise
            file.refuse("lost")
            return
        try:
            found: dict[str, Any] = run_in_sandbox(
                inspect_file, str(path), extension_of(file.name), str(rewritten)
            )
        except SandboxTimeout:
            file.refuse("slow")
        except SandboxError:
            file.refuse("broken")
        else:
            if code := found.get("rejected"):
                file.refuse(code)
            else:
                _keep(file, found, rewritten if found["is_rewritten"] else None)


def _path_of(file: ContributionFile, folder: Path) -> Path:
    """Return where the content is, copied first where the storage has no paths."""
    with closing(file.file.open("rb")) as source:
        # A disk that can't be read is no fault of the file.
        source.read(1)
        source.seek(0)
        try:
            return Path(file.file.path)
        except NotImplementedError:
            path = folder / "received"
            with path.open("wb") as target:
                shutil.copyfileobj(source, target)
            return path


def _keep(file: ContributionFile, found: dict[str, Any], rewritten: Path | None) -> None:
    """Record what a file is, with what was made of it in the place of what was received."""
    storage, received = file.file.storage, str(file.file.name)
    changes = {
        "state": FileState.RECEIVED if is_configured() else FileState.CLEAN,
        "name": safe_name(file.name, found["extension"]),
        "media_type": found["media_type"],
    }
    if rewritten is not None:
        with rewritten.open("rb") as source:
            stored = storage.save(quarantine_path(file, ""), File(source))
        changes |= {
            "file": stored,
            "size": rewritten.stat().st_size,
            "sha256": sha256_of(rewritten),
        }
    is_ours = file.decide({FileState.CHECKING}, **changes)
    if rewritten is not None:
        # Taken away meanwhile, or another was faster: what is made here is of no use.
        storage.delete(received if is_ours else stored)


def verify_late() -> dict[int, FileState]:
    """Inspect and scan what should have been long ago, and return the states.

    What no worker looked at, or not to the end; what was never scanned, or by no scanner that
    answered.
    """
    states = {}
    late = ContributionFile.objects.filter(
        state=FileState.CHECKING, received_at__lt=timezone.now() - LATE
    )
    waiting = ContributionFile.objects.none()
    if is_configured():
        waiting = ContributionFile.objects.filter(
            state__in=(FileState.RECEIVED, FileState.SCANNING, FileState.QUARANTINED)
        ).exclude(contribution=None)
    for file in [*late, *waiting]:
        try:
            states[file.pk] = verify(file)
        except OSError as error:
            logger.error("The file %s can't be inspected for now: %s", file.pk, error)
            states[file.pk] = FileState(file.state)
    return states
