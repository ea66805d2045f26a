"""Who may change the files of the library that are public."""

from __future__ import annotations

from typing import Any

from core.compat.admin import PagePermissionPolicy


def may_replace_public_files(user: Any) -> bool:
    """Return whether a user may change what is public on saving: those who publish pages may."""
    return bool(PagePermissionPolicy().user_has_permission(user, "publish"))
