"""What makes two e-mail addresses the same."""

from __future__ import annotations


def normalize_email(address: str) -> str:
    """Return an address as it is stored and compared: without capitals or spaces around it."""
    return address.strip().lower()


def mailbox_of(address: str) -> str:
    """Return the mailbox behind an address: what follows a plus in it is its owner's choice."""
    local, _at, domain = normalize_email(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
