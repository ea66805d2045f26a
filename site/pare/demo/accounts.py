"""The accounts of the demonstration: an administrator, and one of each group to try it as.

The passwords are made here, and kept in files that only their owner may read.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from core.models import User
from pare.demo.load_log import LoadLog
from review.groups import PARTNERS, TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADMIN = "admin"
ROLES = {name.lower(): name for name in (*TEAM, PARTNERS)}
"""The groups, each by the user name of its account."""


def describe_sign_ins() -> str:
    """Make the accounts once, and return how to sign in; empty if the passwords changed.

    Where DEBUG is off, as in production, there is the administrator alone.
    """
    lines = _ensure_admin()
    if settings.DEBUG:
        lines += _ensure_roles()
    return "".join(f"{line}\n" for line in lines)


def _ensure_admin() -> list[str]:
    load_log = LoadLog([("user", ADMIN)])
    kept = Path(settings.VAR_DIR) / "admin-password.txt"
    if not load_log.has("user", ADMIN) and not User.objects.filter(is_superuser=True).exists():
        password = _make_password()
        with transaction.atomic():
            user = User.objects.create_superuser(
                username=ADMIN, email="admin@example.org", password=password
            )
            load_log.add("user", ADMIN, user)
        _write_secret(kept, password)
        where = _("gardé dans %(file)s") % {"file": _short(kept)}
        return _login(f"{password} ({where})")
    if kept.is_file() and _is_password(ADMIN, kept.read_text().strip()):
        return _login(_("celui du premier lancement (%(file)s)") % {"file": _short(kept)})
    return []


def _login(password: str) -> list[str]:
    return [f"  {_('Identifiant'):<16} {ADMIN}", f"  {_('Mot de passe'):<16} {password}"]


def _ensure_roles() -> list[str]:
    """Make the account of each group once, and return their names and passwords."""
    kept = Path(settings.VAR_DIR) / "demo-passwords.txt"
    known = dict(line.split() for line in kept.read_text().splitlines()) if kept.is_file() else {}
    if made := dict(_make_missing()):
        known |= made
        _write_secret(kept, "\n".join(f"{name} {password}" for name, password in known.items()))
    return _list_roles({name: each for name, each in known.items() if _is_password(name, each)})


def _make_missing() -> Iterator[tuple[str, str]]:
    load_log = LoadLog(("user", name) for name in ROLES)
    for username, group in ROLES.items():
        if load_log.has("user", username) or User.objects.filter(username=username).exists():
            continue
        password = _make_password()
        with transaction.atomic():
            user = User.objects.create_user(
                username=username,
                email=f"{username}@example.org",
                password=password,
                first_name=_("Démonstration"),
                last_name=group,
            )
            user.groups.add(Group.objects.get(name=group))
            load_log.add("user", username, user)
        yield username, password


def _list_roles(passwords: Mapping[str, str]) -> list[str]:
    if not passwords:
        return []
    title = _("Pour essayer chaque groupe, identifiant et mot de passe :")
    return ["", f"  {title}", *(f"  {name:<16} {each}" for name, each in passwords.items())]


def _make_password() -> str:
    return secrets.token_urlsafe(15)


def _is_password(username: str, password: str) -> bool:
    user = User.objects.filter(username=username, is_active=True).first()
    return user is not None and user.check_password(password)


def _write_secret(path: Path, secret: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{secret}\n")


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
