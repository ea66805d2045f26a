"""What the directory holds of people: who answers for a structure, and imported tables."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.personal_data import NUMBERS, TEAM_TEXTS
from core.privacy.common import ACTIVITY, TEAM, WITH_CONTENT, WITH_ROW
from core.privacy.finding import is_in_file
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    declare,
    declare_all,
    held,
    retention,
)
from network.models import StructureImport
from network.retention import (
    EXPORTS_FOR,
    IMPORTS_FOR,
    delete_exports,
    delete_import_file,
    delete_import_files,
)

if TYPE_CHECKING:
    from core.privacy.addresses import Address

DIRECTORY = Processing(
    key="directory",
    name=_("Annuaire des structures"),
    purpose=_("Dire qui peut aider, et comment joindre une structure du réseau."),
    people=_("les personnes qui répondent pour une structure"),
    data=_(
        "adresse e-mail et téléphone de contact ; l'adresse d'un lieu confidentiel n'est montrée "
        "à personne hors de l'équipe"
    ),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.VISITORS, Reader.PARTNERS, *TEAM),
    is_for_visitors=True,
    remains=_("La fiche de la structure reste, sans l'adresse : elle en demande une autre."),
)
IMPORTS = Processing(
    key="directory-imports",
    name=_("Tableaux importés dans l'annuaire"),
    purpose=_("Retrouver ce qu'un tableau importé contenait."),
    people=_("les personnes qui répondent pour une structure"),
    data=_("le fichier importé, avec ses adresses de contact"),
    legal_basis=LegalBasis.INTEREST,
    readers=TEAM,
)

IMPORTED = retention(
    "network.imports",
    IMPORTS_FOR,
    _("après un import"),
    _("le fichier importé est supprimé"),
    delete_import_files,
)
EXPORTS = retention(
    "network.exports",
    EXPORTS_FOR,
    _("après un export de l'annuaire"),
    _("sa trace est supprimée"),
    delete_exports,
)


def imports_with(address: Address) -> Q:
    """Return the condition of the imports whose files have an address."""
    found = []
    for each in StructureImport.objects.exclude(file=""):
        with suppress(FileNotFoundError), each.file.open("rb") as file:
            if is_in_file(file.read(), address):
                found.append(each.pk)
    return Q(pk__in=found)


def erase_imports(rows: Rows) -> None:
    """Delete the files of some imports."""
    for each in rows:
        delete_import_file(each)


declare(
    "network.Structure",
    held(DIRECTORY, "email phone", WITH_CONTENT),
    held(ACTIVITY, "locked_by", WITH_ROW),
    others="contact_visibility",
    rest="Of a structure, and of nobody: its place is confidential, and not personal.",
)
declare(
    "network.StructureImport",
    held(IMPORTS, "file name", IMPORTED),
    held(ACTIVITY, "created_by", WITH_ROW),
    rest=NUMBERS,
    person=Person(find=imports_with),
    erase=erase_imports,
)
declare(
    "network.StructureExport",
    held(ACTIVITY, "user exported_at filters reason", EXPORTS),
    others="id count confidential_count file_format",
    person=Person(account="user"),
)
declare("network.PublishedPlace", rest="Of a structure, and of nobody.")
declare_all("network.DirectoryPage", TEAM_TEXTS)
declare_all("network.Reminder", NUMBERS)
