"""What an editor sees of an issue before it is sent: the e-mail, and its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from core.models import BasePage, IndexPage
from core.previews import register_preview as register_page_preview
from core.web.links import request_origin
from home.models import HomePage
from newsletter.models import NewsletterIssuePage
from newsletter.models.issues import PREVIEW_EMAIL, PREVIEW_TEXT, register_preview
from newsletter.rendering import render_card, render_issue, sample_links

if TYPE_CHECKING:
    from django.http import HttpRequest


@register_preview(PREVIEW_EMAIL)
def preview_email(page: NewsletterIssuePage, request: HttpRequest) -> HttpResponse:
    """Return the HTML of the e-mail, as a mailbox shows it."""
    html, _text = _personalise(page, request)
    return HttpResponse(html)


@register_preview(PREVIEW_TEXT)
def preview_text(page: NewsletterIssuePage, request: HttpRequest) -> HttpResponse:
    """Return the text of the e-mail, for mailboxes that show no HTML."""
    _html, text = _personalise(page, request)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def is_in_letters(model: type) -> bool:
    """Return whether an issue can show pages of a type: those with contents of their own."""
    others = (IndexPage, HomePage, NewsletterIssuePage)
    return issubclass(model, BasePage) and not issubclass(model, others)


@register_page_preview("card", _("Carte de la lettre"), is_in_letters)
def preview_card(page: BasePage, request: HttpRequest) -> HttpResponse:
    """Return an issue with nothing but a page in it."""
    return HttpResponse(render_card(page, request_origin(request)))


def _personalise(page: NewsletterIssuePage, request: HttpRequest) -> tuple[str, str]:
    origin = request_origin(request)
    return render_issue(page, origin).personalise(sample_links(origin))
