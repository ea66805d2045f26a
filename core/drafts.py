"""Drafts of what comes from outside: their typed input, and the registry of their builders.

An app of content writes a builder beside its models and registers it for the kinds that it
knows. The app that receives submissions looks builders up here, and imports none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.utils.html import escape
from django.utils.text import Truncator
from wagtail.models import Locale, Page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from core.models import Document, Image, ResourceType, StructureType, Territory

SUMMARY_MAX_LENGTH = 300

DraftT = TypeVar("DraftT", bound=Model)


@dataclass(frozen=True, kw_only=True)
class SubmittedContent:
    """What was sent to be published, typed; each kind fills some of it."""

    title: str = ""
    text: str = ""
    link: str = ""
    structure_name: str = ""
    date: dt.date | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    place: str = ""
    department: Territory | None = None
    organiser: str = ""
    audience: str = ""
    speaker: str = ""
    authors: str = ""
    resource_type: ResourceType | None = None
    listed_type: StructureType | None = None
    is_confidential: bool = False
    street: str = ""
    postcode: str = ""
    municipality: str = ""
    contact_phone: str = ""
    contact_email: str = ""


@dataclass(frozen=True)
class ImportedFiles:
    """The files of a submission, in the library."""

    documents: list[Document] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    @property
    def image(self) -> Image | None:
        """Return the first image."""
        return self.images[0] if self.images else None


class DraftBuilder(Generic[DraftT]):
    """Builds the drafts of one type.

    Attributes:
        model: the type of the drafts.
        parent_model: the type of page under which drafts go, if they are pages.
    """

    model: type[DraftT]
    parent_model: ClassVar[Any] = None

    def parents(self) -> list[Page]:
        """Return the pages under which a draft may go."""
        if self.parent_model is None:
            return []
        rows = self.parent_model.objects.filter(locale=Locale.get_default(), alias_of=None)
        return list(rows)

    def new(self) -> DraftT:
        """Return an empty draft, unsaved."""
        return self.model(live=False, has_unpublished_changes=True)

    def fill(self, draft: DraftT, content: SubmittedContent, files: ImportedFiles) -> None:
        """Write the submitted content into a draft."""
        raise NotImplementedError


DRAFT_BUILDERS: dict[str, DraftBuilder[Any]] = {}
"""The builder of each kind of submission; filled by the ``drafts`` modules of the apps."""

BuilderT = TypeVar("BuilderT", bound=type[DraftBuilder[Any]])


def register_draft_builder(*kinds: str) -> Callable[[BuilderT], BuilderT]:
    """Register a builder for kinds of submissions.

    Raises:
        ImproperlyConfigured: one of them has a builder already.
    """

    def decorate(builder: BuilderT) -> BuilderT:
        for kind in kinds:
            if kind in DRAFT_BUILDERS:
                raise ImproperlyConfigured(f"Two builders of drafts for the kind {kind!r}.")
            DRAFT_BUILDERS[kind] = builder()
        return builder

    return decorate


def text_to_html(text: str) -> str:
    """Return plain text as rich text with paragraphs and line breaks only."""
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{escape(b).replace(chr(10), '<br/>')}</p>" for b in blocks if b)


def summarize(text: str) -> str:
    """Return the start of a text as a summary, for reviewers to correct."""
    return Truncator(" ".join(text.split())).chars(SUMMARY_MAX_LENGTH)


def split_names(names: str, max_length: int) -> list[str]:
    """Return the names of a list that is separated by commas."""
    return [name.strip()[:max_length] for name in names.split(",") if name.strip()]
