"""Run Django in a process of its own, so that each benchmark has its own settings."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.harness import ROOT

SETUP = "import sys; sys.path[:0] = ['.', 'site']; import django; django.setup(); "


def django_in(environment: dict[str, str], code: str) -> str:
    """Migrate, run *code*, and return what it printed.

    Raises:
        subprocess.CalledProcessError: it failed; what it said went to standard error.
    """
    migrate = (
        "from django.core.management import call_command; call_command('migrate', verbosity=0); "
    )
    done = subprocess.run(
        [sys.executable, "-c", SETUP + migrate + code],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
