"""The whole suite, on SQLite and on PostgreSQL, with a browser: ``make test``.

Prints at the end what this machine could not run. With ``--strict``, or where CI is set to true,
that is a failure, and the coverage is measured. Other arguments are pytest's: ``make test
ARGS="-k search"``.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from scripts import node, pgbouncer
from scripts.postgresql import Unusable, postgresql

CHROMIUMS = (
    "chromium-headless-shell",  # Of the same source, at two thirds of its time.
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Whichever process is free takes from those that have most left.
PARALLEL = ["-n", "auto", "--dist", "worksteal"]
# Of lines and branches, in percent, without PostgreSQL and browser. It may only be raised.
COVERAGE_FLOOR = 96
ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run what can be run, then print how it went."""
    # Stop as for Ctrl-C when a terminal closes or a CI loses patience.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # As nohup wants it.
            signal.signal(number, lambda number, _frame: sys.exit(128 + number))

    strict, coverage, marks, arguments = _arguments()
    selecting = bool(marks or arguments)
    chromium = _chromium()
    left_out = list(_missing(chromium))

    with ExitStack() as stack:
        engines = [("SQLite", "sqlite://:memory:")]
        try:
            server = stack.enter_context(postgresql())
            engines.append((server.label, server.url))
        except Unusable as reasons:
            left_out.append(f"tests on PostgreSQL: no server can be had\n{reasons}")

        codes = {}
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for label, url in engines:
            first, last = (label, url) == engines[0], (label, url) == engines[-1]
            # What a browser shows doesn't depend on the engine: once is enough, on the real one.
            # Nor does what uses no database.
            browser = chromium and last
            options = [] if first else ["--database-only"]
            print(f"\n=== {label}{', with a browser' if browser else ''}", flush=True)
            measured = folder / "coverage" if first and coverage else None
            codes[label] = _pytest(
                [*options, *arguments],
                marks=marks if browser else _and_not_browser(marks),
                environment={"DATABASE_URL": url, "PARE_CHROMIUM": chromium},
                measured=measured,
            )
            if measured:
                floor = 0 if selecting or left_out else COVERAGE_FLOOR
                codes[f"Coverage on {label}"] = _report(measured, floor)

    print("\n=== Summary")
    for label, code in codes.items():
        print(f"{label}: {_verdict(code)}")
    for what in left_out:
        print(f"LEFT OUT: {what}")

    # A selection may have nothing for one engine, but not for any.
    accepted = {pytest.ExitCode.OK}
    if selecting and pytest.ExitCode.OK in codes.values():
        accepted.add(pytest.ExitCode.NO_TESTS_COLLECTED)
    return int(not accepted.issuperset(codes.values()) or bool(strict and left_out))


def _missing(chromium: str) -> Iterator[str]:
    """Yield what this machine has not the programs for, and what to install."""
    if not chromium:
        yield "tests in a browser: install Chromium, or give its path in PARE_CHROMIUM"
    if reason := node.why_not():
        yield f"JavaScript tests: {reason}"
    if reason := node.install_packages():
        yield f"checks of the contract by tools of others: {reason}"
    if not shutil.which("xgettext"):
        yield "the test that finds untranslated texts: install gettext"
    if not shutil.which("redis-server"):
        yield "tests of a cache that fails: install redis-server"
    if not pgbouncer.find():
        yield "tests of several hosts: install pgbouncer"


def _arguments() -> tuple[bool, bool, str, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--strict",
        action="store_true",
        default=os.environ.get("CI", "").lower() in {"1", "true"},
        help="fail if something had to be left out",
    )
    parser.add_argument(
        "--coverage",
        action="store_true",
        help="measure the coverage too, as with --strict; the first run takes a tenth longer",
    )
    parser.add_argument("-m", dest="marks", default="", help="as pytest's")
    options, others = parser.parse_known_args()
    return options.strict, options.strict or options.coverage, options.marks, others


def _chromium() -> str:
    """Return the path of the browser, or "" if there is none."""
    if chosen := os.environ.get("PARE_CHROMIUM"):
        return chosen
    return next(filter(None, map(shutil.which, CHROMIUMS)), "")


def _and_not_browser(marks: str) -> str:
    return f"({marks}) and not browser" if marks else "not browser"


def _report(measured: Path, floor: int) -> int:
    """Print what was covered, and return 0, or 2 if it is below the floor, in percent."""
    command = [sys.executable, "-m", "slipcover", "--merge", str(measured), "--out", str(measured)]
    return subprocess.run([*command, f"--fail-under={floor}"], cwd=ROOT, check=False).returncode


def _pytest(
    arguments: list[str], marks: str, environment: dict[str, str], measured: Path | None
) -> int:
    """Run pytest to its end, even if we are interrupted: it has databases to drop."""
    command = [sys.executable, "-m", "pytest", *PARALLEL, *arguments]
    if measured:
        command[1:1] = ["-m", "scripts.coverage", "--json", f"--out={measured}"]
    if marks:
        command += ["-m", marks]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # The terminal sends it to both of us.
            process.wait()
            raise
        except SystemExit:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


def _verdict(code: int) -> str:
    match code:
        case pytest.ExitCode.OK:
            return "passed"
        case pytest.ExitCode.NO_TESTS_COLLECTED:
            return "no test"
        case _:
            return f"FAILED (exit code {code})"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
