"""Importing a list of subscribers, in two steps: look at every line, then write."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.spreadsheets.reader import TableUnreadable
from newsletter import importing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MAX_BYTES = 5 * 1024 * 1024
SALT = "newsletter.import"
MAX_SHOWN_LINES = 200
OUTCOMES = {
    "new": gettext_lazy("à ajouter"),
    "known": gettext_lazy("déjà dans la liste, inchangé·e"),
    "suppressed": gettext_lazy("s'est désabonné·e ou effacé·e : écarté·e"),
    "twice": gettext_lazy("en double dans le fichier"),
    "error": gettext_lazy("erreur"),
}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Tableau CSV ou classeur XLSX"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy(
            "Une colonne « email » ; et si vous les avez : prénom, nom, structure, type de "
            "structure, département, langue."
        ),
    )
    source = forms.CharField(
        label=gettext_lazy("D'où vient l'accord de ces personnes ?"),
        max_length=250,
        help_text=gettext_lazy("Gardé comme preuve, pour chacune. Sans accord, n'importez pas."),
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too big.

        Raises:
            ValidationError: it is.
        """
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("Le fichier dépasse 5 Mo."))
        return file


def import_subscribers(request: HttpRequest) -> HttpResponse:
    """Show the effect of each line of a file, and write it once confirmed.

    Raises:
        PermissionDenied: this person may not add subscribers.
    """
    if not request.user.has_perm("newsletter.add_subscriber"):
        raise PermissionDenied
    if request.method == "POST" and "kept" in request.POST:
        return _write(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "page_title": _("Importer une liste"),
        "header_icon": "upload",
        "form": form,
    }
    if request.method == "POST" and form.is_valid():
        raw = form.cleaned_data["file"].read()
        try:
            lines = importing.read_subscribers(raw)
        except TableUnreadable as error:
            form.add_error("file", str(error))
        else:
            context |= _preview(lines, raw, form.cleaned_data["source"])
    return render(request, "newsletter/admin/import.html", context)


def _preview(lines: list[importing.Line], raw: bytes, source: str) -> dict[str, Any]:
    counts = Counter(line.outcome for line in lines)
    # Errors first: they are what there is to read.
    ordered = sorted(lines, key=lambda line: (line.outcome != "error", line.number))
    kept = {"raw": base64.b64encode(zlib.compress(raw)).decode(), "source": source}
    return {
        "counts": [(OUTCOMES[name], counts[name]) for name in OUTCOMES if counts[name]],
        "new": counts["new"],
        "lines": [(line, OUTCOMES[line.outcome]) for line in ordered[:MAX_SHOWN_LINES]],
        "hidden": max(0, len(lines) - MAX_SHOWN_LINES),
        "kept": signing.dumps(kept, salt=SALT),
    }


def _write(request: HttpRequest) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["kept"], salt=SALT, max_age=3600)
    except signing.BadSignature:
        messages.error(request, _("Cet aperçu est trop ancien : donnez le fichier à nouveau."))
        return redirect("subscribers:import")
    # Read again: somebody may have subscribed or left since the preview.
    lines = importing.read_subscribers(zlib.decompress(base64.b64decode(kept["raw"])))
    count = importing.write_subscribers(lines, kept["source"])
    messages.success(
        request,
        ngettext("%(count)s personne ajoutée.", "%(count)s personnes ajoutées.", count)
        % {"count": count},
    )
    return redirect("subscribers:index")
