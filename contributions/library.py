"""The files of contributions in the library: imported for a review, released or deleted after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files import File
from django.core.files.images import ImageFile
from wagtail.models import Collection, ReferenceIndex

from contributions.models import ContributionFile, FileState
from core.drafts import ImportedFiles
from core.models import Document, Image

if TYPE_CHECKING:
    from contributions.models import Contribution
    from core.models import User

QUARANTINE = "Contributions en relecture"
RELEASED = "Contributions publiées"
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
    file.document = document
    file.save(update_fields=["document"])
    return document


def quarantined_items(contribution: Contribution) -> list[Document | Image]:
    """Return what was imported for a review that has not ended."""
    items: list[Document | Image] = []
    for file in contribution.files.select_related("document__collection", "image__collection"):
        items += [item for item in (file.document, file.image) if item is not None]
    return [item for item in items if item.collection.name == QUARANTINE]


def release_files(contribution: Contribution) -> None:
    """Move the files of a published contribution to the public collection."""
    items = quarantined_items(contribution)
    released = get_or_create_collection(RELEASED)
    for item in items:
        item.collection = released
        item.save(update_fields=["collection"])


def delete_imported_files(contribution: Contribution) -> None:
    """Delete what was imported for a review, unless something else uses it."""
    for item in quarantined_items(contribution):
        if not _is_used_elsewhere(item):
            # Wagtail deletes the stored file once this is committed.
            item.delete()


def _is_used_elsewhere(item: Document | Image) -> bool:
    references = ReferenceIndex.get_grouped_references_to(item)
    own = ContributionFile._meta.label_lower
    return any(model._meta.label_lower != own for model, _references in references)
