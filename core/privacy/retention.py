"""The end of what has been kept long enough, for all apps."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.privacy.registry import Retention, retentions

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Applied:
    """How a term was applied: to how many rows or files, or with which error."""

    retention: Retention
    count: int = 0
    error: Exception | None = None


def apply_retention(now: datetime | None = None) -> list[Applied]:
    """End all that has been kept long enough; running it twice is harmless.

    Each term has a transaction of its own: one that fails stops no other.
    """
    now = now or timezone.now()
    return [_apply(each, now) for each in retentions()]


def _apply(term: Retention, now: datetime) -> Applied:
    try:
        with transaction.atomic():
            return Applied(term, term.end(now - term.keep))
    except Exception as error:
        logger.exception("The term %s was not applied.", term.key)
        return Applied(term, error=error)
