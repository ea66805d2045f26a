"""What comes back: bounces and complaints, from a provider's webhook or from a mailbox."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anymail.signals import tracking
from django.dispatch import receiver

from newsletter import subscribing
from newsletter.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from email.message import EmailMessage

    from anymail.signals import AnymailTrackingEvent

MESSAGE_ID = re.compile(r"<?([0-9a-f]{32})\.lettre@")
STATUS = re.compile(r"^([245])\.\d{1,3}\.\d{1,3}")
HARD_REASONS = {"invalid", "bounced", "blocked"}
State = Delivery.State


def delivery_of(message_id: str) -> Delivery | None:
    """Return the delivery of a Message-ID."""
    found = MESSAGE_ID.search(message_id or "")
    if found is None:
        return None
    return Delivery.objects.select_related("subscriber").filter(uuid=UUID(found[1])).first()


def take_bounce(delivery: Delivery, detail: str, *, is_permanent: bool) -> None:
    """Record a bounce once; a permanent one ends the subscription."""
    first = (
        Delivery.objects.filter(pk=delivery.pk)
        .exclude(state__in=(State.BOUNCED, State.COMPLAINED))
        .update(state=State.BOUNCED, error=detail[:300])
    )
    if not first:
        return
    if is_permanent:
        subscribing.mark_bounced(delivery.subscriber, detail)
    else:
        subscribing.mark_soft_bounce(delivery.subscriber, detail)


def take_complaint(delivery: Delivery) -> None:
    """Record a complaint, and end the subscription."""
    Delivery.objects.filter(pk=delivery.pk).update(state=State.COMPLAINED)
    subscribing.mark_complained(delivery.subscriber)


@receiver(tracking, dispatch_uid="newsletter.take_tracking_event")
def take_tracking_event(sender: Any, event: AnymailTrackingEvent, **kwargs: Any) -> None:
    """Record a provider's event, whose signature django-anymail has checked."""
    delivery = delivery_of(_message_id(event))
    if delivery is None:
        return
    detail = str(event.description or event.mta_response or event.reject_reason or "")
    match event.event_type:
        case "bounced" | "rejected":
            is_permanent = event.event_type == "rejected" or event.reject_reason in HARD_REASONS
            take_bounce(delivery, detail, is_permanent=is_permanent)
        case "complained":
            take_complaint(delivery)
        case "unsubscribed":
            subscribing.unsubscribe(delivery.subscriber, "provider")


def _message_id(event: AnymailTrackingEvent) -> str:
    """Return our Message-ID, which providers with identifiers of their own still give."""
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    identifiers = [
        event.message_id,
        raw.get("message-id"),
        raw.get("Message-ID"),
        raw.get("smtp-id"),
    ]
    return " ".join(str(each) for each in identifiers if each)


def take_messages(raw: Iterable[bytes]) -> dict[str, int]:
    """Record the reports of a mailbox for returned messages; other messages are skipped.

    Args:
        raw: messages, as RFC 5322 has them.

    Returns:
        How many were bounces, complaints, or neither.
    """
    counts: Counter[str] = Counter()
    for message in raw:
        counts[_take_message(message)] += 1
    return dict(counts)


def _take_message(raw: bytes) -> str:
    message: Any = email.message_from_bytes(raw, policy=email.policy.default)
    reports = {part.get_content_type(): part for part in _parts(message)}
    delivery = next(filter(None, map(delivery_of, _identifiers(message))), None)
    if delivery is None:
        return "unknown"
    if "message/feedback-report" in reports:  # RFC 5965
        take_complaint(delivery)
        return "complaint"
    status = reports.get("message/delivery-status")  # RFC 3464
    if status is None:
        return "unknown"
    fields = _fields(status)
    if fields.get("action") not in {"failed", "delayed"}:
        return "unknown"
    if fields["action"] == "delayed":
        return "delayed"
    found = STATUS.match(fields.get("status", ""))
    # Without a status, a server that says « failed » has given up for good.
    is_permanent = found is None or found[1] == "5"
    detail = fields.get("diagnostic-code") or fields.get("status", "")
    take_bounce(delivery, detail, is_permanent=is_permanent)
    return "bounce"


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    try:
        yield from message.walk()
    except (AttributeError, LookupError, TypeError):
        return


def _identifiers(message: EmailMessage) -> Iterator[str]:
    """Yield the identifiers of our message: references, and the headers that came back."""
    for name in ("In-Reply-To", "References"):
        yield str(message.get(name, ""))
    for part in _parts(message):
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_payload())
        elif part.get_content_type() == "message/rfc822":
            inner: Any = part.get_payload()
            if isinstance(inner, list) and inner:
                yield str(inner[0].get("Message-ID", ""))


def _fields(status: EmailMessage) -> dict[str, str]:
    """Return the fields of a delivery status: those of the message, then of the recipient."""
    blocks: Any = status.get_payload()
    found: dict[str, str] = {}
    for block in blocks if isinstance(blocks, list) else []:
        found |= {name.lower(): str(value).strip() for name, value in block.items()}
    found["action"] = found.get("action", "").lower()
    return found
