"""The public pages: three short ways in, the form of each kind, and the follow-up.

They know no session and set no cookie, so they ask for no CSRF token: what a
form may do is in its signed address, or is what the public API lets anyone do.
"""

from __future__ import annotations

import uuid
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions import decisions, files, intake, lifecycle
from contributions.forms import (
    MessageForm,
    NoteForm,
    PublicContributionForm,
    describe_answers,
    initial_values,
    new_session,
    read_session,
    sign_session,
)
from contributions.inspection import FileRejected
from contributions.kinds import CONTRIBUTE, JOIN, TAKES_FILES, ContributionKind, kind_for_slug
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionState,
    FileState,
    Message,
)
from contributions.schemas import Choice, FollowUp, Received
from contributions.tokens import contribution_from_token
from contributions.uploads import stream_uploads
from core.throttling import allow_request
from core.web.decorators import never_store
from core.web.signed_links import BadToken

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600
SUBMISSION_RATE = (20, HOUR)
UPLOAD_RATE = (60, HOUR)
MESSAGE_RATE = (20, HOUR)
"""How many requests one network address may send, in how many seconds."""


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the kinds of contributions to choose from."""
    context = {
        "contribute": [Choice.from_model(kind) for kind in CONTRIBUTE],
        "join": [Choice.from_model(kind) for kind in JOIN],
    }
    return render(request, "contributions/choose.html", context)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
@stream_uploads
def contribute(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of one kind, and submit it; errors lose nothing typed or uploaded.

    Raises:
        Http404: there is no such kind.
    """
    kind = kind_for_slug(slug)
    if kind is None:
        raise Http404
    if request.method != "POST":
        return _show(request, kind, PublicContributionForm(kind), new_session())
    if not allow_request(request, "contribution", *SUBMISSION_RATE):
        form = PublicContributionForm(kind, request.POST)
        return _show(request, kind, form, request.POST.get("session", ""), is_throttled=True)
    if PublicContributionForm(kind, request.POST).is_from_robot:
        return redirect("contributions:received")
    session = read_session(request.POST.get("session", "")) or uuid.uuid4()
    form, rejected = _bind(request, kind, session)
    if not form.is_valid() or rejected:
        if "started" in form.errors:
            # Not filled in by a person, or so long ago that its session is over: what a person
            # corrects keeps its files, and these would lie here for a day.
            files.delete_all_waiting(session)
        return _show(request, kind, form, sign_session(session), rejected=rejected)
    intake.submit_contribution(form.submission(), session, Contribution.Origin.FORM)
    return redirect("contributions:received")


def _bind(
    request: HttpRequest, kind: ContributionKind, session: uuid.UUID
) -> tuple[PublicContributionForm, list[FileRejected]]:
    """Store the files of a request, then bind its form."""
    kept = ContributionFile.objects.filter(session=session).exclude(state=FileState.REFUSED)
    files.delete_waiting_files(session, request.POST.getlist("remove"))
    rejected: list[FileRejected] = []
    if kind in TAKES_FILES:
        rejected = files.take_refused(session)
        rejected += files.store_uploads(session, request.FILES.getlist("files")).rejected
        rejected += [FileRejected("too_large", n) for n in getattr(request, "too_large", [])]
    form = PublicContributionForm(kind, request.POST, has_files=kept.exists())
    return form, rejected


def _show(
    request: HttpRequest,
    kind: ContributionKind,
    form: PublicContributionForm,
    session: str,
    *,
    rejected: list[FileRejected] | None = None,
    is_throttled: bool = False,
    is_too_late: bool = False,
    **more: Any,
) -> HttpResponse:
    known = read_session(session)
    kept = ContributionFile.objects.filter(session=known) if known else []
    if not is_throttled:
        form.describe()
    context = {
        "kind": Choice.from_model(kind),
        "form": form,
        "session": session,
        "takes_files": kind in TAKES_FILES,
        "received": [Received.from_model(file) for file in kept],
        "refused": [files.rejection_message(one) for one in rejected or []],
        "accept": files.ACCEPT,
        "max_total": files.MAX_TOTAL_BYTES,
        "removed": request.POST.getlist("remove"),
        "is_throttled": is_throttled,
        "is_too_late": is_too_late,
        **more,
    }
    status = HTTPStatus.OK
    if is_too_late:
        status = HTTPStatus.CONFLICT
    elif is_throttled:
        status = HTTPStatus.TOO_MANY_REQUESTS
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "contributions/form.html", context, status=status)


@never_store
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """Confirm the arrival, the same to everyone."""
    return render(request, "contributions/received.html")


@never_store
@require_POST
@stream_uploads
def upload(request: HttpRequest) -> HttpResponse:
    """Store one file for a form that is being filled in; called by JavaScript."""
    if not allow_request(request, "contribution-upload", *UPLOAD_RATE):
        message = _("Trop d'envois. Réessayez dans une heure.")
        return JsonResponse({"error": message}, status=HTTPStatus.TOO_MANY_REQUESTS)
    session = read_session(request.POST.get("session", ""))
    if session is None or not _is_open(session):
        message = _("Ce formulaire était ouvert depuis trop longtemps. Rechargez la page.")
        return JsonResponse({"error": message}, status=HTTPStatus.FORBIDDEN)
    if removed := request.POST.getlist("remove"):
        files.delete_waiting_files(session, removed)
        return JsonResponse({"files": []})
    result = files.store_uploads(session, request.FILES.getlist("files"))
    rejected = result.rejected
    rejected += [FileRejected("too_large", n) for n in getattr(request, "too_large", [])]
    answer = {
        "files": [Received.from_model(file).model_dump(mode="json") for file in result.stored]
    }
    if rejected:
        return JsonResponse(answer | {"error": " ".join(map(files.rejection_message, rejected))})
    return JsonResponse(answer)


def _is_open(session: uuid.UUID) -> bool:
    """Return whether a form may still receive files."""
    contribution = Contribution.objects.filter(session=session).first()
    return contribution is None or lifecycle.can_amend(contribution)


# Follow-up


def with_contribution(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pass the contribution of a signed link to a view, or show a bad link."""

    @wraps(view)
    def wrapper(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            contribution = contribution_from_token(token)
        except BadToken:
            return render(request, "contributions/bad_link.html", status=HTTPStatus.GONE)
        if request.method == "POST":
            # Programs that check e-mails open links, and press nothing.
            lifecycle.know_address(contribution)
        return view(request, contribution, token, *args, **kwargs)

    return wrapper


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
@with_contribution
def follow(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Show the state of a contribution and its thread, and add a message."""
    form = MessageForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        if not allow_request(request, "contribution-message", *MESSAGE_RATE):
            status = HTTPStatus.TOO_MANY_REQUESTS
            form.add_error(None, _("Trop de messages. Réessayez dans une heure."))
        elif form.is_valid() and not contribution.is_anonymised:
            lifecycle.add_message(contribution, form.cleaned_data["text"], Message.Author.PARTNER)
            return redirect("contributions:follow", token=token)
        else:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "follow_up": FollowUp.from_model(contribution),
        "answers": describe_answers(contribution),
        "form": form,
        "token": token,
    }
    return render(request, "contributions/follow.html", context, status=status)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
@stream_uploads
@with_contribution
def amend(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Amend a contribution that the team has not taken in hand."""
    kind = ContributionKind(contribution.kind)
    session = sign_session(contribution.session)
    more: dict[str, Any] = {"token": token, "follow_up": FollowUp.from_model(contribution)}
    is_too_late = contribution.state not in lifecycle.AMENDABLE
    if request.method != "POST":
        if is_too_late:
            return redirect("contributions:follow", token=token)
        form = PublicContributionForm(kind, initial=initial_values(contribution))
        return _show(request, kind, form, session, note=NoteForm(), **more)
    note = more["note"] = NoteForm(request.POST)
    if is_too_late or not allow_request(request, "contribution", *SUBMISSION_RATE):
        form = PublicContributionForm(kind, request.POST)
        return _show(
            request,
            kind,
            form,
            session,
            is_too_late=is_too_late,
            is_throttled=not is_too_late,
            **more,
        )
    form, rejected = _bind(request, kind, contribution.session)
    if not (form.is_valid() and note.is_valid()) or rejected:
        note.describe()
        return _show(request, kind, form, session, rejected=rejected, **more)
    try:
        intake.amend_contribution(
            contribution,
            form.submission(),
            removed=files.parse_identifiers(request.POST.getlist("remove")),
            message=note.cleaned_data["message"],
        )
    except lifecycle.InvalidTransition:
        # The team has taken it in hand since this request began.
        return _show(request, kind, form, session, is_too_late=True, **more)
    return redirect("contributions:follow", token=token)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
@with_contribution
def withdraw(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Withdraw a contribution, after a confirmation.

    Programs that check e-mails follow every link: opening this one does nothing.
    """
    is_open = lifecycle.can_transition(contribution, ContributionState.WITHDRAWN)
    if request.method == "POST" and is_open:
        decisions.withdraw(contribution)
        return redirect("contributions:follow", token=token)
    if not is_open:
        return redirect("contributions:follow", token=token)
    context = {"follow_up": FollowUp.from_model(contribution), "token": token}
    return render(request, "contributions/withdraw.html", context)
