"""Send e-mails: the texts of each in one template, and one frame around them.

A template of ``emails/`` extends ``layout``, which is the frame of the part that is rendered:
subject, plain text or HTML. It fills in these blocks, with the tags of
:mod:`core.templatetags.emails`, which write for the part too:

``subject``
    On one line, whatever its spaces.
``text``
    Paragraphs, apart by an empty line. Addresses in it become links in HTML.
``greeting``, ``facts``, ``links``
    Around the text, where an e-mail has them.
``signature``, ``foot``
    At the end of the plain text, and of the HTML.

Each is registered with who reads it (:func:`register_emails`). What anyone may have sent to any
address is sent so often and no more, and a letter to a reader who has confirmed nothing holds
nothing that somebody typed: our name is not lent to the words of a stranger to another.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from core.templatetags.typography import typo
from core.throttling import allow_letter

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from django.db.models import Model

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an e-mail."""

    filename: str
    content: str
    media_type: str


@dataclass(frozen=True)
class RenderedEmail:
    """The parts of an e-mail, as they are sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class ShownLetter:
    """A letter that an act sends, as it is shown before it, and who gets it."""

    name: str
    address: str
    email: RenderedEmail


class Reader(Enum):
    """Who reads an e-mail."""

    ANYONE = "the holder of an address that somebody typed, who has confirmed nothing"
    KNOWN = "who has confirmed the address, or gave it to the team"
    TEAM = "a colleague"


@dataclass(frozen=True)
class EmailKind:
    """What is known of an e-mail before it is written.

    Attributes:
        template: below ``emails/``, without its ending.
        reader: at least what is known of who reads it.
        is_asked_for: anyone may have it sent to any address, so that its number is limited.
    """

    template: str
    reader: Reader
    is_asked_for: bool = False


EMAIL_KINDS: dict[str, EmailKind] = {}


def register_emails(*templates: str, reader: Reader, is_asked_for: bool = False) -> None:
    """Register e-mails, with who reads them: none is sent without."""
    for template in templates:
        EMAIL_KINDS[template] = EmailKind(template, reader, is_asked_for)


class Letter(EmailMultiAlternatives):
    """An e-mail of ours to one address, with what it is.

    Attributes:
        kind: its template, below ``emails/``.
        about: the thing that it is about: deleted or erased, it takes its letters with it.
        expires_at: after which it is of no use to its reader.
    """

    kind = ""
    about: Model | None = None
    expires_at: dt.datetime | None = None


def send_email(
    template: str,
    address: str,
    context: Mapping[str, Any],
    language: str,
    *,
    about: Model | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    expires_at: dt.datetime | None = None,
) -> None:
    """Send one message to one address, as plain text and as HTML.

    It is written to the outbox (``EMAIL_BACKEND``), in the transaction of what it announces: the
    caller opens it, and no letter leaves of what is taken back. One that anyone may ask for is
    written so often to an address and no more; who asks is answered the same.

    Args:
        template: below ``emails/``, without its ending: ``events/confirm``.
        address: of the recipient.
        context: what the template needs, and only what JSON holds.
        language: of the recipient.
        about: the thing with which it is erased: a registration, or the account of its reader.
        headers: more headers than those of every message.
        attachments: files that go with it.
        expires_at: after which it is not sent any more.
    """
    letter = build_letter(
        template,
        address,
        context,
        language,
        about=about,
        headers=headers,
        attachments=attachments,
        expires_at=expires_at,
    )
    if EMAIL_KINDS[template].is_asked_for and not allow_letter(address):
        logger.warning("No %s is written: its reader has got too many for now", template)
        return
    letter.send()


def build_letter(
    template: str,
    address: str,
    context: Mapping[str, Any],
    language: str,
    *,
    about: Model | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    expires_at: dt.datetime | None = None,
) -> Letter:
    """Return a message as :func:`send_email` sends it."""
    rendered = render_email(template, context, language)
    # RFC 3834, 5: no holiday replies to this, please.
    given = {"Auto-Submitted": "auto-generated", **(headers or {})}
    letter = Letter(rendered.subject, rendered.text, to=[address], headers=given)
    letter.attach_alternative(rendered.html, "text/html")
    for each in attachments:
        letter.attach(each.filename, each.content, each.media_type)
    letter.kind, letter.about, letter.expires_at = template, about, expires_at
    return letter


def render_email(template: str, context: Mapping[str, Any], language: str) -> RenderedEmail:
    """Return the parts of an e-mail in a language."""
    with override(language):
        subject = _render(template, "emails/subject.txt", context)
        # A line break in a title would be one in a header.
        subject = typo(" ".join(subject.split()))
        text = _render(template, "emails/frame.txt", context)
        blocks = [block.strip() for block in text.split("\n\n")]
        html = _render(
            template, "emails/frame.html", {**context, "subject": subject, "is_html": True}
        )
    return RenderedEmail(subject, "\n\n".join(filter(None, blocks)) + "\n", html)


def _render(template: str, layout: str, context: Mapping[str, Any]) -> str:
    return str(render_to_string(f"emails/{template}.txt", {**context, "layout": layout}))
