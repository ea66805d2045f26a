"""Files that come in: which are refused at once, and where the others wait in quarantine."""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.file_names import check_name, extension_of, shown_name
from contributions.inspection import FileRejected
from contributions.inspection.first_look import HEAD_BYTES, look
from contributions.models import ContributionFile, ContributionState, FileState
from contributions.verification import verify_file
from core.files.uploads import UnstoredFile

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)

MAX_TOTAL_BYTES = 128 * 1024 * 1024
MAX_FILES = 10

INFECTED = "infected"
REASONS = {
    "empty": _("ce fichier est vide."),
    "executable": _("ce fichier est un programme. Nous n'acceptons que des documents et images."),
    "archive": _("les archives (zip, rar…) sont refusées. Envoyez les fichiers un par un."),
    "old_office": _(
        "ce format ancien peut contenir des macros, ou le fichier est protégé par un mot de "
        "passe. Enregistrez-le en .docx, .xlsx, .pptx ou en PDF, sans mot de passe."
    ),
    "macros": _(
        "ce document contient des macros ou des objets actifs. Enregistrez-le sans macros, ou "
        "en PDF."
    ),
    "external": _(
        "ce document va chercher des éléments ailleurs (modèle, image ou objet lié). "
        "Enregistrez-le en PDF."
    ),
    "active_office": _("ce document contient des éléments actifs. Enregistrez-le en PDF."),
    "active_pdf": _(
        "ce PDF contient du code, un formulaire actif ou des pièces jointes. Imprimez-le en PDF "
        "et envoyez le résultat."
    ),
    "encrypted": _("ce fichier est protégé par un mot de passe. Envoyez-le sans protection."),
    "polyglot": _("ce fichier en cache un autre. Enregistrez-le de nouveau et réessayez."),
    "nested": _("ce document contient d'autres fichiers. Envoyez-les un par un."),
    "bomb": _("ce fichier prend une taille démesurée une fois ouvert."),
    "slow": _("ce fichier demande trop de temps à ouvrir. Simplifiez-le ou divisez-le."),
    "lost": _("ce fichier s'est perdu chez nous, avec nos excuses. Envoyez-le de nouveau."),
    "broken": _("ce fichier est abîmé : nous n'arrivons pas à l'ouvrir."),
    "web": _("les pages web et les images SVG sont refusées, car elles peuvent contenir du code."),
    "script": _("ce fichier contient du code."),
    "formula": _("ce tableau contient des formules. Ne gardez que les valeurs."),
    "name": _("le nom de ce fichier a une extension que nous refusons."),
    "unknown": _(
        "nous n'acceptons pas ce type de fichier. Envoyez un PDF, un document (docx, xlsx, pptx, "
        "odt, ods, odp), une image (jpg, png, webp, gif, avif, heic), un texte ou un tableau csv."
    ),
    "too_large": _("ce fichier dépasse la taille permise (128 Mo en tout, 25 Mo par image)."),
    "too_many": _("dix fichiers au plus."),
    "no_room": _("nous ne pouvons pas garder ce fichier pour le moment. Réessayez plus tard."),
    INFECTED: _("l'antivirus a refusé ce fichier."),
}
ACCEPT = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.csv,.txt,image/jpeg,image/png,image/webp"
"""What a browser offers first; only the content decides."""


def rejection_message(rejected: FileRejected) -> str:
    """Return why a file may not be kept, in the reader's language."""
    reason = reason_of(rejected.code)
    return f"« {rejected.name} » : {reason}" if rejected.name else reason


def reason_of(code: str) -> str:
    """Return a reason in the reader's language.

    Args:
        code: none from the release before, whose antivirus alone refused what was received.
    """
    return str(REASONS.get(code or INFECTED, REASONS["unknown"]))


@dataclass
class UploadResult:
    """What became of the files of one request."""

    stored: list[ContributionFile] = field(default_factory=list)
    rejected: list[FileRejected] = field(default_factory=list)


def store_uploads(session: uuid.UUID, uploads: list[UploadedFile[Any]]) -> UploadResult:
    """Look at the first bytes of files and store them, for a form that is being filled in.

    They are inspected by the worker (:mod:`contributions.verification`), and in verification until
    then. One that is rejected here leaves no trace. The total size and the number count what the
    same form received before.
    """
    result = UploadResult()
    before = ContributionFile.objects.filter(session=session).exclude(state=FileState.REFUSED)
    sizes = list(before.values_list("size", flat=True))
    known = {digest for pair in before.values_list("sha256", "received_sha256") for digest in pair}
    for upload in uploads:
        name = shown_name(upload.name or "")
        if len(sizes) >= MAX_FILES:
            result.rejected.append(FileRejected("too_many", name))
        elif sum(sizes) + (upload.size or 0) > MAX_TOTAL_BYTES:
            result.rejected.append(FileRejected("too_large", name))
        else:
            try:
                file = _store(session, upload, known)
            except FileRejected as rejected:
                result.rejected.append(rejected)
            except OSError as error:
                logger.error("A file of a contribution can't be stored: %s", error)
                result.rejected.append(FileRejected("no_room", name))
            else:
                if file is not None:
                    sizes.append(file.size)
                    known |= {file.sha256, file.received_sha256}
                    result.stored.append(file)
    return result


def _store(
    session: uuid.UUID, upload: UploadedFile[Any], known: set[str]
) -> ContributionFile | None:
    """Store one file; nothing if the same content is there already.

    Raises:
        FileRejected: it may not be kept, and why. Where tasks are done at once, it was inspected.
        OSError: it can't be written.
    """
    if isinstance(upload, UnstoredFile):
        raise FileRejected("no_room", shown_name(upload.name or ""))
    name = check_name(upload.name or "")
    upload.seek(0)
    size = upload.size or 0
    try:
        seen = look(upload.read(HEAD_BYTES), extension_of(name), size)
    except FileRejected as rejected:
        raise FileRejected(rejected.code, name) from None
    digest = hashlib.sha256()
    for piece in upload.chunks():
        digest.update(piece)
    if digest.hexdigest() in known:
        return None
    file = ContributionFile(
        session=session,
        name=name or "fichier",
        media_type=seen.media_type,
        size=size,
        sha256=digest.hexdigest(),
        received_sha256=digest.hexdigest(),
    )
    upload.seek(0)
    file.file.save(name, upload, save=False)
    try:
        file.save()
    except Exception:
        file.file.delete(save=False)
        raise
    verify_file.enqueue(file.pk)
    file.refresh_from_db()
    if file.state == FileState.REFUSED:
        file.delete()
        raise FileRejected(file.refusal, name)
    return file


def take_refused(session: uuid.UUID) -> list[FileRejected]:
    """Return what the worker refused of a form that was not sent yet, and delete it."""
    refused = ContributionFile.objects.filter(
        Q(contribution=None) | Q(contribution__state=ContributionState.DRAFT),
        session=session,
        state=FileState.REFUSED,
    )
    rejected = [FileRejected(file.refusal, file.name) for file in refused]
    delete_files(list(refused))
    return rejected


def delete_files(files: list[ContributionFile]) -> None:
    """Delete files, with what is stored of them."""
    for file in files:
        file.file.delete(save=False)
        file.delete()


def parse_identifiers(values: list[str]) -> list[uuid.UUID]:
    """Return the identifiers of files among what a form sent; anything else is left out."""
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def delete_all_waiting(session: uuid.UUID) -> None:
    """Delete all files of a form that no contribution has yet."""
    delete_files(list(ContributionFile.objects.filter(session=session, contribution=None)))


def delete_waiting_files(session: uuid.UUID, identifiers: list[str]) -> None:
    """Delete files that a form received and that no contribution has yet."""
    waiting = ContributionFile.objects.filter(session=session, contribution=None)
    delete_files(list(waiting.filter(uuid__in=parse_identifiers(identifiers))))
