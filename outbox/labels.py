"""What each letter is, in the words of the team: apps register the names of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

_labels: dict[str, StrOrPromise] = {}


def register_kinds(app: str, labels: Mapping[str, StrOrPromise]) -> None:
    """Register the labels of the letters of an app, by their templates below ``emails/<app>/``."""
    _labels.update({f"{app}/{name}": label for name, label in labels.items()})


def label_of(kind: str) -> str:
    """Return the label of a kind of letter; those of Django and Wagtail have one for all."""
    return str(_labels.get(kind) or _("Mot de passe, ou autre avis"))


def kind_choices() -> list[tuple[str, str]]:
    """Return each kind with its label, in the order of the labels."""
    return sorted(((kind, str(label)) for kind, label in _labels.items()), key=lambda each: each[1])
