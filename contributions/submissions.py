"""Submissions: what a valid form holds, typed, for the intake, the API and the drafts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from contributions.consent import CONSENT_VERSION
from contributions.kinds import FIELDS_BY_KIND, ContributionKind
from core.drafts import SubmittedContent
from core.models import FRENCH_TERMS, ResourceType, StructureType, Territory

if TYPE_CHECKING:
    from contributions.models import Contribution

TermT = TypeVar("TermT", ResourceType, StructureType)

CONTENT_COLUMNS = ("title", "text", "link")
"""What a contribution has columns for; the other answers are kept together, as JSON."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends a contribution."""

    person_name: str
    email: str
    role: str
    structure_name: str
    structure_type: StructureType | None


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A contribution as its form was filled in, valid.

    Attributes:
        kind: what is sent.
        sender: who sends it.
        content: what is to be published.
        has_consent: whether the box was ticked.
        is_draft: whether a partner's account only keeps it for now.
    """

    kind: ContributionKind
    sender: Sender
    content: SubmittedContent
    has_consent: bool
    is_draft: bool = False


def field_names(kind: ContributionKind) -> list[str]:
    """Return the names of the fields of a kind, in their order."""
    return [spec.name for spec in FIELDS_BY_KIND[kind]]


def store_submission(contribution: Contribution, submission: Submission) -> None:
    """Write a submission into a contribution, which the caller saves."""
    sender, content = submission.sender, submission.content
    contribution.person_name = sender.person_name
    contribution.email = sender.email
    contribution.role = sender.role
    contribution.structure_name = sender.structure_name
    contribution.structure_type = sender.structure_type
    for name in field_names(submission.kind):
        if name in CONTENT_COLUMNS:
            setattr(contribution, name, getattr(content, name))
    contribution.answers = serialize_answers(submission.kind, content)
    if not submission.has_consent:
        # Only a draft has none.
        contribution.consent_version, contribution.consented_at = "", None
    elif contribution.consent_version != CONSENT_VERSION:
        contribution.consent_version, contribution.consented_at = CONSENT_VERSION, timezone.now()


def serialize_answers(kind: ContributionKind, content: SubmittedContent) -> dict[str, str | bool]:
    """Return the answers that have no column, as JSON keeps them."""
    answers = {
        name: _serialize(getattr(content, name))
        for name in field_names(kind)
        if name not in CONTENT_COLUMNS
    }
    return {name: value for name, value in answers.items() if value}


def _serialize(value: Any) -> str | bool:
    match value:
        case None:
            return ""
        case dt.datetime() | dt.date():
            return value.isoformat()
        case Territory():
            return value.code
        case ResourceType() | StructureType():
            return value.slug
        case bool():
            return value
        case _:
            return str(value)


def content_of(contribution: Contribution) -> SubmittedContent:
    """Return the content of a contribution, with the types of its fields."""
    answers = contribution.answers
    return SubmittedContent(
        title=contribution.title,
        text=contribution.text,
        link=contribution.link,
        structure_name=contribution.structure_name,
        date=read_day(answers.get("date")),
        starts_at=read_moment(answers.get("starts_at")),
        ends_at=read_moment(answers.get("ends_at")),
        place=answers.get("place", ""),
        department=_find_territory(answers.get("department")),
        organiser=answers.get("organiser", ""),
        audience=answers.get("audience", ""),
        speaker=answers.get("speaker", ""),
        authors=answers.get("authors", ""),
        resource_type=_find_term(ResourceType, answers.get("resource_type")),
        listed_type=_find_term(StructureType, answers.get("listed_type")),
        is_confidential=bool(answers.get("is_confidential")),
        street=answers.get("street", ""),
        postcode=answers.get("postcode", ""),
        municipality=answers.get("municipality", ""),
        contact_phone=answers.get("contact_phone", ""),
        contact_email=answers.get("contact_email", ""),
    )


def read_day(value: str | None) -> dt.date | None:
    """Return a day that an answer keeps."""
    return parse_date(value) if value else None


def read_moment(value: str | None) -> dt.datetime | None:
    """Return a moment that an answer keeps, in local time."""
    moment = parse_datetime(value) if value else None
    return timezone.localtime(moment) if moment and timezone.is_aware(moment) else moment


def _find_territory(code: str | None) -> Territory | None:
    return Territory.objects.filter(code=code).first() if code else None


def _find_term(model: type[TermT], slug: str | None) -> TermT | None:
    return model._default_manager.filter(**FRENCH_TERMS, slug=slug).first() if slug else None
