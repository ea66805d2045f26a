"""Look at the environment, and name what is wrong with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from operations import doctor

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    # It runs them itself, and shows them among the rest.
    requires_system_checks: list[str] = []  # noqa: RUF012 - As Django has it.
    help = "Names what is wrong with this server's environment; fails if anything is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offline",
            action="store_true",
            help="Connect neither to the mail server nor to the site's public address.",
        )

    def handle(self, *args: Any, offline: bool, **options: Any) -> None:
        styles = {
            doctor.Severity.ERROR: self.style.ERROR,
            doctor.Severity.WARNING: self.style.WARNING,
        }
        counts = dict.fromkeys(doctor.Severity, 0)
        for finding in doctor.examine(goes_out=not offline):
            counts[finding.severity] += 1
            label = styles[finding.severity](finding.severity.value)
            self.stdout.write(f"{label:<8} {finding.check}: {finding.text}")
        errors, warnings = counts[doctor.Severity.ERROR], counts[doctor.Severity.WARNING]
        self.stdout.write(f"{errors} errors, {warnings} warnings.")
        if errors:
            sys.exit(1)
