"""What the signed links of a registration let their bearers do; each carries its UUID."""

from __future__ import annotations

from datetime import timedelta

from core.web.signed_links import uuid_purpose

LINK_LIFETIME = timedelta(days=400)
"""Longer than a registration is kept after its session."""

CONFIRM = uuid_purpose("events:confirm", "events.confirm", timedelta(hours=48))
TAKE_PART = uuid_purpose("events:take-part", "events.take-part", LINK_LIFETIME)
CANCEL = uuid_purpose("events:cancel", "events.cancel", LINK_LIFETIME)
CERTIFICATE = uuid_purpose("events:certificate", "events.certificate", LINK_LIFETIME)

PURPOSES = (CONFIRM, TAKE_PART, CANCEL, CERTIFICATE)
