"""What the templates of e-mails are made of: each tag writes plain text or HTML."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr, urlize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.typography import typo

register = template.Library()


def split_paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, which empty lines set apart."""
    return [typo(part.strip()) for part in text.split("\n\n") if part.strip()]


@register.filter
def text_paragraphs(text: str) -> str:
    """Return a text with one empty line between its paragraphs."""
    return "\n\n".join(split_paragraphs(text))


@register.filter
def html_paragraphs(text: str) -> SafeString:
    """Return a text, of which nothing is HTML yet, as paragraphs with links."""
    parts = ((linebreaksbr(urlize(part, autoescape=True)),) for part in split_paragraphs(text))
    return format_html_join("\n", "<p>{}</p>", parts)


@register.simple_block_tag(takes_context=True)
def paragraph(context: Any, content: str) -> str:
    """Write a paragraph in which addresses stay text."""
    return format_html("<p>{}</p>", content) if context.get("is_html") else content


@register.simple_block_tag(takes_context=True)
def facts(context: Any, content: str) -> str:
    """Write a group of facts, each on its line."""
    return (
        format_html('<div class="facts">{}</div>', content) if context.get("is_html") else content
    )


@register.simple_tag(takes_context=True)
def fact(context: Any, label: str, value: str) -> str:
    """Write a label and its value."""
    if context.get("is_html"):
        return format_html("<p><strong>{}&nbsp;:</strong> {}</p>", label, typo(value))
    return typo(f"{label} : {value}")


@register.simple_block_tag(takes_context=True)
def button(context: Any, content: str, url: str) -> str:
    """Write the link that an e-mail is sent for."""
    return _link(context, content, url, '<p><a class="button" href="{}">{}</a></p>')


@register.simple_block_tag(takes_context=True)
def link(context: Any, content: str, url: str) -> str:
    """Write one more link."""
    return _link(context, content, url, '<p class="link"><a href="{}">{}</a></p>')


def _link(context: Any, content: str, url: str, html: str) -> str:
    label = content.strip()
    if context.get("is_html"):
        return format_html(html, url, mark_safe(label))  # noqa: S308 (the template escaped it)
    # ``label_end`` is what a group of e-mails has between a label and its address.
    return f"\n\n{typo(label + context.get('label_end', ''))}\n{url}\n\n"
