"""The frame of e-mails, whatever their texts."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from django.core import mail
from django.template import engines
from django.template.loaders.locmem import Loader

from core.mail import EMAIL_KINDS, Attachment, EmailKind, Reader, render_email, send_email

TEMPLATE = """{% extends layout %}{% load emails i18n %}
{% block subject %}Objet : {{ title }}{% endblock %}
{% block greeting %}{% paragraph %}Bonjour {{ name }},{% endparagraph %}{% endblock %}
{% block text %}
{% if is_missing %}rien{% endif %}

Une question ? {{ text }}


La fin.
{% endblock %}
{% block facts %}{% facts %}{% fact _("Quoi") title %}
{% fact "Qui" name %}{% endfacts %}{% endblock %}
{% block links %}
{% button url %}Ouvrir{% endbutton %}{% link url %}{{ name }}{% endlink %}
{% endblock %}
"""
CONTEXT = {
    "title": "Un titre\nBcc: x@example.org & <i>",
    "name": "Zoé <b> www.example.org",
    "text": "Voir https://example.org/?a=1&b=2\nou <script>.",
    "url": "https://example.org/?c=3&d=4",
}


@pytest.fixture(autouse=True)
def _template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add one template to those of the site."""
    engine: Any = engines["django"].engine  # type: ignore[attr-defined]
    loaders = [Loader(engine, {"emails/tests/frame.txt": TEMPLATE}), *engine.template_loaders]
    monkeypatch.setattr(engine, "template_loaders", loaders, raising=False)


def test_plain_text_is_what_was_written() -> None:
    text = render_email("tests/frame", CONTEXT, "fr").text

    assert text == (
        "Bonjour Zoé <b> www.example.org,\n\n"
        "Une question\u00a0? Voir https://example.org/?a=1&b=2\nou <script>.\n\n"
        "La fin.\n\n"
        "Quoi\u00a0: Un titre\nBcc: x@example.org & <i>\nQui\u00a0: Zoé <b> www.example.org\n\n"
        "Ouvrir\nhttps://example.org/?c=3&d=4\n\n"
        "Zoé <b> www.example.org\nhttps://example.org/?c=3&d=4\n\n"
        "-- \nProjet PARÉ\n"
    )


def test_html_holds_nothing_that_was_not_ours() -> None:
    html = render_email("tests/frame", CONTEXT, "fr").html

    html5lib.HTMLParser(strict=True).parse(html)
    body = html.partition("<body>")[2]
    for ours in ("<script", "<b>", "<i>", "b=2\n", "&amp;amp;", "&amp;lt;"):
        assert ours not in body
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow">' in body
    assert '<a class="button" href="https://example.org/?c=3&amp;d=4">Ouvrir</a>' in body
    assert "<p>Bonjour Zoé &lt;b&gt; www.example.org,</p>" in body
    assert "<strong>Quoi&nbsp;:</strong> Un titre" in body


def test_a_subject_is_one_line() -> None:
    subject = render_email("tests/frame", CONTEXT, "fr").subject

    assert subject == "Objet\u00a0: Un titre Bcc: x@example.org & <i>"


def test_the_frame_is_in_the_language_of_the_recipient() -> None:
    english, arabic = (render_email("tests/frame", CONTEXT, code) for code in ("en", "ar"))

    assert '<html lang="en"' in english.html
    assert "What : Un titre" in english.text
    assert 'dir="rtl"' in arabic.html


@pytest.mark.django_db
def test_a_message_goes_to_its_address_with_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = EmailKind("tests/frame", Reader.KNOWN)
    monkeypatch.setitem(EMAIL_KINDS, "tests/frame", kind)

    send_email(
        "tests/frame",
        "a@example.org",
        CONTEXT,
        "fr",
        headers={"X-Test": "oui"},
        attachments=[Attachment("a.ics", "BEGIN:VCALENDAR", "text/calendar")],
    )

    (message,) = mail.outbox
    assert message.recipients() == ["a@example.org"]
    assert message.message()["X-Test"] == "oui"
    assert message.message()["Auto-Submitted"] == "auto-generated"
    assert message.message()["From"].endswith("<ne-pas-repondre@example.org>")
    assert [tuple(each) for each in message.attachments] == [
        ("a.ics", "BEGIN:VCALENDAR", "text/calendar")
    ]
