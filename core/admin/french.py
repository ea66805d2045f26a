"""French where Wagtail left English that no catalogue can translate.

Some of its forms have no labels, so that Django makes them of the names of their fields; the menu
of its tables is that of Handsontable, whose translations it doesn't bring.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import choosers
from wagtail.contrib.table_block.blocks import TableInput
from wagtail.users.templatetags import wagtailusers_tags
from wagtail_localize.compat import DATE_FORMAT
from wagtail_localize.models import StringTranslation

from core.languages.times import format_day

LABELS = {
    "link_text": _("Texte du lien"),
    "email_address": _("Adresse e-mail"),
    "phone_number": _("Numéro de téléphone"),
    "subject": _("Objet"),
    "body": _("Message"),
}


PERMISSIONS = {
    "Can lock": _("Peut verrouiller"),
    "Can unlock": _("Peut déverrouiller"),
    "Can publish": _("Peut publier"),
    "Can submit translations": _("Peut demander des traductions"),
}
MODELS = {"translation": _("traduction")}
ACTIONS = {"add": _("Ajouter"), "change": _("Modifier"), "delete": _("Supprimer")}


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


def patch_wagtail_permissions() -> None:
    """Name the permissions of a group in French."""
    before = wagtailusers_tags.format_permissions

    def format_permissions(permission_bound_field: Any) -> dict[str, Any]:
        found: dict[str, Any] = before(permission_bound_field)
        for row in found["object_perms"]:
            row["object"] = MODELS.get(row["object"], row["object"])
            for name, label in ACTIONS.items():
                if name in row:
                    # What a screen reader calls its box; nobody saves it.
                    row[name]["perm"].name = f"{label} : {row['object']}"
            for each in row["custom"]:
                each["name"] = str(PERMISSIONS.get(each["name"], each["name"]))
        return found

    wagtailusers_tags.register.inclusion_tag(
        "wagtailusers/groups/includes/formatted_permissions.html", name="format_permissions"
    )(format_permissions)


def patch_wagtail_localize_dates() -> None:
    """Write the days of translations as the reader does."""
    before = StringTranslation.get_comment

    def get_comment(self: StringTranslation) -> str | None:
        comment: str | None = before(self)
        english = self.updated_at.strftime(DATE_FORMAT)
        return comment and comment.replace(english, format_day(localdate(self.updated_at)))

    StringTranslation.get_comment = get_comment
