from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from pare.demo.accounts import describe_sign_ins
from pare.demo.loader import load_demo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

CHATTY_LOGGERS = ("wagtail", "django_tasks")
"""Loggers with a line for each item."""


class Command(BaseCommand):
    """Fill the database with the demonstration, and print its addresses.

    Each item is loaded once: what an editor changed, moved, unpublished or
    deleted stays as it is.
    """

    help = "Fill the database with the demonstration: each item once, whatever became of it."

    def add_arguments(self, parser: CommandParser) -> None:
        port = os.environ.get("PORT", "8000")
        parser.add_argument(
            "--base-url",
            default=settings.PUBLIC_URL or f"http://localhost:{port}",
            help="Scheme and host of the addresses printed at the end.",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="Load it even where DEBUG is off, as in production.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then print the addresses and how to sign in.

        Raises:
            CommandError: DEBUG is off and ``--force`` is not given.
        """
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                _(
                    "Ce site n'est pas en développement : la démonstration y ajouterait des pages "
                    "inventées et un compte administrateur. Si c'est voulu, ajoutez --force."
                )
            )
        with _quiet(options["verbosity"]):
            made = load_demo()
        self.stdout.write(_summary(made))
        self.stdout.write(_addresses(options["base_url"].rstrip("/")))
        if sign_ins := describe_sign_ins():
            self.stdout.write(sign_ins)


def _summary(made: Counter[str]) -> str:
    if not made.total():
        return _("Démonstration : déjà chargée. Ce que vous avez changé est resté.")
    return _(
        "Démonstration chargée. Pages : %(page)d, ressources : %(resource)d, "
        "actualités : %(news)d, documents : %(document)d, images : %(image)d."
    ) % {kind: made[kind] for kind in ("page", "resource", "news", "document", "image")}


def _addresses(base: str) -> str:
    places = {
        _("Site"): "/",
        _("Administration"): reverse("wagtailadmin_home"),
        _("API, à essayer"): reverse("api_v1:openapi-view"),
    }
    lines = [f"  {name:<16} {base}{path}" for name, path in places.items()]
    return "\n".join(["", *lines, ""])


@contextmanager
def _quiet(verbosity: int) -> Iterator[None]:
    """Silence the log lines about each item, unless they are asked for."""
    loggers = [logging.getLogger(name) for name in CHATTY_LOGGERS if verbosity <= 1]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
