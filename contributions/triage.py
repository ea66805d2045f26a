"""From a contribution to a draft of the right type, under the right parent, in review.

The only place that knows how each content app writes what partners send. A
kind whose app is not installed makes no draft: the team answers it by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, Locale, Page, Workflow, WorkflowState

from contributions import lifecycle
from contributions.forms import read_answer
from contributions.kinds import Kind
from contributions.models import (
    Contribution,
    ContributionFile,
    FileState,
    OutsideContent,
    State,
    Validation,
)
from contributions.workflow import mark_outside
from core.models import Document, Image, ResourceType, StructureType, Territory

if TYPE_CHECKING:
    from core.models import User

QUARANTINE = "Contributions en relecture"
RELEASED = "Contributions publiées"


class CantDraft(Exception):
    """There is no draft to be made of it now, and why."""


class Library:
    """The files of a contribution, as the library has them."""

    def __init__(self, documents: list[Document], images: list[Image]) -> None:
        self.documents, self.images = documents, images

    @property
    def image(self) -> Image | None:
        return self.images[0] if self.images else None


class Maker:
    """Makes the drafts of one kind.

    Attributes:
        app: which must be installed.
        model: the name of the type, in its app.
        parent_model: the name of the type of page under which drafts go, if they are pages.
    """

    app = "resources"
    model = ""
    parent_model = ""

    @property
    def is_available(self) -> bool:
        return apps.is_installed(self.app)

    def parents(self) -> list[Page]:
        """Return the pages under which a draft may go."""
        if not self.parent_model:
            return []
        model: Any = apps.get_model(self.app, self.parent_model)
        return list(model.objects.filter(locale=Locale.get_default(), alias_of=None))

    def new(self) -> Any:
        """Return a draft, empty and unsaved."""
        return apps.get_model(self.app, self.model)(live=False, has_unpublished_changes=True)

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        """Write into a draft what the contribution says."""
        raise NotImplementedError


def body(contribution: Contribution, library: Library, *facts: tuple[Any, Any]) -> list[Any]:
    """Return the blocks of a page's body: the text, what else is known, and the documents."""
    blocks: list[Any] = [("rich_text", paragraphs(contribution.text))]
    known = [(str(label), str(value)) for label, value in facts if value]
    if known:
        items = format_html_join("", "<li><b>{} :</b> {}</li>", known)
        blocks.append(("rich_text", f"<ul>{items}</ul>"))
    if contribution.link:
        href = escape(contribution.link)
        blocks.append(("rich_text", f'<p><a href="{href}">{href}</a></p>'))
    blocks += [("document", {"document": d, "title": ""}) for d in library.documents]
    return blocks


def paragraphs(text: str) -> str:
    """Return plain text as rich text, with nothing in it but paragraphs and line breaks."""
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{escape(b).replace(chr(10), '<br/>')}</p>" for b in blocks if b)


def summary(text: str) -> str:
    """Return the first sentences, for the reviewers to mend."""
    return Truncator(" ".join(text.split())).chars(300)


def territory(contribution: Contribution) -> Territory | None:
    """Return the department that it names."""
    code = contribution.answers.get("department")
    return Territory.objects.filter(code=code).first() if code else None


class NewsMaker(Maker):
    model = "NewsPage"
    parent_model = "NewsIndexPage"

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        draft.title = contribution.title
        draft.summary = summary(contribution.text)
        date = read_answer(contribution, "date")
        # An action to come is news of today; its date is in the text.
        draft.date = date if date and date <= timezone.localdate() else timezone.localdate()
        draft.body = body(
            contribution,
            library,
            (_("Date"), date.strftime("%d/%m/%Y") if date else ""),
            (_("Lieu"), contribution.answers.get("place")),
            (_("Pour qui"), contribution.answers.get("audience")),
            (_("Proposé par"), contribution.structure_name),
        )
        draft.image = library.image
        if found := territory(contribution):
            draft.territory_scope, draft.territory = "territory", found


class ResourceMaker(Maker):
    model = "ResourcePage"
    parent_model = "ResourceIndexPage"

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        answers = contribution.answers
        types = ResourceType.objects.filter(locale=Locale.get_default())
        draft.resource_type = (
            types.filter(slug=answers.get("resource_type", "")).first()
            or types.filter(slug="guide").first()
            or types.first()
        )
        draft.title = contribution.title
        draft.summary = summary(contribution.text)
        draft.body = [("rich_text", paragraphs(contribution.text))]
        draft.published_on = read_answer(contribution, "date") or timezone.localdate()
        draft.external_url = contribution.link
        draft.source_name = contribution.structure_name
        draft.document = library.documents[0] if library.documents else None
        draft.cover = library.image
        attachment: Any = apps.get_model("resources", "ResourceAttachment")
        draft.attachments = [attachment(document=d) for d in library.documents[1:]]
        author: Any = apps.get_model("resources", "ResourceAuthor")
        names = [n.strip() for n in answers.get("authors", "").split(",") if n.strip()]
        draft.authors = [author(name=name[:150]) for name in names]


class TrainingMaker(Maker):
    app = "events"
    model = "TrainingPage"
    parent_model = "EventIndexPage"

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        answers = contribution.answers
        fill_event(draft, contribution, library)
        draft.attendees = answers.get("audience", "")
        draft.organiser = answers.get("organiser", "")
        date: Any = apps.get_model("events", "TrainingDate")
        is_online = "en ligne" in answers.get("place", "").lower()
        draft.dates = [
            date(
                starts_at=read_answer(contribution, "starts_at"),
                ends_at=read_answer(contribution, "ends_at"),
                mode="online" if is_online else "onsite",
                place="" if is_online else answers.get("place", "")[:150],
                department=territory(contribution),
            )
        ]


class WebinarMaker(Maker):
    app = "events"
    model = "WebinarPage"
    parent_model = "EventIndexPage"

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        fill_event(draft, contribution, library)
        draft.starts_at = read_answer(contribution, "starts_at")
        draft.ends_at = read_answer(contribution, "ends_at")
        speaker: Any = apps.get_model("events", "Speaker")
        said = contribution.answers.get("speaker", "")
        draft.speakers = [
            speaker(name=name.strip()[:120]) for name in said.split(",") if name.strip()
        ]


def fill_event(draft: Any, contribution: Contribution, library: Library) -> None:
    """Write what a training and a webinar share; the link is where one registers."""
    draft.title = contribution.title
    draft.summary = summary(contribution.text)
    draft.body = [("rich_text", paragraphs(contribution.text))]
    draft.image = library.image
    draft.external_registration_url = contribution.link
    draft.registration = "external" if contribution.link else "none"
    document: Any = apps.get_model("events", "EventDocument")
    draft.documents = [document(document=d) for d in library.documents]


class StructureMaker(Maker):
    app = "network"
    model = "Structure"

    def new(self) -> Any:
        draft = super().new()
        draft.locale = Locale.get_default()
        return draft

    def fill(self, draft: Any, contribution: Contribution, library: Library) -> None:
        answers = contribution.answers
        draft.name = contribution.title[:150]
        draft.structure_type = StructureType.objects.filter(
            locale=Locale.get_default(), slug=answers.get("listed_type", "")
        ).first()
        draft.description = contribution.text[:3000]
        draft.department = territory(contribution)
        # Confidential until an editor says otherwise, whatever was ticked.
        draft.is_confidential = True
        for name, answer in (
            ("street", "street"),
            ("postcode", "postcode"),
            ("municipality", "municipality"),
            ("phone", "contact_phone"),
            ("email", "contact_email"),
        ):
            setattr(draft, name, answers.get(answer, ""))
        draft.website = contribution.link


MAKERS: dict[Kind, Maker] = {
    Kind.ACTION: NewsMaker(),
    Kind.NEWS: NewsMaker(),
    Kind.RESOURCE: ResourceMaker(),
    Kind.TRAINING: TrainingMaker(),
    Kind.WEBINAR: WebinarMaker(),
    Kind.STRUCTURE: StructureMaker(),
}


def maker_of(contribution: Contribution) -> Maker | None:
    """Return what makes its drafts, or ``None`` for a kind that has none here."""
    maker = MAKERS.get(Kind(contribution.kind))
    return maker if maker and maker.is_available else None


def review_workflow() -> Workflow | None:
    """Return the active workflow that ends with a validation."""
    found: Workflow | None = Workflow.objects.filter(
        active=True, workflow_tasks__task__in=Validation.objects.filter(active=True)
    ).first()
    return found


@transaction.atomic
def make_draft(contribution: Contribution, user: User, parent: Page | None = None) -> Any:
    """Make a draft of a contribution, or write it anew, and submit it to the review.

    Args:
        contribution: received, or amended since.
        user: who of the team does it; the draft is theirs until someone edits it.
        parent: the page under which it goes; the first that fits by default.

    Raises:
        CantDraft: something is missing; the message says what.
        NotNow: it is not in a state for that.
    """
    maker = maker_of(contribution)
    workflow = review_workflow()
    if maker is None:
        raise CantDraft(_("Cette nature de contribution ne fait pas de brouillon."))
    if workflow is None:
        raise CantDraft(_("Le circuit de relecture n'est pas actif."))
    contribution = lifecycle.move(contribution, State.IN_REVIEW, user=user)
    stop_review(contribution, user)
    library = bring_in(contribution, user)
    draft = contribution.live_draft()
    if draft is None or draft.live:
        draft = _create(maker, contribution, library, parent)
    else:
        draft = draft.get_latest_revision_as_object()
        maker.fill(draft, contribution, library)
        _save(draft)
    outside = mark_outside(draft, contribution)
    contribution.draft_type, contribution.draft_id = outside_type(draft), str(draft.pk)
    contribution.assignee = contribution.assignee or user
    contribution.save(update_fields=["draft_type", "draft_id", "assignee", "updated_at"])
    draft.save_revision(user=user, clean=False, log_action=True)
    workflow.start(draft, user)
    lifecycle.record(contribution, "draft", user=user, outside=outside.pk)
    return draft


def outside_type(draft: Any) -> Any:
    """Return the type by which a contribution finds its draft."""
    return draft.get_content_type() if hasattr(draft, "get_content_type") else None


def _create(maker: Maker, contribution: Contribution, library: Library, parent: Page | None) -> Any:
    draft = maker.new()
    if not maker.parent_model:
        maker.fill(draft, contribution, library)
        draft.save()
        return draft
    parent = parent or next(iter(maker.parents()), None)
    if parent is None:
        raise CantDraft(
            _("Il manque la rubrique où ranger ce brouillon. Créez-la d'abord dans « Pages ».")
        )
    draft.locale = parent.locale
    maker.fill(draft, contribution, library)
    try:
        parent.add_child(instance=draft)
    except ValidationError as error:
        raise CantDraft(" ".join(error.messages)) from error
    return draft


def _save(draft: Any) -> None:
    try:
        draft.save()
    except ValidationError as error:
        raise CantDraft(" ".join(error.messages)) from error


# Files


def collection(name: str) -> Collection:
    """Return a collection of the library, made if it is missing."""
    found = Collection.objects.filter(name=name).first()
    return found or Collection.get_first_root_node().add_child(name=name)


def bring_in(contribution: Contribution, user: User) -> Library:
    """Put the clean files of a contribution into the library, in its collection under review.

    Nothing there is public: a document or an image is served once a visible
    page refers to it.
    """
    documents, images = [], []
    for file in contribution.files.filter(state=FileState.CLEAN):
        if file.is_image:
            images.append(file.image or _bring_image(file, user))
        else:
            documents.append(file.document or _bring_document(file, user))
    return Library(documents, images)


def _title(file: ContributionFile) -> str:
    return file.name.rpartition(".")[0].replace("-", " ").capitalize()[:150]


def _bring_image(file: ContributionFile, user: User) -> Image:
    with file.file.open("rb") as source:
        image = Image(
            title=_title(file),
            file=ImageFile(source, name=file.name),
            collection=collection(QUARANTINE),
            uploaded_by_user=user,
        )
        image.save()
    file.image = image
    file.save(update_fields=["image"])
    return image


def _bring_document(file: ContributionFile, user: User) -> Document:
    with file.file.open("rb") as source:
        document = Document(
            title=_title(file),
            file=File(source, name=file.name),
            collection=collection(QUARANTINE),
            uploaded_by_user=user,
        )
        document.save()
    file.document = document
    file.save(update_fields=["document"])
    return document


def let_out(contribution: Contribution) -> None:
    """Move the files of a published contribution to the public collection of the library."""
    released = collection(RELEASED)
    for file in contribution.files.select_related("document", "image"):
        for item in (file.document, file.image):
            if item is not None and item.collection.name == QUARANTINE:
                item.collection = released
                item.save(update_fields=["collection"])


# Ends other than publication


def stop_review(contribution: Contribution, user: User | None) -> None:
    """Cancel the review in progress and any schedule of the draft."""
    draft: Any = contribution.live_draft()
    if draft is None:
        return
    for state in WorkflowState.objects.active().for_instance(draft):
        state.cancel(user=user)
    draft.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None)


@transaction.atomic
def ask_changes(contribution: Contribution, user: User, message: str) -> Contribution:
    """Ask the partner to amend it; the review stops meanwhile."""
    contribution = lifecycle.move(contribution, State.CHANGES_REQUESTED, user=user, message=message)
    stop_review(contribution, user)
    return contribution


@transaction.atomic
def reject(contribution: Contribution, user: User, reason: str) -> Contribution:
    """Turn it down, with the reason; its draft and what it brought to the library go away."""
    contribution = lifecycle.move(contribution, State.REJECTED, user=user, message=reason)
    discard_draft(contribution, user)
    return contribution


@transaction.atomic
def withdraw(contribution: Contribution, user: User | None = None) -> Contribution:
    """Let the partner take it back."""
    from contributions.tasks import send_letter  # noqa: PLC0415 (only this end writes to the team)

    was_draft = contribution.state == State.DRAFT
    contribution = lifecycle.move(
        contribution, State.WITHDRAWN, user=user, is_from_partner=True, is_told=not was_draft
    )
    discard_draft(contribution, user)
    if not was_draft:
        key = contribution.pk
        transaction.on_commit(lambda: send_letter.enqueue(key, "team_withdrawn", ""))
    return contribution


@transaction.atomic
def accept(contribution: Contribution, user: User, message: str) -> Contribution:
    """Accept what makes no draft: a request to join the network."""
    return lifecycle.move(contribution, State.ACCEPTED, user=user, message=message)


def discard_draft(contribution: Contribution, user: User | None) -> None:
    """Delete a draft that was never published, and its files that nothing else uses."""
    draft: Any = contribution.live_draft()
    if draft is not None and not draft.live and draft.first_published_at is None:
        stop_review(contribution, user)
        OutsideContent.objects.filter(contribution=contribution).delete()
        draft.delete()
        contribution.draft_type, contribution.draft_id = None, ""
        contribution.save(update_fields=["draft_type", "draft_id", "updated_at"])
    for file in contribution.files.select_related("document", "image"):
        for item in (file.document, file.image):
            if item is not None and item.collection.name == QUARANTINE:
                _delete_unused(item)


def _delete_unused(item: Document | Image) -> None:
    from wagtail.models import ReferenceIndex  # noqa: PLC0415 (only here)

    own = ContributionFile._meta.label_lower
    others = [
        model
        for model, _references in ReferenceIndex.get_grouped_references_to(item)
        if model._meta.label_lower != own
    ]
    if not others:
        # Wagtail deletes the stored file once this is committed.
        item.delete()
