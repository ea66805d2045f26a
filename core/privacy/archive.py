"""What is held of one person, to give it to them: as JSON, as a page to read, with its files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import FileField, Model
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.consents import proof_of
from core.models import PersonalDataAct
from core.privacy.addresses import Address
from core.privacy.common import ACTIVITY
from core.privacy.erasing import record_act
from core.privacy.finding import Mention, kept_mentions, mentions, own_rows
from core.privacy.registry import Declaration, Processing
from core.privacy.words import describe_kept

if TYPE_CHECKING:
    from core.models import User

SECRETS = frozenset(
    {
        "core.User.password",
        "mfa.Authenticator.data",
        *("sessions.Session.session_key", "sessions.Session.session_data"),
        *("usersessions.UserSession.session_key", "usersessions.UserSession.data"),
    }
)
"""Fields that are of no use to a person, and of much to who would be them."""


@dataclass
class PartHeld:
    """What is held of a person for one processing."""

    processing: Processing
    rows: list[dict[str, Any]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass
class AllHeld:
    """All that is held of a person.

    Attributes:
        address: theirs.
        parts: what is about them, by processing.
        mentions: other texts that have their address, with the words around it.
        documents: the same of documents, which can only be replaced by hand.
        files: the files among it, by their names in the archive.
    """

    address: str
    parts: list[PartHeld]
    mentions: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    files: dict[str, FieldFile]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each model."""
        found: dict[str, set[Any]] = {}
        rows = [row for part in self.parts for row in part.rows]
        for row in [*rows, *self.mentions]:
            found.setdefault(row["model"], set()).add(row["key"])
        return {label: len(keys) for label, keys in sorted(found.items())}

    @property
    def is_empty(self) -> bool:
        return not (self.parts or self.mentions or self.documents)


def collect(written: str) -> AllHeld:
    """Return all that is held of the person who has an address."""
    address = Address(written)
    parts: dict[str, PartHeld] = {}
    files: dict[str, FieldFile] = {}
    seen = set()
    for declared, rows in own_rows(address):
        for row in rows:
            seen.add((declared.label, row.pk))
            _describe_row(declared, row, parts, files)
    found = list(mentions(address))
    return AllHeld(
        address.value,
        [parts[key] for key in sorted(parts)],
        [_describe_mention(each, address) for each in found if _is_elsewhere(each, seen)],
        [_describe_mention(each, address) for each in kept_mentions(address)],
        files,
    )


def _is_elsewhere(mention: Mention, seen: set[tuple[str, Any]]) -> bool:
    return (mention.model._meta.label, mention.pk) not in seen


def _describe_row(
    declared: Declaration,
    row: Model,
    parts: dict[str, PartHeld],
    files: dict[str, FieldFile],
) -> None:
    account = declared.person.account if declared.person else ""
    for held in declared.held:
        # Who of the team has somebody's contribution in hand is nothing of that person.
        if held.processing is ACTIVITY and account not in held.fields:
            continue
        part = parts.setdefault(held.processing.key, PartHeld(held.processing))
        values = {
            name: _describe(row, name, files)
            for name in held.fields
            if f"{declared.label}.{name}" not in SECRETS
        }
        part.rows.append(
            {
                "model": declared.label,
                "key": _key_of(declared, row),
                "what": str(row._meta.verbose_name),
                "values": {
                    str(getattr(row._meta.get_field(name), "verbose_name", name)): value
                    for name, value in values.items()
                    if value not in (None, "", [], {})
                },
            }
        )
        if proof := proof_of(row):
            part.rows[-1]["consent"] = asdict(proof)
        if (words := describe_kept(held.kept)) not in part.kept:
            part.kept.append(words)


def _key_of(declared: Declaration, row: Model) -> Any:
    """Return the key of a row, or a digest of it where it is a secret itself: that of a session."""
    if f"{declared.label}.{row._meta.pk.name}" in SECRETS:
        return salted_hmac("core.privacy.archive", str(row.pk), algorithm="sha256").hexdigest()[:16]
    return row.pk


def _describe(row: Model, name: str, files: dict[str, FieldFile]) -> Any:
    """Return a value as people read it, and as JSON has it."""
    model_field: Any = row._meta.get_field(name)
    if model_field.many_to_many:
        return [str(each) for each in getattr(row, name).all()]
    value = getattr(row, name)
    if isinstance(model_field, FileField) and value:
        path = f"fichiers/{len(files) + 1}-{getattr(row, 'name', '') or value.name.split('/')[-1]}"
        files[path] = value
        return path
    if model_field.choices:
        return str(getattr(row, f"get_{name}_display")())
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | list | dict | None) else str(value)


def _describe_mention(mention: Mention, address: Address) -> dict[str, Any]:
    excerpts = [words for value in mention.values.values() for words in address.excerpts_of(value)]
    return {
        "model": mention.model._meta.label,
        "key": str(mention.pk),
        "what": str(mention.model._meta.verbose_name),
        "fields": sorted(mention.values),
        "excerpts": list(dict.fromkeys(excerpts)),
    }


def as_json(held: AllHeld) -> str:
    """Return all that is held of a person as JSON."""
    content = {
        "address": held.address,
        "exported_at": timezone.now().isoformat(),
        "held": [
            {
                "processing": str(part.processing.name),
                "purpose": str(part.processing.purpose),
                "legal_basis": str(part.processing.legal_basis.label),
                "kept": part.kept,
                "rows": part.rows,
            }
            for part in held.parts
        ],
        "mentions": held.mentions,
        "documents": held.documents,
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=str)


def as_page(held: AllHeld) -> str:
    """Return all that is held of a person as a page to read, which stands alone."""
    return render_to_string(
        "core/admin/personal_data_page.html", {"held": held, "now": timezone.now()}
    )


def export_person(written: str, user: User | None, reason: str) -> bytes:
    """Return an archive (ZIP) with all that is held of a person, and record that it was made."""
    held = collect(written)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("donnees.json", as_json(held))
        archive.writestr("donnees.html", as_page(held))
        for path, file in _readable(held.files):
            archive.writestr(path, file)
    record_act(PersonalDataAct.Act.EXPORT, Address(written), user, reason, held.counts)
    return content.getvalue()


def _readable(files: dict[str, FieldFile]) -> Iterator[tuple[str, bytes]]:
    for path, file in files.items():
        # Of one that was refused, the content is gone already.
        if file.storage.exists(str(file.name)):
            with file.open("rb") as opened:
                yield path, opened.read()
