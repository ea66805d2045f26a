import shutil
import subprocess
from contextlib import contextmanager

import pytest

from scripts import node, postgresql, test

SERVER = postgresql.Server("postgres:///pare", "PostgreSQL 18")


@pytest.fixture
def commands(monkeypatch):
    """Have a machine with everything; pytest is not run, but the commands are kept."""
    kept = []

    @contextmanager
    def server():
        yield SERVER

    def run(arguments, marks, environment, measured):
        kept.append((arguments, marks, environment))
        return 0

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("sys.argv", ["scripts.test"])
    monkeypatch.setattr(test, "postgresql", server)
    monkeypatch.setattr(test, "_chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(test, "_pytest", run)
    monkeypatch.setattr(node, "why_not", lambda: "")
    monkeypatch.setattr(node, "install_packages", lambda: "")
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/usr/bin/{name}")
    return kept


def test_nothing_is_left_out_where_all_is_installed(commands, capsys):
    assert test.main() == 0

    assert "LEFT OUT" not in capsys.readouterr().out
    assert [environment["DATABASE_URL"] for _, _, environment in commands] == [
        "sqlite://:memory:",
        SERVER.url,
    ]


@pytest.mark.parametrize("verdict, code", [(0, 0), (2, 1)])
def test_a_strict_run_has_a_floor_for_its_coverage(commands, monkeypatch, verdict, code):
    floors = []
    monkeypatch.setattr("sys.argv", ["scripts.test", "--strict"])
    monkeypatch.setattr(test, "_report", lambda _path, floor: floors.append(floor) or verdict)

    assert test.main() == code
    assert floors == [test.COVERAGE_FLOOR]


def test_a_run_that_measured_nothing_is_below_every_floor(tmp_path):
    assert test._report(tmp_path / "coverage", floor=0) != 0


@pytest.mark.parametrize("strict, code", [((), 0), (("--strict",), 1)])
def test_what_a_machine_lacks_is_named_and_fails_a_strict_run(
    commands, monkeypatch, capsys, strict, code
):
    @contextmanager
    def no_server():
        raise postgresql.Unusable("no build for this system")
        yield

    monkeypatch.setattr("sys.argv", ["scripts.test", *strict])
    monkeypatch.setattr(test, "postgresql", no_server)
    monkeypatch.setattr(test, "_chromium", lambda: "")
    monkeypatch.setattr(node, "why_not", lambda: "install Node 18 or later")
    monkeypatch.setattr(node, "install_packages", lambda: "npm: no registry")
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)

    assert test.main() == code

    printed = capsys.readouterr().out
    assert "LEFT OUT: tests in a browser: install Chromium" in printed
    assert "LEFT OUT: JavaScript tests: install Node 18 or later" in printed
    assert "LEFT OUT: the test that finds untranslated texts: install gettext" in printed
    assert "LEFT OUT: tests of a cache that fails: install redis-server" in printed
    assert "LEFT OUT: tests of several hosts: install pgbouncer" in printed
    assert "LEFT OUT: checks of the contract by tools of others: npm: no registry" in printed
    assert "LEFT OUT: tests on PostgreSQL" in printed
    assert [marks for _, marks, _ in commands] == ["not browser"]


@pytest.mark.parametrize(
    "path, version, reason",
    [
        (None, "", "install Node 18 or later"),
        ("/usr/bin/node", "v16.20.2\n", "Node v16.20.2 is too old, install 18 or later"),
        ("/usr/bin/node", "", "Node of no version is too old, install 18 or later"),
        ("/usr/bin/node", "v18.20.4\n", ""),
    ],
)
def test_node_is_there_and_recent_enough_or_it_is_known_why_not(monkeypatch, path, version, reason):
    answer = subprocess.CompletedProcess([], 0, stdout=version)
    monkeypatch.setattr(shutil, "which", lambda name: path)
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: answer)

    assert node.why_not() == reason


def test_packages_of_npm_are_installed_again_when_their_versions_change(monkeypatch, tmp_path):
    commands = []
    answer = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: commands.append(args) or answer)
    monkeypatch.setattr(node, "PROJECTS", [tmp_path])
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package-lock.json").write_text("{}")

    assert node.missing_packages(tmp_path)
    assert not node.install_packages()
    assert not node.missing_packages(tmp_path)
    assert not node.install_packages()
    assert len(commands) == 1

    (tmp_path / "package-lock.json").write_text('{"version": 2}')
    assert node.missing_packages(tmp_path)


def test_what_npm_complains_about_is_named(monkeypatch, tmp_path):
    answer = subprocess.CompletedProcess([], 1, stderr="npm error\nnpm error network\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: answer)
    monkeypatch.setattr(node, "PROJECTS", [tmp_path])

    assert node.install_packages() == "npm: npm error network"
    assert node.missing_packages(tmp_path)
