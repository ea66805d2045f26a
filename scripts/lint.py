"""Every check that needs no test, each of them even where another fails: ``make lint``.

Names of checks as arguments choose some of them: ``python -m scripts.lint ruff format``.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sysconfig.get_path("scripts"))


class Check(NamedTuple):
    """A command that fails where something is wrong."""

    title: str
    command: list[str]


def _schema(name: str, path: str) -> list[str]:
    """Return the command that compares a file with a schema that check-jsonschema carries."""
    return ["check-jsonschema", "--builtin-schema", f"vendor.{name}", path]


CHECKS = {
    "ruff": Check("Python: likely mistakes", ["ruff", "check"]),
    "format": Check("Python: format", ["ruff", "format", "--check"]),
    "types": Check("Python: types", ["mypy"]),
    "imports": Check("Python: imports between apps", ["lint-imports"]),
    "circles": Check("Python: circles of imports", ["python", "-m", "scripts.circles"]),
    "words": Check("Python: words of names and docstrings", ["python", "-m", "scripts.words"]),
    "templates": Check("Templates: likely mistakes", ["djlint", "--lint", "site/templates"]),
    "templates-format": Check("Templates: format", ["djlint", "--check", "site/templates"]),
    "github": Check("GitHub workflow", _schema("github-workflows", ".github/workflows/ci.yml")),
    "gitlab": Check("GitLab pipeline", _schema("gitlab-ci", ".gitlab-ci.yml")),
    "dependabot": Check("Dependabot", _schema("dependabot", ".github/dependabot.yml")),
    "compose": Check("Compose", _schema("compose-spec", "compose.yaml")),
    "django": Check("Django: system checks", ["python", "manage.py", "check"]),
    "migrations": Check(
        "Django: models without migrations", ["python", "manage.py", "makemigrations", "--check"]
    ),
}


def main() -> int:
    """Run the checks, then print which passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    names = parser.parse_args().names or list(CHECKS)
    if unknown := set(names) - set(CHECKS):
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    checks = [CHECKS[name] for name in names]

    with tempfile.TemporaryDirectory(prefix="pare-lint-") as temporary:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pare.settings.test",
            "DATABASE_URL": "sqlite://:memory:",
            "PYTHONPATH": "site",
            # mypy imports the settings, and ends without removing their temporary folder.
            "TMPDIR": temporary,
        }
        failed = {check.title: _fails(check, environment) for check in checks}

    print("\n=== Summary")
    for title, bad in failed.items():
        print(f"{title}: {'FAILED' if bad else 'passed'}")
    return int(any(failed.values()))


def _fails(check: Check, environment: dict[str, str]) -> bool:
    print(f"\n=== {check.title}", flush=True)
    program, *arguments = check.command
    done = subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, env=environment, check=False)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
