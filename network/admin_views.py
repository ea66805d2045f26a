"""Imports and exports in the admin."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from wagtail.models import Locale

from core.spreadsheets.reader import MAX_BYTES, TableUnreadable
from core.web.links import request_origin
from network.exports import (
    compose_in_parts,
    draft_entry,
    exported_drafts,
    exported_items,
    in_parts,
    to_csv,
    to_data_inclusion,
    to_geojson,
    to_xlsx,
)
from network.filters import StructureFilterSet
from network.imports.planner import Plan, plan_import
from network.imports.reader import read_structures
from network.imports.writer import write_plan
from network.models import Structure, StructureExport, StructureImport
from network.places import EDIT, AccessLevel
from network.queries import structure_items
from published.admission import AdmissionRefused
from published.composing import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

ADD = "network.add_structure"
PUBLISH = "network.publish_structure"
SHOWN_ROWS = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def may_import(user: Any) -> bool:
    """Return whether a user may import: add and change structures."""
    return bool(user.has_perms([ADD, EDIT]))


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Tableau CSV ou classeur XLSX"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """Refuse a file that is no table of structures."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("Le fichier est trop lourd : 20 Mo au plus."))
        try:
            read_structures(file.read())
        except TableUnreadable as error:
            raise forms.ValidationError(str(error)) from error
        file.seek(0)
        return file


def upload(request: HttpRequest) -> HttpResponse:
    """Store a table: what was sent survives a session that ends.

    Raises:
        PermissionDenied: the user may not import.
    """
    _check(may_import(request.user))
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        kept = StructureImport.objects.create(
            file=file,
            name=file.name[:200],
            created_by=request.user,  # type: ignore[misc]
        )
        return redirect("network_import_preview", kept.pk)
    context = {"form": form, "imports": StructureImport.objects.select_related("created_by")[:20]}
    return render(request, "network/admin/upload.html", context)


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a table would change, and apply it once confirmed.

    The plan is made again when it is confirmed, and written only if it is the
    one that was shown: between the two, someone may have changed a structure.

    Raises:
        PermissionDenied: the user may not import.
    """
    _check(may_import(request.user))
    if request.method == "POST":
        try:
            return _apply(request, pk)
        except AdmissionRefused as refused:
            # Its own plan knew it, unless it came to be meanwhile.
            messages.error(request, str(refused))
            return redirect("network_import_preview", pk)
    kept = get_object_or_404(StructureImport, pk=pk)
    if kept.state == StructureImport.State.APPLIED:
        return render(request, "network/admin/applied.html", {"kept": kept})
    planned = _plan(kept)
    wanted = request.GET.get("action", "")
    rows = [row for row in planned.rows if not wanted or row.action == wanted]
    context = {
        "kept": kept,
        "counts": dict(planned.counts),
        "total": len(planned.rows),
        "has_errors": planned.has_errors,
        "publishes": request.user.has_perm(PUBLISH),
        "digest": digest_of(planned),
        "wanted": wanted,
        "page": Paginator(rows, SHOWN_ROWS).get_page(request.GET.get("p")),
    }
    return render(request, "network/admin/preview.html", context)


def _check(allow_request: bool) -> None:
    if not allow_request:
        raise PermissionDenied


def _plan(kept: StructureImport) -> Plan:
    with kept.file.open("rb") as file:
        table = read_structures(file.read())
    return plan_import(table, Locale.objects.get(language_code=settings.LANGUAGE_CODE))


def digest_of(planned: Plan) -> str:
    """Return a digest that two plans with the same effect share."""
    told = "\n".join(f"{row.line} {row.action} {row.changes} {row.errors}" for row in planned.rows)
    return hashlib.sha256(told.encode()).hexdigest()


@transaction.atomic
def _apply(request: HttpRequest, pk: int) -> HttpResponse:
    # Pressed twice, it is applied once.
    kept = get_object_or_404(StructureImport.objects.select_for_update(), pk=pk)
    if kept.state == StructureImport.State.APPLIED:
        messages.info(request, _("Cet import est déjà appliqué."))
        return redirect("network_import_preview", pk)
    planned = _plan(kept)
    if planned.has_errors or digest_of(planned) != request.POST.get("digest"):
        messages.error(
            request,
            _("Rien n'est écrit : des structures ont changé depuis cet aperçu, relisez-le."),
        )
        return redirect("network_import_preview", pk)
    user: Any = request.user
    created, updated = write_plan(planned, user, is_published=user.has_perm(PUBLISH))
    kept.state = StructureImport.State.APPLIED
    kept.applied_at = timezone.now()
    kept.created_count, kept.updated_count = created, updated
    kept.save()
    # The table holds confidential addresses, and has done its work.
    transaction.on_commit(lambda: kept.file.delete(save=True))
    messages.success(
        request,
        _("%(created)d structures créées, %(updated)d modifiées.")
        % {"created": created, "updated": updated},
    )
    return redirect("network_import_preview", pk)


class ReasonForm(forms.Form):
    """Why confidential addresses leave the site."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi avez-vous besoin des adresses confidentielles ?"),
        max_length=300,
        help_text=gettext_lazy(
            "Par exemple : mettre à jour l'annuaire avec le tableau. La Direction lit ce motif, "
            "avec votre nom."
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """Export the structures that the filters keep: those with a confidential address for a reason.

    Raises:
        PermissionDenied: the user may not change structures.
        Http404: there is no such format.
    """
    _check(request.user.has_perm(EDIT))
    if name not in FORMATS:
        raise Http404
    rows = _exported(request)
    hidden = rows.filter(is_confidential=True).count() if name in OF_TEAM else 0
    form = ReasonForm(request.POST if "with" in request.POST else None)
    if hidden and not form.is_valid():
        if "without" not in request.POST:
            context = {"form": form, "hidden": hidden, "others": rows.count() - hidden}
            status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
            return render(request, "network/admin/export.html", context, status=status)
        rows, hidden = rows.exclude(is_confidential=True), 0
    if request.method != "HEAD":  # Which gives nothing.
        StructureExport.objects.create(
            user=request.user,  # type: ignore[misc]
            count=rows.count(),
            confidential_count=hidden,
            file_format=name,
            filters=request.GET.urlencode()[:500],
            reason=form.cleaned_data["reason"] if hidden else "",
        )
    return _file(request, name, rows)


OF_TEAM = ("csv", "xlsx", "geojson")
"""The formats that have what the team knows."""
FORMATS = (*OF_TEAM, "data-inclusion")


def _file(request: HttpRequest, name: str, rows: QuerySet[Structure]) -> StreamingHttpResponse:
    day = timezone.localdate().isoformat()
    origin, language = request_origin(request), settings.LANGUAGE_CODE
    team = Reading(origin, language, AccessLevel.TEAM)
    # For others' use: what leaves in this format is what was admitted, and what anyone may know.
    public = structure_items().filter(thing_id__in=rows.order_by().values("pk"))
    anyone = Reading(origin, language)
    formats: dict[str, tuple[str, str, Callable[[], Iterable[str | bytes]]]] = {
        "csv": ("csv", "text/csv; charset=utf-8", lambda: to_csv(exported_drafts(rows, team))),
        "xlsx": ("xlsx", XLSX, lambda: [to_xlsx(exported_drafts(rows, team))]),
        "geojson": (
            "geojson",
            "application/geo+json",
            lambda: to_geojson(compose_in_parts(map(draft_entry, in_parts(rows)), team)),
        ),
        "data-inclusion": (
            "data-inclusion.json",
            "application/json; charset=utf-8",
            lambda: to_data_inclusion(
                lambda: exported_items(public.order_by("title", "thing_id"), anyone)
            ),
        ),
    }
    extension, content_type, parts = formats[name]
    response = StreamingHttpResponse(parts(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="structures-{day}.{extension}"'
    response["Cache-Control"] = "no-store"
    return response


def _exported(request: HttpRequest) -> QuerySet[Structure]:
    rows = (
        Structure.objects.select_related("locale", "structure_type", "department__region")
        .prefetch_related("services", "audiences", "coverage_territories")
        .order_by("name", "pk")
    )
    if ids := request.GET.getlist("id"):
        return rows.filter(pk__in=[pk for pk in ids if pk.isdigit()])
    filters = StructureFilterSet(request.GET, queryset=rows, request=request)
    return filters.qs
