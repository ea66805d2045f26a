"""An issue as an e-mail: HTML through MJML, and a text written to be read.

An issue is rendered once for each act (a preview, a preflight, the start of a sending), and what is
personal (the links to leave and to change one's choices) is a placeholder in that rendering, which
a plain replacement fills for each subscriber: twenty thousand e-mails are rendered once.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import override
from mrml import to_html

from core.templatetags.typography import typo
from core.terms import remembered_labels
from core.web.links import build_absolute_url, localized_path
from home.site_info import serialize_site
from published.composing import teaser_of_draft
from published.paths import path_of

if TYPE_CHECKING:
    from core.models import BasePage
    from newsletter.models import NewsletterIssuePage
    from newsletter.schemas import NewsletterDetail, NewsletterItem

PLACEHOLDERS = {
    "unsubscribe_url": "https://mark.invalid/unsubscribe",
    "preferences_url": "https://mark.invalid/preferences",
}
"""Whole addresses, so that whatever reads them on the way takes them for links."""
WIDTH = 76
"""Columns of the text part: mail programs that don't wrap are wide enough for it (RFC 5322)."""
GMAIL_CLIP = 102 * 1024
"""Bytes of HTML beyond which Gmail cuts a message, and its link to unsubscribe with it."""

LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.S)
ITEM = re.compile(r"<li\b[^>]*>")
BLOCK_END = re.compile(r"</(p|li|ul|ol|h\d)>|<br\s*/?>")


@dataclass(frozen=True)
class PersonalLinks:
    """The links that differ from one subscriber to the next."""

    unsubscribe_url: str
    preferences_url: str


@dataclass(frozen=True)
class RenderedIssue:
    """An issue as an e-mail, with placeholders for the personal links."""

    subject: str
    html: str
    text: str

    def personalise(self, links: PersonalLinks) -> tuple[str, str]:
        """Return the HTML and the text for one subscriber."""
        personal_html, personal_text = self.html, self.text
        for name, placeholder in PLACEHOLDERS.items():
            url = getattr(links, name)
            personal_html = personal_html.replace(placeholder, html.escape(url))
            personal_text = personal_text.replace(placeholder, url)
        return personal_html, personal_text


def sample_links(origin: str) -> PersonalLinks:
    """Return links for a preview or a test: they lead to the public forms."""
    url = build_absolute_url(localized_path("newsletter:link", settings.LANGUAGE_CODE), origin)
    return PersonalLinks(unsubscribe_url=url, preferences_url=url)


def render_issue(page: NewsletterIssuePage, origin: str) -> RenderedIssue:
    """Render an issue in its own language.

    Args:
        page: as it stands, saved or not.
        origin: what all its links start with.
    """
    locale = page.locale.language_code
    with override(locale), remembered_labels():
        issue: NewsletterDetail = page.to_schema(origin)  # type: ignore[assignment]
        context = {
            "issue": issue,
            "site": serialize_site(locale, origin),
            # Where its archive will be once it is sent, if another slug waits in its draft.
            "web_url": build_absolute_url(path_of(page, page.slug), origin) if page.pk else origin,
            **PLACEHOLDERS,
        }
        mjml = render_to_string("emails/newsletter/issue.mjml", context)
        return RenderedIssue(
            subject=typo(issue.subject),
            html=to_html(mjml).content,
            text=_as_text(issue, context),
        )


def render_card(page: BasePage, origin: str) -> str:
    """Render the draft of a page as an issue would show it, in the language of the page."""
    locale = page.locale.language_code
    with override(locale), remembered_labels():
        teaser = teaser_of_draft(page, origin)
        section = {"title": _("Dans la lettre"), "items": [{"page": teaser, "note": ""}]}
        subject = _("Aperçu de la carte")
        issue = {"locale": locale, "title": subject, "subject": subject, "sections": [section]}
        links = vars(sample_links(origin))
        context = {"issue": issue, "site": serialize_site(locale, origin), "web_url": origin}
        mjml = render_to_string("emails/newsletter/issue.mjml", context | links)
        return to_html(mjml).content


def _as_text(issue: NewsletterDetail, context: dict[str, Any]) -> str:
    parts = [
        f"{context['site'].name} – {issue.title}",
        _("Lire en ligne :") + " " + context["web_url"],
    ]
    if issue.editorial:
        parts.append(html_to_text(issue.editorial))
    for section in issue.sections:
        parts.append(_titled(section.title))
        if section.html:
            parts.append(html_to_text(section.html))
        parts += [_item(item) for item in section.items]
    parts.append(
        "\n".join(
            [
                "-" * WIDTH,
                _wrap(_("Vous recevez cette lettre parce que vous vous y êtes abonné·e.")),
                # Not inside f-strings, in which xgettext looks for no text.
                _("Changer vos choix :") + " " + context["preferences_url"],
                _("Vous désabonner :") + " " + context["unsubscribe_url"],
            ]
        )
    )
    return typo("\n\n".join(parts)) + "\n"


def _titled(title: str) -> str:
    return f"{title.upper()}\n{'=' * min(len(title), WIDTH)}"


def _item(item: NewsletterItem) -> str:
    teaser = item.page
    lines = [_wrap(f"* {teaser.title}", "  ")]
    about = [teaser.kind_label]
    if teaser.day:
        about.append(teaser.day.label)
    if teaser.is_fallback:
        about.append(_("En français"))
    lines.append(_wrap("  " + ", ".join(about), "  "))
    if summary := item.note or teaser.summary:
        lines.append(_wrap(f"  {summary}", "  "))
    lines.append(f"  {teaser.html_url}")
    return "\n".join(lines)


def html_to_text(source: str) -> str:
    """Return HTML as wrapped text: paragraphs apart, lists with dashes, links after their words."""
    text = ITEM.sub("- ", LINK.sub(_link, source))
    text = html.unescape(strip_tags(BLOCK_END.sub("\n\n", text)))
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    return "\n\n".join(_wrap(block) for block in blocks if block)


def _link(found: re.Match[str]) -> str:
    url, words = found[1], found[2]
    return words if words.strip() == url else f"{words} ({url})"


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
