"""Drafts of trainings and webinars, from what is submitted."""

from __future__ import annotations

from typing import Any

from core.drafts import (
    DraftBuilder,
    ImportedFiles,
    SubmittedContent,
    register_draft_builder,
    split_names,
    summarize,
    text_to_html,
)
from events.models import (
    EventDocument,
    EventIndexPage,
    EventPage,
    Speaker,
    TrainingDate,
    TrainingPage,
    WebinarPage,
)
from events.models.sessions import Mode

PLACE_MAX_LENGTH = 150
SPEAKER_MAX_LENGTH = 120
ONLINE = "en ligne"
"""What the form suggests to write as the place of a training without one."""


@register_draft_builder("training")
class TrainingDraftBuilder(DraftBuilder[TrainingPage]):
    model = TrainingPage
    parent_model = EventIndexPage

    def fill(self, draft: TrainingPage, content: SubmittedContent, files: ImportedFiles) -> None:
        fill_event(draft, content, files)
        draft.attendees = content.audience
        draft.organiser = content.organiser
        is_online = ONLINE in content.place.lower()
        starts_at: Any = content.starts_at
        ends_at: Any = content.ends_at
        date = TrainingDate(
            starts_at=starts_at,
            ends_at=ends_at,
            mode=Mode.ONLINE if is_online else Mode.ONSITE,
            place="" if is_online else content.place[:PLACE_MAX_LENGTH],
            department=content.department,
        )
        draft.dates.set([date])


@register_draft_builder("webinar")
class WebinarDraftBuilder(DraftBuilder[WebinarPage]):
    model = WebinarPage
    parent_model = EventIndexPage

    def fill(self, draft: WebinarPage, content: SubmittedContent, files: ImportedFiles) -> None:
        fill_event(draft, content, files)
        starts_at: Any = content.starts_at
        ends_at: Any = content.ends_at
        draft.starts_at, draft.ends_at = starts_at, ends_at
        names = split_names(content.speaker, SPEAKER_MAX_LENGTH)
        draft.speakers.set([Speaker(name=name) for name in names])


def fill_event(draft: EventPage, content: SubmittedContent, files: ImportedFiles) -> None:
    """Write what trainings and webinars share; the link is that of the registration."""
    draft.title = content.title
    draft.summary = summarize(content.text)
    draft.body = [("rich_text", text_to_html(content.text))]
    draft.image = files.image
    draft.external_registration_url = content.link
    kinds = EventPage.Registration
    draft.registration = kinds.EXTERNAL if content.link else kinds.NONE
    draft.documents.set([EventDocument(document=document) for document in files.documents])
