"""What a public form carries."""

from __future__ import annotations

import time

from django.core import signing

from core.public_forms import MIN_FILL_SECONDS, STARTED_SALT


def form_opened_earlier(seconds: float = MIN_FILL_SECONDS + 1) -> str:
    """Return what a form carries that was opened long enough ago to be filled in by hand."""
    return signing.dumps(int(time.time() - seconds), salt=STARTED_SALT)
