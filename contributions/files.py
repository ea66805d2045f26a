"""Files that come in: their names, their judgement, their place in quarantine."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from contributions import judge, scanning
from contributions.models import ContributionFile, FileState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

MAX_TOTAL = 128 * 1024 * 1024
MAX_FILES = 10
MAX_PICTURE = 25 * 1024 * 1024

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
        "odt, ods, odp), une image (jpg, png, webp, gif, avif), un texte ou un tableau csv."
    ),
    "too_large": _("ce fichier dépasse la taille permise (128 Mo en tout, 25 Mo par image)."),
    "too_many": _("dix fichiers au plus."),
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
SECONDS = judge.SECONDS + 5


class Refused(Exception):
    """A file may not be kept.

    Attributes:
        code: one of :data:`REASONS`.
        name: what its sender called it, without what can't be shown.
    """

    def __init__(self, code: str, name: str = "") -> None:
        self.code, self.name = code, name
        super().__init__(str(REASONS[code]))

    @property
    def message(self) -> str:
        """Return what to tell the sender."""
        return f"« {self.name} » : {REASONS[self.code]}" if self.name else str(REASONS[self.code])


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
        Refused: one of its parts is the extension of something that runs.
    """
    shown = shown_name(name)
    parts = [re.sub(r"\W", "", part.lower()) for part in shown.split(".")[1:]]
    if DANGEROUS & set(parts):
        raise Refused("name", shown)
    return shown


def safe_name(name: str, extension: str) -> str:
    """Return a name to keep and to download under, with the extension of its content."""
    stem = shown_name(name).split(".")[0]
    return f"{slugify(stem)[:80].strip('-') or 'fichier'}.{extension}"


@dataclass(frozen=True)
class Judged:
    """A file that may be kept: what it is, and where its content is."""

    name: str
    media_type: str
    path: Path


def judge_upload(upload: UploadedFile[Any], folder: Path) -> Judged:
    """Judge a file by its content.

    Args:
        upload: as it was received.
        folder: where to write what is made of it; the caller removes it.

    Raises:
        Refused: it may not be kept, and why.
    """
    name = check_name(upload.name or "")
    path = _path_of(upload, folder)
    cleaned = folder / "cleaned"
    try:
        done = subprocess.run(  # noqa: S603 (our own module, paths of our own)
            [
                sys.executable,
                "-I",
                str(Path(judge.__file__).resolve()),
                str(path),
                extension_of(name),
                str(cleaned),
            ],
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        # Killed by its limits, or by what it read.
        raise Refused("broken", name) from None
    if code := said.get("refused"):
        raise Refused(code, name)
    if said["media_type"].startswith("image/") and (upload.size or 0) > MAX_PICTURE:
        raise Refused("too_large", name)
    return Judged(
        safe_name(name, said["extension"]),
        said["media_type"],
        cleaned if said["cleaned"] else path,
    )


def _path_of(upload: UploadedFile[Any], folder: Path) -> Path:
    """Return where the content is; it is written out only if it is still in memory."""
    if isinstance(upload, TemporaryUploadedFile):
        upload.flush()
        return Path(upload.temporary_file_path())
    path = folder / "received"
    with path.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return path


@dataclass
class Taken:
    """What became of the files of one request."""

    kept: list[ContributionFile]
    refused: list[Refused]


def take_files(session: uuid.UUID, uploads: list[UploadedFile[Any]]) -> Taken:
    """Judge files and keep those that may be, for a form that is being filled in.

    One that is refused leaves no trace. The total size and the number count
    what the same form received before.
    """
    taken = Taken([], [])
    before = ContributionFile.objects.filter(session=session)
    sizes = list(before.values_list("size", flat=True))
    known = set(before.values_list("sha256", flat=True))
    for upload in uploads:
        name = shown_name(upload.name or "")
        if len(sizes) >= MAX_FILES:
            taken.refused.append(Refused("too_many", name))
        elif sum(sizes) + (upload.size or 0) > MAX_TOTAL:
            taken.refused.append(Refused("too_large", name))
        else:
            try:
                file = _take(session, upload, known)
            except Refused as refused:
                taken.refused.append(refused)
            else:
                if file is not None:
                    sizes.append(file.size)
                    known.add(file.sha256)
                    taken.kept.append(file)
    return taken


def _take(
    session: uuid.UUID, upload: UploadedFile[Any], known: set[str]
) -> ContributionFile | None:
    """Keep one file; nothing if the same content is there already."""
    with tempfile.TemporaryDirectory(prefix="pare-") as folder:
        judged = judge_upload(upload, Path(folder))
        digest = hashlib.sha256()
        for piece in _pieces(judged.path):
            digest.update(piece)
        if digest.hexdigest() in known:
            return None
        file = ContributionFile(
            session=session,
            name=judged.name,
            media_type=judged.media_type,
            size=judged.path.stat().st_size,
            sha256=digest.hexdigest(),
            state=FileState.RECEIVED if scanning.is_configured() else FileState.CLEAN,
        )
        with judged.path.open("rb") as source:
            file.file.save(judged.name, File(source), save=False)
        file.save()
    return file


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            yield piece


def forget(files: list[ContributionFile]) -> None:
    """Remove files, with what is stored of them."""
    for file in files:
        file.file.delete(save=False)
        file.delete()
