"""The files of contributions in the library: imported for a review, released or deleted after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.images import ImageFile
from wagtail.models import Collection

from contributions.models import Contribution, ContributionFile, FileState
from core.drafts import ImportedFiles
from core.models import Document, Image
from published.library import find_uses
from review.provenance import mark_external, pending_mark, release

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from core.models import User

QUARANTINE = "Contributions en relecture"
RELEASED = "Contributions publiées"
"""Collections in which people find them; what counts is the mark of each file."""
TITLE_MAX_LENGTH = 150


def get_or_create_collection(name: str) -> Collection:
    """Return a collection of the library, created if it is missing."""
    found = Collection.objects.filter(name=name).first()
    return found or Collection.get_first_root_node().add_child(name=name)


def import_files(contribution: Contribution, user: User) -> ImportedFiles:
    """Import the clean files of a contribution into the library, for its review.

    Nothing there is public: a document or an image is served once a visible
    page refers to it.
    """
    files = ImportedFiles()
    for file in contribution.files.filter(state=FileState.CLEAN):
        if file.is_image:
            files.images.append(file.image or _import_image(file, user))
        else:
            files.documents.append(file.document or _import_document(file, user))
    return files


def _title(file: ContributionFile) -> str:
    stem = file.name.rpartition(".")[0]
    return stem.replace("-", " ").capitalize()[:TITLE_MAX_LENGTH]


def _import_image(file: ContributionFile, user: User) -> Image:
    with file.file.open("rb") as source:
        image = Image(
            title=_title(file),
            file=ImageFile(source, name=file.name),
            collection=get_or_create_collection(QUARANTINE),
            uploaded_by_user=user,
        )
        image.save()
    mark_external(image)
    file.image = image
    file.save(update_fields=["image"])
    return image


def _import_document(file: ContributionFile, user: User) -> Document:
    with file.file.open("rb") as source:
        document = Document(
            title=_title(file),
            file=File(source, name=file.name),
            collection=get_or_create_collection(QUARANTINE),
            uploaded_by_user=user,
        )
        document.save()
    mark_external(document)
    file.document = document
    file.save(update_fields=["document"])
    return document


def quarantined_items(contribution: Contribution) -> list[Document | Image]:
    """Return what was imported for a review that has not ended."""
    items: list[Document | Image] = []
    for file in contribution.files.select_related("document", "image"):
        items += [item for item in (file.document, file.image) if item is not None]
    return [item for item in items if pending_mark(item) is not None]


def release_files(contribution: Contribution) -> None:
    """Release the files of a published contribution, and move them out of the quarantine."""
    items = quarantined_items(contribution)
    released = get_or_create_collection(RELEASED)
    for item in items:
        release(item)
        item.collection = released
        item.save(update_fields=["collection"])


def delete_imported_files(contribution: Contribution) -> None:
    """Delete what was imported for a review, unless something else uses it."""
    for item in quarantined_items(contribution):
        if not find_uses(item):
            # Wagtail deletes the stored file once this is committed.
            item.delete()


def own_files(model: type[Model], content: Model) -> QuerySet[Any]:
    """Return the keys of the files that came with the contribution of a draft.

    The translations of a draft have the files of their source.

    Args:
        model: that of the files.
        content: a page or a snippet.
    """
    column = "document" if model is Document else "image"
    return ContributionFile.objects.filter(
        contribution__in=_contributions_of(content), **{f"{column}__isnull": False}
    ).values(column)


def _contributions_of(content: Model) -> list[Contribution]:
    """Return the contributions of which a content is the draft, or a translation of it."""
    base = next(iter(reversed(content._meta.get_parent_list())), type(content))
    rows = base._default_manager.all()
    key = getattr(content, "translation_key", None)
    versions = rows.filter(translation_key=key) if key else rows.filter(pk=content.pk)
    ids = [str(pk) for pk in versions.values_list("pk", flat=True)]
    found = Contribution.objects.filter(draft_id__in=ids).select_related("draft_type")
    return [
        each
        for each in found
        if each.draft_type and issubclass(each.draft_type.model_class() or object, base)
    ]
