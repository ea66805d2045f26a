"""Between a message of Django and its row."""

from __future__ import annotations

from base64 import b64decode, b64encode
from email.mime.base import MIMEBase
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMultiAlternatives

from core.models import User
from core.plain_text import without_forbidden
from core.web.links import mail_domain
from outbox.models import OutgoingEmail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.mail import EmailMessage
    from django.db.models import Model


def write(message: EmailMessage) -> list[OutgoingEmail]:
    """Write a message to the outbox: a row for each of its recipients.

    Whether one of them is refused is then known, and the others don't get it again.

    Raises:
        BadHeaderError: a header would hold several lines.
        TypeError: what it is about would be deleted without it.
    """
    frozen = _freeze(message)
    about = getattr(message, "about", None)
    # Ours name what they are about; one about nothing costs no question of who its reader is.
    is_ours = bool(frozen["kind"])
    addresses = dict.fromkeys(map(str, message.recipients()))
    rows = [
        OutgoingEmail(
            address=clean(each),
            **frozen,
            **_reference(about if is_ours else about or _account_of(each)),
        )
        for each in addresses
    ]
    for row in rows[:1]:
        # It can be sent: what is wrong with it is known to its author, and not to a worker alone.
        compose(row).message()
    return OutgoingEmail.objects.bulk_create(rows)


def compose(row: OutgoingEmail) -> EmailMultiAlternatives:
    """Build the message of a row; tried again, it is the same message."""
    headers = {**row.headers, "Message-ID": message_id(row)}
    message = EmailMultiAlternatives(
        row.subject, row.text, row.sender or None, [row.address], headers=headers
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    for each in row.attachments:
        message.attach(each["filename"], b64decode(each["content"]), each["media_type"])
    return message


def message_id(row: OutgoingEmail) -> str:
    """Return the Message-ID of a row, by which its reader's server knows it again."""
    return f"<{row.uuid.hex}.courrier@{mail_domain()}>"


def _freeze(message: EmailMessage) -> dict[str, Any]:
    headers = {
        name: clean(value)
        for name, value in message.extra_headers.items()
        if name.lower() not in {"message-id", "to", "from"}
    }
    if message.reply_to:
        headers.setdefault("Reply-To", clean(", ".join(map(str, message.reply_to))))
    html = message.body if message.content_subtype == "html" else ""
    for content, media_type in getattr(message, "alternatives", ()):
        if media_type == "text/html":
            html = str(content)
    return {
        "kind": getattr(message, "kind", ""),
        "expires_at": getattr(message, "expires_at", None),
        "sender": clean(message.from_email),
        "subject": clean(message.subject),
        "text": "" if message.content_subtype == "html" else clean(message.body),
        "html": clean(html),
        "headers": headers,
        "attachments": list(_freeze_attachments(message)),
    }


def _freeze_attachments(message: EmailMessage) -> Iterator[dict[str, str]]:
    for attachment in message.attachments:
        if isinstance(attachment, MIMEBase):
            name = attachment.get_filename()
            content: Any = attachment.get_payload(decode=True)
            media_type = attachment.get_content_type()
        else:
            name, content, media_type = tuple(attachment)
        data = content.encode() if isinstance(content, str) else bytes(content)
        yield {
            "filename": clean(name or ""),
            "content": b64encode(data).decode("ascii"),
            "media_type": media_type or "application/octet-stream",
        }


def clean(value: Any) -> str:
    """Return a text as the database and mail readers take it."""
    return without_forbidden(str(value))


def _reference(thing: Model | None) -> dict[str, Any]:
    if thing is None:
        return {}
    if not isinstance(thing, User) and not hasattr(type(thing), "letters"):
        raise TypeError(f"{type(thing).__name__} has no generic relation to delete its letters by.")
    return {"thing_type": ContentType.objects.get_for_model(thing), "thing_id": thing.pk}


def _account_of(address: str) -> User | None:
    """Return the account of an address, for letters that Django and Wagtail write."""
    return User.objects.filter(email__iexact=address).order_by("pk").first()
