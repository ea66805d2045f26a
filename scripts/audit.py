"""Look for known vulnerabilities in the pinned packages: ``make audit``."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(sysconfig.get_path("scripts")) / "pip-audit"

# OSV and not the package index: a mirror of the index has no advisories, and pip-audit then passes
# over every package and succeeds.
COMMAND = [
    str(PROGRAM),
    "--vulnerability-service=osv",
    "--disable-pip",
    "--format=json",
    "--progress-spinner=off",
    "--timeout=10",
    "--requirement",
    "requirements-dev.txt",
]


def main() -> int:
    """Print what was found, and what could not be checked."""
    done = subprocess.run(COMMAND, cwd=ROOT, check=False, capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        # pip-audit ends with 1 for an advisory as for a database that it could not reach.
        reason = done.stderr.strip().splitlines() or [f"pip-audit ended with {done.returncode}"]
        print(f"NOT CHECKED: no database of advisories could be read ({reason[-1]})")
        return 0
    return report(packages)


def report(packages: list[dict[str, Any]]) -> int:
    """Print the findings of pip-audit, and return the exit code."""
    skipped = [package for package in packages if "skip_reason" in package]
    vulnerable = [package for package in packages if package.get("vulns")]
    for package in skipped:
        print(f"NOT CHECKED: {package['name']}: {package['skip_reason']}")
    for package in vulnerable:
        for advisory in package["vulns"]:
            fixed = ", ".join(advisory["fix_versions"]) or "no release yet"
            print(f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    checked = len(packages) - len(skipped)
    print(f"{checked} packages checked, {len(vulnerable)} with known vulnerabilities")
    return int(bool(vulnerable))


if __name__ == "__main__":
    sys.exit(main())
