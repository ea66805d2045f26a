"""Reading a table of structures: which columns it has, and the value of each cell."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Audience, Service, StructureType, Territory
from core.spreadsheets.reader import Table, TableFormat, read_table
from network.exports import COLUMNS, VISIBILITIES
from network.models import Structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail.models import Locale

    from core.models import VocabularyTerm

ALIASES = {
    "identifiant": "external_id",
    "id": "external_id",
    "nom": "name",
    "sigle": "acronym",
    "publics": "audiences",
    "presentation": "description",
    "rue": "street",
    "adresse": "street",
    "code_postal": "postcode",
    "commune": "municipality",
    "code_insee": "municipality_code",
    "departement": "insee_department",
    "confidentiel": "confidential",
    "confidentielle": "confidential",
    "telephone": "phone",
    "courriel": "email",
    "site": "website",
    "horaires": "opening_hours",
    "verifiee_le": "verified_on",
}
YES = {"oui", "o", "true", "vrai", "1"}
NO = {"non", "n", "false", "faux", "0"}
SEVERAL = re.compile(r"\s*[|;]\s*")
FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
MANY = ("services", "audiences", "coverage_territories")
STRUCTURES = TableFormat(
    columns=COLUMNS,
    required="external_id",
    missing_message=gettext_lazy(
        "Il manque la colonne external_id, qui dit quelle structure est laquelle."
    ),
    max_rows=20_000,
    aliases=ALIASES,
)


def read_structures(content: bytes) -> Table:
    """Read a CSV file or a workbook of structures.

    Raises:
        TableUnreadable: it is no table of structures.
    """
    return read_table(content, STRUCTURES)


class Vocabulary:
    """The terms that cells may name, by slug or by label, in one query each."""

    def __init__(self, locale: Locale) -> None:
        self.terms = {
            "type": _terms(StructureType, locale),
            "services": _terms(Service, locale),
            "audiences": _terms(Audience, locale),
        }
        territories = list(Territory.objects.all())
        self.territories = {territory.code: territory for territory in territories}
        self.departments = {
            code: territory
            for code, territory in self.territories.items()
            if territory.kind == Territory.Kind.DEPARTMENT
        }

    def term(self, column: str, cell: str) -> Any:
        """Return a term by its slug or label.

        Raises:
            ValidationError: the vocabulary has none of that name.
        """
        found = self.terms[column].get(cell.casefold())
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas du vocabulaire.") % {"cell": cell})
        return found

    def territory(self, cell: str) -> Territory:
        """Return a territory by its code, or raise a ValidationError."""
        found = self.territories.get(cell.upper().zfill(2))
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas un code INSEE.") % {"cell": cell})
        return found

    def department(self, cell: str) -> Territory:
        """Return a department by its code, or raise a ValidationError."""
        found = self.departments.get(cell.upper().zfill(2))
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas un département.") % {"cell": cell})
        return found


def _terms(model: type[VocabularyTerm], locale: Locale) -> dict[str, Any]:
    terms = list(model._default_manager.filter(locale=locale))
    by_label = {term.label.casefold(): term for term in terms}
    return by_label | {term.slug: term for term in terms}


def read_cell(column: str, cell: str, vocabulary: Vocabulary) -> Any:
    """Convert a cell to the value of its column.

    Raises:
        ValidationError: it is no value of that column.
    """
    match column:
        case "type":
            return vocabulary.term(column, cell)
        case "insee_department":
            return vocabulary.department(cell)
        case "postcode" if cell:
            # A spreadsheet takes a postcode for a number and drops its first zero.
            return cell.zfill(5)
        case "coverage":
            return cell or Structure.Coverage.DEPARTMENT.value
        case _ if column in MANY:
            names = filter(None, SEVERAL.split(cell))
            find = vocabulary.territory if column == "coverage_territories" else None
            return list(
                dict.fromkeys(
                    find(name) if find else vocabulary.term(column, name) for name in names
                )
            )
    return READERS[column](cell) if column in READERS else cell


def _yes_or_no(cell: str) -> bool:
    if cell.casefold() in YES:
        return True
    if cell.casefold() in NO:
        return False
    raise ValidationError(_("Écrivez « oui » ou « non »."))


def _decimal(cell: str) -> Decimal | None:
    if not cell:
        return None
    try:
        value = Decimal(cell.replace(",", "."))
    except InvalidOperation as error:
        raise ValidationError(_("Ce n'est pas un nombre.")) from error
    if not value.is_finite():
        raise ValidationError(_("Ce n'est pas un nombre."))
    return round(value, 6)


def _date(cell: str) -> date | None:
    if not cell:
        return None
    french = FRENCH_DATE.fullmatch(cell)
    try:
        if french:
            day, month, year = map(int, french.groups())
            return date(year, month, day)
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValidationError(_("Écrivez la date sous la forme 2024-05-31.")) from error


def _visibility(cell: str) -> int:
    for reader, word in VISIBILITIES.items():
        if cell.casefold() in {word, str(int(reader))}:
            return int(reader)
    known = ", ".join(VISIBILITIES.values())
    raise ValidationError(_("Écrivez l'un de : %(known)s.") % {"known": known})


READERS: dict[str, Callable[[str], Any]] = {
    "confidential": _yes_or_no,
    "latitude": _decimal,
    "longitude": _decimal,
    "verified_on": _date,
    "place_visibility": _visibility,
    "contact_visibility": _visibility,
}
