"""Values that are recognised wherever they come out: one in each field of the registry.

Who may read them is what the registry has (:mod:`core.privacy.registry`).
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import EmailField, FileField, JSONField, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail.models import APIToken, Comment

from contributions.models import Contribution, Version
from core.models import PersonalDataAct, User
from core.privacy.registry import PersonalField, Reader, personal_fields, text_fields
from figures.models import SearchedWords
from network.models import StructureExport, StructureImport
from newsletter.models import ExportLog
from resources.models import NewsPage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

VALUE = re.compile(r"zq(\d+)q", re.IGNORECASE)
CODES = frozenset(
    {
        *("language", "preferred_language", "current_time_zone", "kind", "media_type"),
        *("consent_version", "text_version", "digest", "key", "session_key"),
        *("content_json", "data_json", "data", "session_data"),
    }
)
"""Words of ours and keyed digests, which lead back to nobody; and what programs read, like JSON."""
NAMES = frozenset({"username", "first_name", "last_name", "password"})
"""Of an account: those of who acts are beside what they did, for the whole team."""


@dataclass
class PersonalValues:
    """What was written into a database.

    Attributes:
        fields: of which a value is, by the number in it.
        missing: the fields of texts without one.
    """

    fields: dict[int, PersonalField] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def read_by(self, text: str, reader: str, *, is_person: bool) -> set[str]:
        """Return the fields in an answer that its reader may not see.

        Args:
            text: of the answer.
            reader: a value of :class:`Reader`, or the name of a group.
            is_person: whether the address is that of a link that a person was sent.
        """
        found = (self.fields[int(number)] for number in set(VALUE.findall(text)))
        return {
            f"{each.model._meta.label}.{each.name}"
            for each in found
            if not is_reader(each, reader) and not (is_person and is_reader(each, Reader.PERSON))
        }


def is_reader(entry: PersonalField, reader: str) -> bool:
    """Return whether somebody may see a field."""
    return bool({reader, Reader.VISITORS.value} & {each.value for each in entry.processing.readers})


def write_values(people: Iterable[User]) -> PersonalValues:
    """Write a value into each personal text that not everybody may read, and no program reads.

    Args:
        people: who reads afterwards: what is about them is left as it is.
    """
    # Who acts is named beside it: the names of another are to be found.
    _add_rows(User.objects.get(username="racine"))
    colleague = User.objects.get(username="technicienne")
    values = PersonalValues()
    for number, entry in enumerate(personal_fields()):
        if is_reader(entry, Reader.VISITORS) or entry.name in CODES:
            continue
        model_field = entry.model._meta.get_field(entry.name)
        if entry.name not in text_fields(entry.model) or isinstance(
            model_field, FileField | JSONField
        ):
            continue
        rows = _rows_of_others(entry, list(people), colleague)
        end = "@example.org" if isinstance(model_field, EmailField) else ""
        if entry.model is StructureImport:
            end = ".csv"
        for row in rows:
            setattr(row, entry.name, f"Zq{number}q{row.pk}{end}")
        if rows:
            entry.model._base_manager.bulk_update(rows, [entry.name])
            values.fields[number] = entry
        else:
            values.missing.add(f"{entry.model._meta.label}.{entry.name}")
    return values


def _add_rows(actor: User) -> None:
    """Add rows of what a site has after some months, and a filled database has not."""
    now = timezone.now()
    page = NewsPage.objects.earliest("pk")
    PersonalDataAct.objects.create(act=PersonalDataAct.Act.EXPORT, user=actor, reason="x")
    StructureExport.objects.create(user=actor, count=1, file_format="csv")
    ExportLog.objects.create(user=actor, count=1, file_format="csv")
    APIToken.objects.create(user=actor, name="x", key_hash="x", prefix="x")
    Comment.objects.create(page=page, user=actor, text="x", contentpath="title")
    Version.objects.create(
        contribution=Contribution.objects.get(title="À l'état published"), content={"text": "x"}
    )
    SearchedWords.objects.create(words="x")
    UserSession.objects.create(
        user=actor, ip="192.0.2.1", user_agent="x", session_key="x", last_seen_at=now
    )
    Authenticator.objects.create(user=actor, type=Authenticator.Type.TOTP, data={"secret": "x"})
    DBTaskResult.objects.create(
        task_path="x", args_kwargs={"args": ["x"]}, backend_name="x", status="FAILED",
        run_after=get_date_max(), exception_class_path="x", traceback="x",
    )  # fmt: skip


def _rows_of_others(entry: PersonalField, people: list[User], colleague: User) -> list[Model]:
    rows = entry.model._base_manager.all()
    if entry.model is User:
        who = Q(pk=colleague.pk) if entry.name in NAMES else ~Q(pk__in=[e.pk for e in people])
        return list(rows.filter(who))
    for path in ("account", "contribution__account", "user"):
        if path.partition("__")[0] in {each.name for each in entry.model._meta.get_fields()}:
            rows = rows.exclude(**{f"{path}__in": people})
    return list(rows)


def text_of(response: Any) -> str:
    """Return the text of an answer, that of a spreadsheet or an archive too."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b" ".join(map(archive.read, archive.namelist()))
    return str(content.decode(errors="replace"))
