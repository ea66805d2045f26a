import subprocess

from scripts import audit

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
VULNERABLE = {
    "name": "pillow",
    "version": "13.0.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["13.0.1"], "aliases": [], "description": ""}],
}
SKIPPED = {"name": "wagtail", "skip_reason": "Dependency not found"}


def test_a_known_vulnerability_fails_and_names_the_release_that_fixes_it(capsys):
    assert audit.report([SOUND, VULNERABLE]) == 1

    printed = capsys.readouterr().out
    assert "pillow 13.0.0: PYSEC-2026-1, fixed in 13.0.1" in printed
    assert "2 packages checked, 1 with known vulnerabilities" in printed


def test_a_package_that_was_passed_over_is_not_counted_as_checked(capsys):
    assert audit.report([SOUND, SKIPPED]) == 0

    printed = capsys.readouterr().out
    assert "NOT CHECKED: wagtail: Dependency not found" in printed
    assert "1 packages checked, 0 with known vulnerabilities" in printed


def test_without_a_database_of_advisories_the_audit_is_plain_about_it(monkeypatch, capsys):
    answer = subprocess.CompletedProcess([], 1, stdout="", stderr="Traceback…\nConnectionError: no")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: answer)

    assert audit.main() == 0

    assert capsys.readouterr().out.startswith("NOT CHECKED: ")
