"""Every check that needs no test, each of them even where another fails: ``make lint``."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sysconfig.get_path("scripts"))

CHECKS = {
    "Python: likely mistakes": ["ruff", "check"],
    "Python: format": ["ruff", "format", "--check"],
    "Python: types": ["mypy"],
    "Python: imports between apps": ["lint-imports"],
    "Python: words of names and docstrings": ["python", "-m", "scripts.words"],
    "Templates: likely mistakes": ["djlint", "--lint", "site/templates"],
    "Templates: format": ["djlint", "--check", "site/templates"],
    "Django: system checks": ["python", "manage.py", "check"],
    "Django: models without migrations": ["python", "manage.py", "makemigrations", "--check"],
}


def main() -> int:
    """Run the checks, then print which passed."""
    with tempfile.TemporaryDirectory(prefix="pare-lint-") as temporary:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pare.settings.test",
            "DATABASE_URL": "sqlite://:memory:",
            "PYTHONPATH": "site",
            # mypy imports the settings, and ends without removing their temporary folder.
            "TMPDIR": temporary,
        }
        failed = {name: _fails(name, command, environment) for name, command in CHECKS.items()}

    print("\n=== Summary")
    for name, bad in failed.items():
        print(f"{name}: {'FAILED' if bad else 'passed'}")
    return int(any(failed.values()))


def _fails(name: str, command: list[str], environment: dict[str, str]) -> bool:
    print(f"\n=== {name}", flush=True)
    program, *arguments = command
    done = subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, env=environment, check=False)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
