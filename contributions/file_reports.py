"""What was really looked at in a file, in the words of those who decide about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from contributions.file_previews import PDF, preview_kind
from contributions.files import INFECTED, reason_of
from contributions.models import FileState
from core.languages.times import format_moment

if TYPE_CHECKING:
    from contributions.models import ContributionFile

# None from the release before.
BY_ANTIVIRUS = ("", INFECTED)


@dataclass(frozen=True)
class FileReport:
    """A file with what its inspection found, and what its scan did.

    Attributes:
        file: which.
        inspection: what was looked for and not found, or why it was refused.
        scan: what the antivirus answered, or that there was none; empty before it is asked.
        is_scanned: whether an antivirus found nothing in it.
        preview: ``image``, ``text`` or nothing.
    """

    file: ContributionFile
    inspection: str
    scan: str
    is_scanned: bool
    preview: str

    @property
    def is_clean(self) -> bool:
        return self.file.state == FileState.CLEAN

    @property
    def label(self) -> str:
        """Return the state, for what may not be opened without a thought."""
        if self.is_scanned:
            return ""
        match self.file.state:
            case FileState.CLEAN:
                return _("Sans antivirus")
            case FileState.CHECKING | FileState.REFUSED:
                return str(FileState(self.file.state).label)
        return _("Pas ouvrable")


def report_file(file: ContributionFile) -> FileReport:
    """Return what is known of a file."""
    is_inspected = file.state != FileState.CHECKING and not _is_refused_by_inspection(file)
    return FileReport(
        file=file,
        inspection=_inspection(file),
        scan=_scan(file) if is_inspected else "",
        is_scanned=file.state == FileState.CLEAN and file.scanned_at is not None,
        preview=preview_kind(file),
    )


def _is_refused_by_inspection(file: ContributionFile) -> bool:
    return file.state == FileState.REFUSED and file.refusal not in BY_ANTIVIRUS


def _inspection(file: ContributionFile) -> str:
    if file.state == FileState.CHECKING:
        return _(
            "En vérification : personne ne peut encore l'ouvrir. C'est en général l'affaire d'une "
            "minute ; d'ici là, aucun brouillon ne se prépare."
        )
    if _is_refused_by_inspection(file):
        return _("Refusé et détruit : %(reason)s") % {"reason": reason_of(file.refusal)}
    return _looked_at(file)


def _looked_at(file: ContributionFile) -> str:
    """Return what was looked for in a file of its type, and not found."""
    if file.is_image:
        return _(
            "Image enregistrée de nouveau à partir de ses seuls pixels : le lieu, l'appareil et "
            "tout contenu caché ont disparu."
        )
    if file.media_type == PDF:
        return _("PDF parcouru en entier : ni code, ni formulaire actif, ni pièce jointe.")
    if file.media_type == "text/csv":
        return _("Tableau lu en entier : ni code, ni formule.")
    if file.media_type.startswith("text/"):
        return _("Texte lu en entier : pas de code.")
    return _(
        "Document ouvert et parcouru : ni macro, ni objet actif, ni élément pris ailleurs, ni "
        "fichier caché."
    )


def _scan(file: ContributionFile) -> str:
    when = format_moment(file.scanned_at) if file.scanned_at else ""
    match file.state:
        case FileState.CLEAN if when:
            return _("Antivirus : rien trouvé, le %(when)s.") % {"when": when}
        case FileState.CLEAN:
            return _(
                "Aucun antivirus n'a analysé ce fichier : le site n'en avait pas quand il est "
                "arrivé."
            )
        case FileState.REFUSED:
            return _("Antivirus : fichier refusé et détruit (%(found)s).") % {"found": file.verdict}
        case FileState.QUARANTINED:
            return _(
                "En quarantaine : l'antivirus n'a pas répondu. Le fichier s'ouvrira quand il aura "
                "été analysé."
            )
    return _("L'antivirus n'a pas encore analysé ce fichier : il s'ouvrira ensuite.")
