"""Files that come in: their names, their inspection, their place in quarantine."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
import unicodedata
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.translation import gettext_lazy as _

from contributions import scanning
from contributions.inspection import FileRejected, inspect_file
from contributions.models import ContributionFile, FileState
from core.files.sandbox import SandboxError, run_in_sandbox
from core.files.uploads import UnstoredFile
from core.slugs import make_slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)

MAX_TOTAL_BYTES = 128 * 1024 * 1024
MAX_FILES = 10
MAX_IMAGE_BYTES = 25 * 1024 * 1024

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
    "infected": _("l'antivirus a refusé ce fichier."),
}
ACCEPT = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.csv,.txt,image/jpeg,image/png,image/webp"
"""What a browser offers first; only the content decides."""

# Never in a name, even before another extension: some programs look at the first.
DANGEROUS = frozenset(
    """
    ade adp apk app appx asp aspx bat bin cab chm class cmd com cpl dll dmg docm dotm exe
    gadget hta htm html inf ins iso jar js jse jsp lnk mht mhtml msc msi msp mst pif php
    phar phtml pl potm ppam pps ppsm pptm ps1 py reg scr sct sh shs svg svgz swf sys url
    vb vbe vbs ws wsc wsf wsh xht xhtml xlam xll xlsb xlsm xltm xml xsl
    """.split()  # noqa: SIM905 (as a list it would take sixty lines)
)


def rejection_message(rejected: FileRejected) -> str:
    """Return why a file may not be kept, in the reader's language."""
    reason = str(REASONS[rejected.code])
    return f"« {rejected.name} » : {reason}" if rejected.name else reason


def shown_name(name: str) -> str:
    """Return a name without paths, controls and marks that turn the direction of writing."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    return " ".join(unicodedata.normalize("NFC", kept).split())[:100]


def extension_of(name: str) -> str:
    """Return what a name ends with, lower case, or nothing."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower().strip() if dot and stem else ""


def check_name(name: str) -> str:
    """Return the name to show.

    Raises:
        FileRejected: one of its parts is the extension of something that runs.
    """
    shown = shown_name(name)
    parts = [re.sub(r"\W", "", part.lower()) for part in shown.split(".")[1:]]
    if DANGEROUS & set(parts):
        raise FileRejected("name", shown)
    return shown


def safe_name(name: str, extension: str) -> str:
    """Return a name to keep and to download under, with the extension of its content."""
    stem = shown_name(name).split(".")[0]
    return f"{make_slug(stem, max_length=80, ascii_only=True) or 'fichier'}.{extension}"


@dataclass(frozen=True)
class InspectedFile:
    """A file that may be kept: what it is, and where its content is."""

    name: str
    media_type: str
    path: Path


def inspect_upload(upload: UploadedFile[Any], folder: Path) -> InspectedFile:
    """Find out what a file is by its content.

    Args:
        upload: as it was received.
        folder: where to write what is made of it; the caller removes it.

    Raises:
        FileRejected: it may not be kept, and why.
    """
    name = check_name(upload.name or "")
    path = _path_of(upload, folder)
    rewritten = folder / "rewritten"
    try:
        found: dict[str, Any] = run_in_sandbox(
            inspect_file, str(path), extension_of(name), str(rewritten)
        )
    except SandboxError:
        raise FileRejected("broken", name) from None
    if code := found.get("rejected"):
        raise FileRejected(code, name)
    if found["media_type"].startswith("image/") and (upload.size or 0) > MAX_IMAGE_BYTES:
        raise FileRejected("too_large", name)
    return InspectedFile(
        safe_name(name, found["extension"]),
        found["media_type"],
        rewritten if found["is_rewritten"] else path,
    )


def _path_of(upload: UploadedFile[Any], folder: Path) -> Path:
    """Return the path of the content, which is written out if it is in memory."""
    if isinstance(upload, TemporaryUploadedFile):
        upload.flush()
        return Path(upload.temporary_file_path())
    path = folder / "received"
    with path.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return path


@dataclass
class UploadResult:
    """What became of the files of one request."""

    stored: list[ContributionFile] = field(default_factory=list)
    rejected: list[FileRejected] = field(default_factory=list)


def store_uploads(session: uuid.UUID, uploads: list[UploadedFile[Any]]) -> UploadResult:
    """Inspect files and store those that pass, for a form that is being filled in.

    One that is rejected leaves no trace. The total size and the number count
    what the same form received before.
    """
    result = UploadResult()
    before = ContributionFile.objects.filter(session=session)
    sizes = list(before.values_list("size", flat=True))
    known = set(before.values_list("sha256", flat=True))
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
                    known.add(file.sha256)
                    result.stored.append(file)
    return result


def _store(
    session: uuid.UUID, upload: UploadedFile[Any], known: set[str]
) -> ContributionFile | None:
    """Store one file; nothing if the same content is there already.

    Raises:
        FileRejected: it may not be kept, and why.
        OSError: it can't be written.
    """
    if isinstance(upload, UnstoredFile):
        raise FileRejected("no_room", shown_name(upload.name or ""))
    with tempfile.TemporaryDirectory(prefix="pare-") as folder:
        inspected = inspect_upload(upload, Path(folder))
        digest = hashlib.sha256()
        for piece in _pieces(inspected.path):
            digest.update(piece)
        if digest.hexdigest() in known:
            return None
        file = ContributionFile(
            session=session,
            name=inspected.name,
            media_type=inspected.media_type,
            size=inspected.path.stat().st_size,
            sha256=digest.hexdigest(),
            state=FileState.RECEIVED if scanning.is_configured() else FileState.CLEAN,
        )
        with inspected.path.open("rb") as source:
            file.file.save(inspected.name, File(source), save=False)
        try:
            file.save()
        except Exception:
            file.file.delete(save=False)
            raise
    return file


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            yield piece


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


def delete_waiting_files(session: uuid.UUID, identifiers: list[str]) -> None:
    """Delete files that a form received and that no contribution has yet."""
    waiting = ContributionFile.objects.filter(session=session, contribution=None)
    delete_files(list(waiting.filter(uuid__in=parse_identifiers(identifiers))))
