"""Golden JSON: what each endpoint answered when somebody last looked at it and agreed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

DATE_TIME = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$")
RENDITION = re.compile(r"/media/images/[0-9a-f]{20}/[^\"' )]+")
DOCUMENT = re.compile(r"/documents/\d+/[^\"' )]+")


def normalised(data: Any, key: str = "") -> Any:
    """Return the data without what differs from one run to the next: keys, files, clocks."""
    if isinstance(data, dict):
        return {name: normalised(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [normalised(value, key) for value in data]
    if isinstance(data, str):
        if DATE_TIME.match(data):
            return "<date and time>"
        return DOCUMENT.sub("/documents/<file>", RENDITION.sub("/media/<rendition>", data))
    return f"<{key}>" if key in {"id", "size"} and isinstance(data, int) else data


@dataclass(frozen=True)
class Snapshots:
    """The golden files in a folder."""

    folder: Path
    update: bool

    def check(self, name: str, data: Any, normalise: bool = True) -> None:
        """Compare with the golden file called ``name``, or write it when asked to update.

        Raises:
            Failed: they differ, or there is none; explains how to accept the new data.
        """
        if normalise:
            data = normalised(data)
        path = self.folder / f"{name}.json"
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        if self.update:
            path.write_text(text, encoding="utf-8")
            return
        how = "If that is meant: pytest --update-snapshots, then read the diff and commit it."
        if not path.exists():
            pytest.fail(f"There is no golden file {path.name}. {how}")
        golden = json.loads(path.read_text(encoding="utf-8"))
        assert data == golden, f"{path.name} says something else. {how}"
