from __future__ import annotations

import logging
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from pare.demo.load_log import LoadLog
from pare.demo.loader import load_demo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

USERNAME = "admin"
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
        if login := _ensure_admin():
            self.stdout.write(login)


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


def _ensure_admin() -> str:
    """Create the administrator once, and return how to sign in; empty if its password changed."""
    users = get_user_model()._default_manager
    load_log = LoadLog([("user", USERNAME)])
    kept = Path(settings.VAR_DIR) / "admin-password.txt"
    if not load_log.has("user", USERNAME) and not users.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(15)
        with transaction.atomic():
            user = users.create_superuser(
                username=USERNAME, email="admin@example.org", password=password
            )
            load_log.add("user", USERNAME, user)
        _write_secret(kept, password)
        where = _("gardé dans %(file)s") % {"file": _short(kept)}
        return _login(f"{password} ({where})")
    admin = users.filter(username=USERNAME, is_active=True).first()
    if admin and kept.is_file() and admin.check_password(kept.read_text().strip()):
        return _login(_("celui du premier lancement (%(file)s)") % {"file": _short(kept)})
    return ""


def _login(password: str) -> str:
    return f"  {_('Identifiant'):<16} {USERNAME}\n  {_('Mot de passe'):<16} {password}\n"


def _write_secret(path: Path, secret: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{secret}\n")


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


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
