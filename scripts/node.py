"""The Node that runs the tests of the site's scripts: no program of ours needs it."""

import re
import shutil
import subprocess

OLDEST = 18
"""That of Debian 12, and the first with a runner of tests."""


def why_not() -> str:
    """Return why the scripts can't be tested here; nothing if they can."""
    node = shutil.which("node")
    if node is None:
        return f"install Node {OLDEST} or later"
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", done.stdout)
    if version is None or int(version[1]) < OLDEST:
        return (
            f"Node {done.stdout.strip() or 'of no version'} is too old, install {OLDEST} or later"
        )
    return ""
