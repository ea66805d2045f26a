"""Drafts of structures, from what is submitted."""

from __future__ import annotations

from wagtail.models import Locale

from core.drafts import DraftBuilder, ImportedFiles, SubmittedContent, register_draft_builder
from network.models import Structure

NAME_MAX_LENGTH = 150
DESCRIPTION_MAX_LENGTH = 3000


@register_draft_builder("structure")
class StructureDraftBuilder(DraftBuilder[Structure]):
    model = Structure

    def new(self) -> Structure:
        draft = super().new()
        draft.locale = Locale.get_default()
        return draft

    def fill(self, draft: Structure, content: SubmittedContent, files: ImportedFiles) -> None:
        draft.name = content.title[:NAME_MAX_LENGTH]
        # The form of a structure asks for its type and its department.
        draft.structure_type = content.listed_type  # type: ignore[assignment]
        draft.description = content.text[:DESCRIPTION_MAX_LENGTH]
        draft.department = content.department  # type: ignore[assignment]
        # Confidential until an editor decides otherwise, whatever was ticked.
        draft.is_confidential = True
        draft.street = content.street
        draft.postcode = content.postcode
        draft.municipality = content.municipality
        draft.phone = content.contact_phone
        draft.email = content.contact_email
        draft.website = content.link
