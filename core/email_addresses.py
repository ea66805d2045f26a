"""What makes two e-mail addresses the same."""

from __future__ import annotations


def normalize_email(address: str) -> str:
    """Return an address as it is stored and compared: without capitals or spaces around it."""
    return address.strip().lower()
