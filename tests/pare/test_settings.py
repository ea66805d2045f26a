"""Production refuses an unsafe environment, and every variable is described."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.models import Territory, Theme
from home.models import HomePage
from tests.database import TestDatabase, connect_to, migrate

ROOT = Path(settings.ROOT_DIR)
SOUND = {
    "SECRET_KEY": "a-long-enough-secret-for-a-test-0123456789-abcdefghij-klmnopqrst",
    "ALLOWED_HOSTS": "www.example.org",
    "PUBLIC_URL": "https://www.example.org",
    "DATABASE_URL": "postgres://pare@127.0.0.1/pare",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings of production in a process of its own; ``None`` takes a variable away."""
    environment = {name: value for name, value in (SOUND | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import pare.settings.production as s; print(s.DEBUG)"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": "site",
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
    )


def test_production_starts_with_a_sound_environment() -> None:
    started = start()

    assert started.returncode == 0, started.stderr
    assert started.stdout.strip() == "False"


def check_deploy(**changes: str) -> str:
    """Return what `check --deploy` prints where the environment is that of production."""
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "pare.settings.production",
            **SOUND,
            **changes,
        },
    )
    return checked.stdout + checked.stderr


def test_checks_of_a_deployment_find_nothing() -> None:
    assert "no issues" in check_deploy(CLIENT_ADDRESS_HEADER="HTTP_X_REAL_IP")


def test_a_deployment_that_takes_all_visitors_for_one_is_warned() -> None:
    assert "pare.W001" in check_deploy()


@pytest.mark.parametrize(
    "name,value",
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "tiny-secret"),
        ("SECRET_KEY", "django-insecure-development-only-never-in-production-0123456789"),
        ("DEBUG", "true"),
        ("S3_MEDIA_BUCKET", "without-the-other"),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "www.example.org,.example.org"),
        ("DATABASE_URL", None),
        ("PUBLIC_URL", None),
        ("PUBLIC_URL", "http://www.example.org"),
        ("PUBLIC_URL", "https://www.example.org/site"),
    ],
)
def test_production_refuses_to_start_and_prints_why(name: str, value: str | None) -> None:
    refused = start(**{name: value})

    assert refused.returncode != 0
    assert "ImproperlyConfigured" in refused.stderr
    assert name in refused.stderr.partition("Unsafe environment")[2]
    assert "Traceback" in refused.stderr
    if value and name == "SECRET_KEY":
        assert value not in refused.stderr.partition("Unsafe environment")[2]


def test_everything_wrong_is_reported_at_once() -> None:
    refused = start(**dict.fromkeys(SOUND))

    reasons = refused.stderr.partition("Unsafe environment")[2]
    assert all(name in reasons for name in SOUND)


READ = re.compile(
    r"""\benv(?:\.\w+)?\(\s*["']([A-Z][A-Z0-9_]+)["']"""
    r"""|\bdatabase_from_url\(\s*["']([A-Z_]+)["']"""
    r"""|\benviron(?:\.get|\.setdefault|\.pop)?[\[(]\s*["']([A-Z][A-Z0-9_]+)["']"""
    r"""|\bgetenv\(\s*["']([A-Z][A-Z0-9_]+)["']"""
)


def variables_read() -> set[str]:
    """Return the names of the variables that the program looks for in its environment."""
    sources = [
        *(ROOT / "site" / "pare").rglob("*.py"),
        ROOT / "gunicorn.conf.py",
        ROOT / "manage.py",
    ]
    found = {
        next(filter(None, names))
        for source in sources
        for names in READ.findall(source.read_text(encoding="utf-8"))
    }
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    return found | set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", compose))


def test_every_variable_is_described_for_who_installs_the_program() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    described = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, flags=re.MULTILINE))

    assert variables_read() - described == set()
    assert described - variables_read() == set()


def test_every_described_variable_has_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()

    for number, line in enumerate(lines):
        if re.match(r"# [A-Z][A-Z0-9_]+=", line):
            above = lines[number - 1]
            assert above.startswith("# "), line


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="makes a SQLite file, whatever the engine of the tests"
)
def test_migrations_can_be_taken_back_and_run_again(
    module_database: TestDatabase, tmp_path: Path
) -> None:
    """On a database of its own: what migrations load must not be loaded twice, nor be missing."""
    connect_to(str(tmp_path / "db.sqlite3"))
    try:
        migrate("core")
        migrate("core", "0002")
        migrate("home")

        counts = [model.objects.count() for model in (Territory, Theme, HomePage)]
    finally:
        module_database.restore()

    assert counts == [119, 23, 1]


@pytest.mark.parametrize("module", ["pare.settings.dev", "pare.settings.test"])
def test_no_secret_is_written_in_the_settings(module: str) -> None:
    path = ROOT / "site" / Path(*module.split(".")).with_suffix(".py")
    source = path.read_text(encoding="utf-8")

    keys = re.findall(r'SECRET_KEY = (?:env\("SECRET_KEY", default=)?"([^"]+)"', source)
    assert keys
    assert all(key.startswith("django-insecure-") for key in keys)
