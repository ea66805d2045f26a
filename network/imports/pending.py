"""What waits for its review: a table may neither write it nor bring it back under other names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext as _

from network import gazetteer
from network.models import Structure
from review.models import ExternalContent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IDENTIFYING = ("name", "description", "street", "email")
"""The columns of which one that is the same makes a line be about the same structure."""


class PendingStructures:
    """The structures from outside that nobody has reviewed, read once for a whole table."""

    def __init__(self) -> None:
        marks = ExternalContent.objects.filter(
            content_type=ContentType.objects.get_for_model(Structure), is_pending=True
        )
        pks, keys = set(), set()
        for pk, key in marks.values_list("object_id", "translation_key"):
            pks.add(int(pk))
            keys.add(key)
        self._pks, self._keys = pks, keys - {None}
        self._names: dict[tuple[str, str], str] = {}
        for structure in Structure.objects.filter(
            Q(pk__in=self._pks) | Q(translation_key__in=self._keys)
        ).select_related("latest_revision"):
            revision = structure.latest_revision
            for values in (vars(structure), revision.content if revision else {}):
                for words in _identifying_words(values):
                    self._names.setdefault(words, structure.name)

    def reason_to_skip(self, current: Structure | None, values: Mapping[str, Any]) -> str:
        """Return why a line may not be written, if it may not.

        Args:
            current: the structure that it would change, if it is here.
            values: the values of its columns.
        """
        if current is not None and (
            current.pk in self._pks or current.translation_key in self._keys
        ):
            return _("Fiche venue de l'extérieur, qui attend sa relecture : laissée telle quelle.")
        for words in _identifying_words(values):
            if words in self._names:
                return _(
                    "Cette ligne reprend « %(name)s », une fiche venue de l'extérieur "
                    "qui attend sa relecture : elle n'est pas importée."
                ) % {"name": self._names[words]}
        return ""


def _identifying_words(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column in IDENTIFYING:
        if words := gazetteer.plain(str(values.get(column) or "")):
            yield column, words
