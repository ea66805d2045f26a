"""The scripts of the site, tested by Node's own runner where Node is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from scripts import node

FOLDER = Path(__file__).resolve().parent
SCRIPTS = Path(settings.SITE_DIR) / "static" / "js"


def test_every_script_has_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.test.mjs"))

    assert [path.name for path in SCRIPTS.glob("*.js") if f'"{path.name}"' not in tests] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.test.mjs")), ids=lambda path: path.name)
def test_the_scripts_do_what_they_promise(path: Path) -> None:
    if reason := node.why_not():
        pytest.skip(reason)

    done = subprocess.run(
        ["node", "--test", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^(?:#|ℹ) pass (\d+)$", done.stdout, flags=re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed[1]) > 0
