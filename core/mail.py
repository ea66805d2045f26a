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
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from core.templatetags.typography import typo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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


def send_email(
    template: str,
    to: Sequence[str],
    context: Mapping[str, Any],
    language: str,
    *,
    bcc: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send one message to all of its addresses, as plain text and as HTML.

    Args:
        template: below ``emails/``, without its ending: ``events/confirm``.
        to: addresses that each recipient reads.
        context: what the template needs, and only what JSON holds.
        language: of the recipient.
        bcc: addresses that no recipient reads.
        headers: more headers than those of every message.
        attachments: files that go with it.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it.
    """
    rendered = render_email(template, context, language)
    message = EmailMultiAlternatives(
        rendered.subject, rendered.text, to=to, bcc=bcc, headers=dict(headers or {})
    )
    message.attach_alternative(rendered.html, "text/html")
    for each in attachments:
        message.attach(each.filename, each.content, each.media_type)
    message.send()


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
