"""Import of people who agreed elsewhere: checked line by line, then written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.email_addresses import normalize_email
from core.models import StructureType, Territory
from core.spreadsheets.reader import TableFormat, read_table
from newsletter.models import Consent, Subscriber, Suppression
from newsletter.models.subscribers import digest_of, languages

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = (
    *("email", "first_name", "last_name", "structure_name", "structure_type", "department"),
    "language",
)
ALIASES = {
    "e_mail": "email",
    "adresse": "email",
    "adresse_e_mail": "email",
    "courriel": "email",
    "prenom": "first_name",
    "nom": "last_name",
    "structure": "structure_name",
    "organisme": "structure_name",
    "vous_travaillez_pour": "structure_name",
    "type": "structure_type",
    "type_de_structure": "structure_type",
    "departement": "department",
    "langue": "language",
}
SUBSCRIBERS = TableFormat(
    columns=COLUMNS,
    required="email",
    missing_message=gettext_lazy(
        "Aucune colonne ne s'appelle « email » : c'est la seule obligatoire."
    ),
    max_rows=50_000,
    aliases=ALIASES,
    # A list that another program exports has many columns of its own.
    ignores_unknown=True,
)
LENGTHS = {"first_name": 60, "last_name": 60, "structure_name": 150}
BATCH = 500


@dataclass
class Line:
    """A line of the list, with what becomes of it."""

    number: int
    email: str
    outcome: str = "new"
    """One of ``new``, ``known``, ``suppressed``, ``twice``, ``error``."""
    errors: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


def read_subscribers(content: bytes) -> list[Line]:
    """Read a CSV file or a workbook, and set the outcome of each line.

    Returns:
        The lines, numbered as a spreadsheet numbers them.

    Raises:
        TableUnreadable: it is no table, it has no column of addresses, or too many lines.
    """
    table = read_table(content, SUBSCRIBERS)
    types = {
        name.lower(): term
        for term in StructureType.objects.filter(locale__language_code="fr")
        for name in (term.slug, term.label)
    }
    departments = {
        each.code.lower(): each for each in Territory.objects.filter(kind=Territory.Kind.DEPARTMENT)
    }
    lines = [_line(row.line, row.cells, types, departments) for row in table.rows]
    _compare(lines)
    return lines


def _line(
    number: int, cells: dict[str, str], types: dict[str, Any], departments: dict[str, Any]
) -> Line:
    line = Line(number, normalize_email(cells.get("email", "")))
    try:
        validate_email(line.email)
    except ValidationError:
        line.errors.append(
            _("email : « %(email)s » n'est pas une adresse.") % {"email": line.email}
        )
    for name, most in LENGTHS.items():
        value = " ".join(cells.get(name, "").split())
        if len(value) > most:
            line.errors.append(f"{name} : " + _("plus de %(most)s caractères.") % {"most": most})
        line.values[name] = value
    if kind := cells.get("structure_type"):
        line.values["structure_type"] = types.get(kind.lower())
        if line.values["structure_type"] is None:
            line.errors.append(
                _("structure_type : « %(value)s » n'est pas dans la liste.") % {"value": kind}
            )
    if code := cells.get("department"):
        line.values["department"] = departments.get(code.lower().zfill(2))
        if line.values["department"] is None:
            line.errors.append(
                _("department : « %(value)s » n'est pas un code de département.") % {"value": code}
            )
    if language := cells.get("language"):
        line.values["language"] = language.lower()
        if language.lower() not in dict(languages()):
            line.errors.append(
                _("language : le site ne parle pas « %(value)s ».") % {"value": language}
            )
    if line.errors:
        line.outcome = "error"
    return line


def _compare(lines: list[Line]) -> None:
    """Set the outcome of known addresses, and of those that left and never come back."""
    seen: set[str] = set()
    good = [line for line in lines if line.outcome != "error"]
    known = set(_found(Subscriber, "email", (line.email for line in good)))
    gone = set(_found(Suppression, "digest", (digest_of(line.email) for line in good)))
    for line in good:
        if digest_of(line.email) in gone:
            line.outcome = "suppressed"
        elif line.email in known:
            line.outcome = "known"
        elif line.email in seen:
            line.outcome = "twice"
        seen.add(line.email)


def _found(model: Any, column: str, values: Iterable[str]) -> Iterable[str]:
    every = list(values)
    for start in range(0, len(every), BATCH):
        part = every[start : start + BATCH]
        yield from model.objects.filter(**{f"{column}__in": part}).values_list(column, flat=True)


@transaction.atomic
def write_subscribers(lines: Iterable[Line], source: str) -> int:
    """Add the new subscribers with the source of their consent, all or none.

    Returns:
        How many were added.
    """
    now = timezone.now()
    new = [
        Subscriber(email=line.email, state=Subscriber.State.ACTIVE, confirmed_at=now, **line.values)
        for line in lines
        if line.outcome == "new"
    ]
    made = Subscriber.objects.bulk_create(new, batch_size=BATCH)
    Consent.objects.bulk_create(
        [
            Consent(
                subscriber=subscriber,
                way=Consent.Way.IMPORT,
                source=source,
                given_at=now,
                confirmed_at=now,
            )
            for subscriber in made
        ],
        batch_size=BATCH,
    )
    return len(made)
