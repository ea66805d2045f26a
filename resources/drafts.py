"""Drafts of resources and news, from what is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.html import escape, format_html_join
from django.utils.translation import gettext as _

from core.drafts import (
    DraftBuilder,
    ImportedFiles,
    SubmittedContent,
    register_draft_builder,
    split_names,
    summarize,
    text_to_html,
)
from core.models import FRENCH_TERMS, ResourceType
from resources.models import (
    NewsIndexPage,
    NewsPage,
    ResourceAttachment,
    ResourceAuthor,
    ResourceIndexPage,
    ResourcePage,
)

if TYPE_CHECKING:
    import datetime as dt

AUTHOR_MAX_LENGTH = 150


@register_draft_builder("action", "news")
class NewsDraftBuilder(DraftBuilder[NewsPage]):
    model = NewsPage
    parent_model = NewsIndexPage

    def fill(self, draft: NewsPage, content: SubmittedContent, files: ImportedFiles) -> None:
        today = timezone.localdate()
        draft.title = content.title
        draft.summary = summarize(content.text)
        # An action to come is news of today; its date is in the text.
        draft.date = content.date if content.date and content.date <= today else today
        draft.body = build_news_body(content, files)
        draft.image = files.image
        if content.department:
            draft.territory_scope = NewsPage.Scope.TERRITORY
            draft.territory = content.department


@register_draft_builder("resource")
class ResourceDraftBuilder(DraftBuilder[ResourcePage]):
    model = ResourcePage
    parent_model = ResourceIndexPage

    def fill(self, draft: ResourcePage, content: SubmittedContent, files: ImportedFiles) -> None:
        chosen: Any = content.resource_type or default_resource_type()
        draft.resource_type = chosen
        draft.title = content.title
        draft.summary = summarize(content.text)
        draft.body = [("rich_text", text_to_html(content.text))]
        draft.published_on = content.date or timezone.localdate()
        draft.external_url = content.link
        draft.source_name = content.structure_name
        draft.document = files.documents[0] if files.documents else None
        draft.cover = files.image
        draft.attachments.set([ResourceAttachment(document=d) for d in files.documents[1:]])
        names = split_names(content.authors, AUTHOR_MAX_LENGTH)
        draft.authors.set([ResourceAuthor(name=name) for name in names])


def default_resource_type() -> ResourceType | None:
    """Return the type of a resource whose sender chose none."""
    types = ResourceType.objects.filter(**FRENCH_TERMS)
    return types.filter(slug="guide").first() or types.first()


def build_news_body(content: SubmittedContent, files: ImportedFiles) -> list[tuple[str, Any]]:
    """Return the blocks of a piece of news: text, facts, link, documents."""
    facts = [
        (_("Date"), _format_day(content.date)),
        (_("Lieu"), content.place),
        (_("Pour qui"), content.audience),
        (_("Proposé par"), content.structure_name),
    ]
    known = [(label, value) for label, value in facts if value]
    blocks: list[tuple[str, Any]] = [("rich_text", text_to_html(content.text))]
    if known:
        items = format_html_join("", "<li><b>{} :</b> {}</li>", known)
        blocks.append(("rich_text", f"<ul>{items}</ul>"))
    if content.link:
        href = escape(content.link)
        blocks.append(("rich_text", f'<p><a href="{href}">{href}</a></p>'))
    return blocks + [("document", {"document": d, "title": ""}) for d in files.documents]


def _format_day(day: dt.date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
