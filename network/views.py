"""The pages of the network that are no Wagtail pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from core.throttling import Rate, allow_request
from core.web.links import request_origin
from core.web.signed_links import BadToken
from network.access import prevent_shared_caching, site_access_level
from network.department_pages import build_department_page
from network.emails import notify_team
from network.forms import CorrectionForm
from network.models import Structure
from network.places import AccessLevel
from network.queries import find_department, structure_or_404
from network.verification import mark_verified, structure_from_token, submit_correction
from published.composing import detail_of
from published.rebuilding import thing_as_admitted

if TYPE_CHECKING:
    from django.http import HttpRequest

    from network.schemas import StructureDetail
    from published.models import Item

CORRECTION_RATE = Rate(limit=20, seconds=3600)


@require_safe
def structure(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Show a structure.

    Raises:
        Http404: none that this reader may see has this number in this language.
    """
    access_level = site_access_level(request)
    item = structure_or_404(pk)
    if item.language != (get_language() or "fr"):
        raise Http404
    if item.path != request.path:
        return redirect(item.path, permanent=True)
    page = _detail(request, item, access_level)
    # Read for the bar of editors alone.
    request.shown_object = SimpleLazyObject(  # type: ignore[attr-defined]
        lambda: Structure.objects.filter(pk=pk).first()
    )
    return prevent_shared_caching(
        render(request, "network/structure.html", {"page": page}), access_level
    )


@require_safe
def department_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Show all that a department has, to print.

    Raises:
        Http404: there is no such department.
    """
    department = find_department(code)
    if department is None:
        raise Http404
    access_level = site_access_level(request)
    page = build_department_page(
        department, get_language() or "fr", request_origin(request), access_level, fallback=True
    )
    return prevent_shared_caching(
        render(request, "network/department_sheet.html", {"page": page}), access_level
    )


def _detail(request: HttpRequest, item: Item, access_level: AccessLevel) -> StructureDetail:
    detail: StructureDetail | None = detail_of(item, request_origin(request), access_level)
    if detail is None:
        raise Http404
    return detail


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an entry, for the bearer of its link, by one press of a button.

    Opening the link changes nothing: mail filters open links by themselves.
    """
    try:
        found, is_done = structure_from_token(token)
    except BadToken:
        return _private(render(request, "network/link_expired.html", status=410))
    if request.method == "POST" and not is_done:
        mark_verified([found])
        is_done = True
    context = {
        "page": _detail(request, structure_or_404(found.pk), AccessLevel.PUBLIC),
        "is_done": is_done,
        "correct_path": reverse("network:correct", args=[token]),
    }
    return _private(render(request, "network/confirm.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, token: str) -> HttpResponse:
    """Correct an entry, for the bearer of its link, subject to review."""
    try:
        found, _is_done = structure_from_token(token)
    except BadToken:
        return _private(render(request, "network/link_expired.html", status=410))
    item = structure_or_404(found.pk)
    page = _detail(request, item, AccessLevel.PUBLIC)
    # What was admitted is shown, and what differs from it is what was corrected.
    admitted = thing_as_admitted(item)
    admitted.is_confidential = page.is_confidential
    form = CorrectionForm(request.POST or None, instance=admitted)
    is_sent = False
    is_throttled = request.method == "POST" and not allow_request(
        request, "correction", *CORRECTION_RATE
    )
    if request.method == "POST" and not is_throttled and form.is_valid():
        message = form.cleaned_data["message"]
        if form.changes() or message:
            with transaction.atomic():
                live = submit_correction(found, form.changes(), message)
                # A workflow tells its reviewers by itself, but not what the structure wrote.
                if message or not live.workflow_in_progress:
                    notify_team(live, message)
        is_sent = True
    context = {
        "page": page,
        "form": form,
        "is_sent": is_sent,
        "is_throttled": is_throttled,
        "confirm_path": reverse("network:confirm", args=[token]),
    }
    status = HTTPStatus.TOO_MANY_REQUESTS if is_throttled else HTTPStatus.OK
    return _private(render(request, "network/correct.html", context, status=status))
