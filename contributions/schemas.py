"""What is shown of a contribution, to its partner and to nobody else."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from contributions.emails import public_url, scheduled_for
from contributions.files import reason_of
from contributions.kinds import ContributionKind
from contributions.lifecycle import ALLOWED_TRANSITIONS, AMENDABLE
from contributions.models import CLOSED, ContributionState, FileState, Message
from core.languages.times import format_moment
from core.schemas.base import Schema
from core.schemas.inputs import Input
from core.schemas.languages import WrittenLocale

if TYPE_CHECKING:
    from contributions.models import Contribution, ContributionFile


class Choice(Schema):
    """A kind of contribution, to choose."""

    kind: ContributionKind
    label: str
    help_text: str
    path: str

    @classmethod
    def from_model(cls, kind: ContributionKind) -> Choice:
        """Return the option of a kind."""
        return cls(
            kind=kind,
            label=str(kind.label),
            help_text=kind.help_text,
            path=reverse("contributions:contribute", args=[kind.slug]),
        )


class Received(Schema):
    """A file that was received: its name, size and state, never its content."""

    uuid: str
    name: str
    size: int
    state: FileState
    state_label: str
    reason: str = Field(description="Why it was refused; empty if it was not.")

    @classmethod
    def from_model(cls, file: ContributionFile) -> Received:
        """Return a file's name and state: to its partner, one that waits is in verification."""
        state = FileState(file.state)
        is_decided = state in {FileState.CLEAN, FileState.REFUSED}
        return cls(
            uuid=str(file.uuid),
            name=file.name,
            size=file.size,
            state=state,
            state_label=str((state if is_decided else FileState.CHECKING).label),
            reason=reason_of(file.refusal) if state == FileState.REFUSED else "",
        )

    @property
    def is_refused(self) -> bool:
        return self.state == FileState.REFUSED

    @property
    def is_waiting(self) -> bool:
        return self.state not in {FileState.CLEAN, FileState.REFUSED}


class Entry(Schema):
    """An entry of the thread, as the partner sees it."""

    is_ours: bool
    author: str
    text: str
    created_at: dt.datetime

    @classmethod
    def from_model(cls, message: Message) -> Entry:
        """Return a message; a partner knows the team, and not who of it wrote."""
        return cls(
            is_ours=message.is_from_team,
            author=_("L'équipe") if message.is_from_team else _("Vous"),
            text=message.text,
            created_at=message.created_at,
        )


STEPS = {
    ContributionState.RECEIVED: gettext_lazy("L'équipe va lire votre contribution."),
    ContributionState.IN_REVIEW: gettext_lazy(
        "Deux personnes de l'équipe la relisent avant de la publier."
    ),
    ContributionState.CHANGES_REQUESTED: gettext_lazy("L'équipe attend vos modifications."),
    ContributionState.SCHEDULED: gettext_lazy("Elle sera mise en ligne à la date prévue."),
    ContributionState.PUBLISHED: gettext_lazy("Elle est en ligne."),
    ContributionState.ACCEPTED: gettext_lazy("Votre demande est acceptée."),
    ContributionState.REJECTED: gettext_lazy("Elle n'a pas été retenue."),
    ContributionState.WITHDRAWN: gettext_lazy("Vous l'avez retirée."),
}
REQUESTS = {
    ContributionState.CHANGES_REQUESTED: gettext_lazy("L'équipe vous demande des modifications"),
    ContributionState.REJECTED: gettext_lazy("Pourquoi elle n'a pas été retenue"),
    ContributionState.ACCEPTED: gettext_lazy("Le mot de l'équipe"),
}
"""The heading of what the team wrote as it put a contribution into a state."""


class FollowUp(Schema):
    """A contribution, as its partner follows it."""

    reference: str
    kind: ContributionKind
    kind_label: str
    name: str
    state: ContributionState
    state_label: str
    explanation: str
    received_at: dt.datetime
    can_amend: bool
    can_withdraw: bool
    public_url: str
    files: list[Received]
    thread: list[Entry]
    request: list[Entry] = Field(description="What the team wrote last, and waits for.")
    request_title: str
    is_to_amend: bool = Field(description="Whether the team waits for another version.")
    is_to_answer: bool = Field(description="Whether the team waits for words alone.")

    @property
    def has_refused_file(self) -> bool:
        return any(file.is_refused for file in self.files)

    @property
    def is_over(self) -> bool:
        return self.state in CLOSED

    @classmethod
    def from_model(cls, contribution: Contribution) -> FollowUp:
        """Return the state of a contribution; internal notes are left out."""
        state = ContributionState(contribution.state)
        thread = list(contribution.messages.exclude(author=Message.Author.NOTE))
        request = _last_request(contribution, thread)
        is_to_amend = state == ContributionState.CHANGES_REQUESTED
        return cls(
            reference=contribution.reference,
            kind=ContributionKind(contribution.kind),
            kind_label=ContributionKind(contribution.kind).short_label,
            name=contribution.name,
            state=state,
            state_label=str(state.label),
            explanation=_explain(contribution, state),
            received_at=contribution.received_at,
            can_amend=state in AMENDABLE,
            can_withdraw=ContributionState.WITHDRAWN in ALLOWED_TRANSITIONS[state],
            public_url=public_url(contribution) if state == ContributionState.PUBLISHED else "",
            files=[Received.from_model(file) for file in contribution.files.all()],
            thread=[Entry.from_model(message) for message in thread],
            request=[Entry.from_model(message) for message in request],
            request_title=str(REQUESTS.get(state, _("L'équipe vous a écrit"))),
            is_to_amend=is_to_amend,
            is_to_answer=bool(request) and not is_to_amend and not contribution.is_closed,
        )


def _explain(contribution: Contribution, state: ContributionState) -> str:
    if state == ContributionState.SCHEDULED and (moment := scheduled_for(contribution)):
        return _("Elle sera mise en ligne le %(moment)s.") % {"moment": format_moment(moment)}
    return str(STEPS.get(state, ""))


def _last_request(contribution: Contribution, thread: list[Message]) -> list[Message]:
    """Return the messages of the team that the partner has still to read or to act upon."""
    if contribution.state in REQUESTS:
        since = contribution.waiting_since
        return [each for each in thread if each.is_from_team and each.created_at >= since]
    if contribution.is_closed:
        return []
    acts = [each.created_at for each in thread if not each.is_from_team]
    acts += contribution.versions.values_list("replaced_at", flat=True)
    return [
        each for each in thread if each.is_from_team and (not acts or each.created_at > max(acts))
    ]


Short = Annotated[str, Field(max_length=500)]


class ContributionIn(Input):
    """A contribution to send. ``kinds/`` lists the fields of each kind.

    Checked by the same form as on the website, so errors are listed field by
    field, in the language of ``locale``.
    """

    kind: ContributionKind
    person_name: Short = ""
    email: Short = ""
    role: Short = Field("", description="professional, institution, volunteer, researcher, other.")
    structure_name: Short = ""
    structure_type: Short = Field("", description="Slug of the vocabulary `structure_types`.")
    consent: bool = Field(False, description="The text is in `kinds/`; it must be true.")
    consent_version: str = Field(
        "",
        max_length=20,
        description="The `consent_version` of the text that was shown: another one is refused.",
        examples=["2026-11"],
    )
    title: Short = ""
    text: Annotated[str, Field(max_length=10_000)] = ""
    link: Short = ""
    date: Short = Field("", description="ISO 8601 date.")
    starts_at: Short = Field("", description="ISO 8601, without zone: Paris time.")
    ends_at: Short = ""
    place: Short = ""
    department: Short = Field("", description="INSEE code.", examples=["59"])
    organiser: Short = ""
    audience: Short = ""
    speaker: Short = ""
    authors: Short = ""
    resource_type: Short = Field("", description="Slug of the vocabulary `resource_types`.")
    listed_type: Short = Field("", description="Slug of `structure_types`, of what to list.")
    is_confidential: bool = False
    street: Short = ""
    postcode: Short = ""
    municipality: Short = ""
    contact_phone: Short = ""
    contact_email: Short = ""
    locale: WrittenLocale = settings.LANGUAGE_CODE

    def data(self) -> dict[str, Any]:
        """Return the fields as a form reads them."""
        return {
            name: value
            for name, value in self.model_dump(mode="json", exclude={"locale"}).items()
            if value not in ("", False)
        }


class ContributionReceipt(Schema):
    """What was received. Its follow-up link goes to the e-mail address, and nowhere else."""

    reference: str = Field(examples=["PARE-00042"])
    state: ContributionState
    files: list[Received]


class AskedField(Schema):
    """A field that a kind asks for."""

    name: str
    label: str
    help_text: str
    is_required: bool
    max_length: int | None
    vocabulary: str = Field(description="Where its values are listed, if it has any.")


class AskedKind(Schema):
    """A kind of contribution, and what it asks for."""

    kind: ContributionKind
    label: str
    fields: list[AskedField]
    takes_files: bool


class KindList(Schema):
    """What may be contributed, and the rules."""

    kinds: list[AskedKind]
    consent_version: str
    consent_text: str
    max_files: int
    max_total_bytes: int
