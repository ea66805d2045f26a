"""French where Wagtail left English that no catalogue can translate.

Some of its forms have no labels, so that Django makes them of the names of their fields; the menu
of its tables is that of Handsontable, whose translations it doesn't bring.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import choosers
from wagtail.contrib.table_block.blocks import TableInput

LABELS = {
    "link_text": _("Texte du lien"),
    "email_address": _("Adresse e-mail"),
    "phone_number": _("Numéro de téléphone"),
    "subject": _("Objet"),
    "body": _("Message"),
}


def patch_wagtail_labels() -> None:
    """Label the fields of the choosers of links."""
    for form in vars(choosers).values():
        if not (isinstance(form, type) and issubclass(form, forms.Form)):
            continue
        for name, field in form.base_fields.items():
            if field.label is None and name in LABELS:
                field.label = LABELS[name]


def patch_wagtail_tables() -> None:
    """Bring the French of Handsontable with its widget."""
    before: Any = TableInput.media

    def media(self: TableInput) -> forms.Media:
        found: forms.Media = before.__get__(self)
        return found + forms.Media(js=["js/handsontable-fr.js"])

    TableInput.media = property(media)
