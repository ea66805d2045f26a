"""The contributions of partners with an account, in the admin."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from contributions import files, intake, lifecycle
from contributions.admin_rights import CONTRIBUTE, permission_required, require_user
from contributions.forms import ContributionForm, initial_values, read_session, sign_session
from contributions.kinds import TAKES_FILES, ContributionKind, kind_for_slug
from contributions.models import Contribution, ContributionFile, ContributionState, FileState
from contributions.schemas import FollowUp, Received
from contributions.tokens import follow_up_url
from core.models import User

TOO_LATE = gettext_lazy(
    "L'équipe a pris cette contribution en main : elle ne se modifie plus ici. Écrivez à l'équipe "
    "depuis « Suivre » ; elle peut vous demander des modifications."
)


@permission_required(CONTRIBUTE)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the contributions of the partner who is signed in."""
    own = Contribution.objects.filter(account=require_user(request))
    rows = [
        {
            "contribution": contribution,
            "can_edit": lifecycle.can_amend(contribution),
            "follow_url": ""
            if contribution.state == ContributionState.DRAFT
            else follow_up_url(contribution),
            "request": _request_of(contribution),
        }
        for contribution in own
    ]
    context = {
        "rows": rows,
        "kinds": list(ContributionKind),
        "header_title": _("Mes contributions"),
    }
    return render(request, "contributions/admin/mine.html", context)


def _request_of(contribution: Contribution) -> str:
    """Return what the team waits for from a partner, in a few words; empty if nothing."""
    if contribution.state == ContributionState.DRAFT or contribution.is_closed:
        return ""
    follow_up = FollowUp.from_model(contribution)
    return follow_up.request_title if follow_up.request else ""


@permission_required(CONTRIBUTE)
def write(request: HttpRequest, slug: str = "", pk: int | None = None) -> HttpResponse:
    """Edit a partner's contribution: save it as a draft, or submit it.

    Raises:
        Http404: it is not theirs, or there is no such kind.
    """
    user = require_user(request)
    contribution = None
    if pk is not None:
        contribution = get_object_or_404(Contribution, pk=pk, account=user)
    kind = ContributionKind(contribution.kind) if contribution else kind_for_slug(slug)
    if kind is None:
        raise Http404
    is_too_late = contribution is not None and not lifecycle.can_amend(contribution)
    if request.method == "POST":
        if is_too_late:
            form = ContributionForm(kind, request.POST)
            return _show_own(request, form, contribution, is_too_late=True)
        return _write(request, kind, contribution, user)
    if is_too_late:
        messages.info(request, TOO_LATE)
        return redirect("contributions_mine")
    initial = (
        initial_values(contribution)
        if contribution
        else {"person_name": user.get_full_name(), "email": user.email}
    )
    return _show_own(request, ContributionForm(kind, initial=initial), contribution)


def _write(
    request: HttpRequest, kind: ContributionKind, contribution: Contribution | None, user: User
) -> HttpResponse:
    is_draft = "send" not in request.POST
    session = (
        contribution.session
        if contribution
        else read_session(request.POST.get("session", "")) or uuid.uuid4()
    )
    removed = request.POST.getlist("remove")
    result = files.UploadResult()
    if kind in TAKES_FILES:
        files.delete_waiting_files(session, removed)
        refused = files.take_refused(session)
        result = files.store_uploads(session, request.FILES.getlist("files"))
        result.rejected += refused
    kept = ContributionFile.objects.filter(session=session).exclude(state=FileState.REFUSED)
    has_files = kept.exists()
    form = ContributionForm(kind, request.POST, has_files=has_files, is_draft=is_draft)
    for rejected in result.rejected:
        messages.error(request, files.rejection_message(rejected))
    if not form.is_valid() or result.rejected:
        return _show_own(request, form, contribution, session)
    try:
        if contribution is None:
            intake.submit_contribution(
                form.submission(), session, Contribution.Origin.ACCOUNT, user
            )
        else:
            intake.amend_contribution(
                contribution,
                form.submission(),
                removed=files.parse_identifiers(removed),
                user=user,
            )
    except lifecycle.InvalidTransition:
        return _show_own(request, form, contribution, is_too_late=True)
    messages.success(
        request,
        _("Le brouillon est enregistré.") if is_draft else _("Merci, l'équipe l'a reçue."),
    )
    return redirect("contributions_mine")


def _show_own(
    request: HttpRequest,
    form: ContributionForm,
    contribution: Contribution | None,
    session: uuid.UUID | None = None,
    *,
    is_too_late: bool = False,
) -> HttpResponse:
    form.describe()
    session = contribution.session if contribution else session or uuid.uuid4()
    kept = ContributionFile.objects.filter(session=session)
    is_sent = contribution is not None and contribution.state != ContributionState.DRAFT
    status = HTTPStatus.OK
    if is_too_late:
        messages.error(request, TOO_LATE)
        status = HTTPStatus.CONFLICT
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "form": form,
        "session": sign_session(session),
        "follow_up": FollowUp.from_model(contribution) if contribution and is_sent else None,
        "follow_url": follow_up_url(contribution) if contribution and is_sent else "",
        "is_sent": is_sent,
        "is_too_late": is_too_late,
        "takes_files": form.kind in TAKES_FILES,
        "accept": files.ACCEPT,
        "received": [Received.from_model(file) for file in kept],
        "removed": request.POST.getlist("remove"),
        "header_title": str(form.kind.label),
    }
    return render(request, "contributions/admin/write.html", context, status=status)
