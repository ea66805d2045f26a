"""Ask for every address by every method, then do random acts for hours: ``make test-long``.

The acts are from other seeds than those of the suite.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q", "--reuse-db"]
COMMAND = [*PYTEST, "tests/pare/test_door.py"]
ADDRESSES = [*PYTEST, "tests/pare/test_addresses.py"]


def main() -> int:
    """Ask for the addresses, then run stories from one seed after the other, and print their acts.

    Returns:
        The exit code: that of the first run that failed, which is the last.
    """
    options = _options()
    totals: Counter[str] = Counter()
    everything = {**os.environ, "PARE_LONG": "1"}
    code = subprocess.run(ADDRESSES, cwd=ROOT, env=everything, check=False).returncode
    seed = options.seed
    while totals["acts"] < options.acts and not code:
        code, done = _run(seed, options)
        by_kind = done.pop("by_kind", {})
        totals.update(done)
        totals.update({f"act {name}": count for name, count in by_kind.items()})
        print(f"seed {seed}: {'FAILED' if code else 'passed'} {done}", flush=True)
        seed += 1
    print(f"\n=== Seeds {options.seed} to {seed - 1}")
    for name, count in sorted(totals.items()):
        print(f"{name}: {count}")
    if code and seed > options.seed:
        print(f'Again: make test-long ARGS="--seed {seed - 1} --acts 1"')
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--acts", type=int, default=10_000, help="end after so many")
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--stories", type=int, default=20, help="from one seed")
    parser.add_argument("--steps", type=int, default=60, help="of a story")
    return parser.parse_args()


def _run(seed: int, options: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    """Return the exit code of the stories of a seed, and what they did."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        wanted = {
            "PARE_DOOR_SEED": str(seed),
            "PARE_DOOR_STORIES": str(options.stories),
            "PARE_DOOR_STEPS": str(options.steps),
            "PARE_DOOR_REPORT": str(report),
        }
        code = subprocess.run(COMMAND, cwd=ROOT, env={**os.environ, **wanted}, check=False)
        done = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return code.returncode, done


if __name__ == "__main__":
    sys.exit(main())
