"""What each letter is, in the words of the team, and where that which it is about is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

_labels: dict[str, StrOrPromise] = {}
_routes: dict[str, str] = {}


def register_kinds(app: str, labels: Mapping[str, StrOrPromise]) -> None:
    """Register the labels of the letters of an app, by their templates below ``emails/<app>/``."""
    _labels.update({f"{app}/{name}": label for name, label in labels.items()})


def register_screen(model: str, route: str) -> None:
    """Register the screen of the admin on which that which letters are about is seen.

    Args:
        model: with its app, in lower case.
        route: takes the key of a row.
    """
    _routes[model] = route


def path_of(model: str, key: int) -> str | None:
    """Return the path of that which a letter is about, if it has a screen of its own."""
    return reverse(_routes[model], args=[key]) if model in _routes else None


def label_of(kind: str) -> str:
    """Return the label of a kind of letter; those of Django and Wagtail have one for all."""
    return str(_labels.get(kind) or _("Mot de passe, ou autre avis"))


def kind_choices() -> list[tuple[str, str]]:
    """Return each kind with its label, in the order of the labels."""
    return sorted(((kind, str(label)) for kind, label in _labels.items()), key=lambda each: each[1])
