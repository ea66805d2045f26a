"""The public pages: three short ways in, the form of each kind, and the follow-up.

They know no session and set no cookie, so they ask for no CSRF token: what a
form may do is in its signed address, or is what the public API lets anyone do.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contributions import files, intake, lifecycle, triage
from contributions.forms import (
    MessageForm,
    PageForm,
    initial_of,
    new_session,
    read_session,
    say_answers,
    sign_session,
)
from contributions.kinds import CONTRIBUTE, JOIN, TAKES_FILES, Kind, kind_of
from contributions.models import Contribution, ContributionFile, Message, State
from contributions.schemas import Choice, FollowUp, Received
from contributions.tokens import contribution_from_token
from contributions.uploads import streamed
from core.signed_links import BadToken
from core.throttling import is_allowed

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES, TRIES_SECONDS = 20, 3600
UPLOADS = 60
MESSAGES = 20


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page out of every cache and index, and its address out of every referrer."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return csrf_exempt(never_cache(wrapper))


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show what may be contributed."""
    context = {
        "contribute": [Choice.say(kind) for kind in CONTRIBUTE],
        "join": [Choice.say(kind) for kind in JOIN],
    }
    return render(request, "contributions/choose.html", context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
@streamed
def contribute(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of one kind and take it in; what was typed and received survives errors.

    Raises:
        Http404: there is no such kind.
    """
    kind = kind_of(slug)
    if kind is None:
        raise Http404
    if request.method != "POST":
        return _show(request, kind, PageForm(kind), new_session())
    if not is_allowed(request, "contribution", TRIES, TRIES_SECONDS):
        form = PageForm(kind, request.POST)
        return _show(request, kind, form, request.POST.get("session", ""), is_throttled=True)
    session = read_session(request.POST.get("session", "")) or uuid.uuid4()
    form, refused = _bind(request, kind, session)
    if form.is_from_robot:
        return redirect("contributions:received")
    if not form.is_valid() or refused:
        return _show(request, kind, form, sign_session(session), refused=refused)
    intake.receive(form, session, Contribution.Origin.FORM)
    return redirect("contributions:received")


def _bind(
    request: HttpRequest, kind: Kind, session: uuid.UUID
) -> tuple[PageForm, list[files.Refused]]:
    """Take the files of a request in, then read its form, which asks whether there are any."""
    kept = ContributionFile.objects.filter(session=session)
    removed = request.POST.getlist("remove")
    if removed:
        files.forget(list(kept.filter(uuid__in=_uuids(removed), contribution=None)))
    refused: list[files.Refused] = []
    if kind in TAKES_FILES:
        refused = files.take_files(session, request.FILES.getlist("files")).refused
        refused += [files.Refused("too_large", n) for n in getattr(request, "too_large", [])]
    form = PageForm(kind, request.POST, has_files=kept.exists())
    return form, refused


def _uuids(values: list[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def _show(
    request: HttpRequest,
    kind: Kind,
    form: PageForm,
    session: str,
    *,
    refused: list[files.Refused] | None = None,
    is_throttled: bool = False,
    **more: Any,
) -> HttpResponse:
    known = read_session(session)
    kept = ContributionFile.objects.filter(session=known) if known else []
    if not is_throttled:
        form.describe()
    context = {
        "kind": Choice.say(kind),
        "form": form,
        "session": session,
        "takes_files": kind in TAKES_FILES,
        "received": [Received.say(file) for file in kept],
        "refused": [one.message for one in refused or []],
        "accept": files.ACCEPT,
        "max_total": files.MAX_TOTAL,
        "is_throttled": is_throttled,
        **more,
    }
    status = HTTPStatus.OK
    if is_throttled:
        status = HTTPStatus.TOO_MANY_REQUESTS
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "contributions/form.html", context, status=status)


@private
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """Say the same to everyone: it has arrived, look into your e-mails."""
    return render(request, "contributions/received.html")


@private
@require_POST
@streamed
def upload(request: HttpRequest) -> HttpResponse:
    """Take one file in for a form that is being filled in; JavaScript shows how far it is."""
    if not is_allowed(request, "contribution-upload", UPLOADS, TRIES_SECONDS):
        message = _("Trop d'envois. Réessayez dans une heure.")
        return JsonResponse({"error": message}, status=HTTPStatus.TOO_MANY_REQUESTS)
    session = read_session(request.POST.get("session", ""))
    if session is None or not _is_open(session):
        message = _("Ce formulaire était ouvert depuis trop longtemps. Rechargez la page.")
        return JsonResponse({"error": message}, status=HTTPStatus.FORBIDDEN)
    if removed := request.POST.getlist("remove"):
        waiting = ContributionFile.objects.filter(session=session, contribution=None)
        files.forget(list(waiting.filter(uuid__in=_uuids(removed))))
        return JsonResponse({"files": []})
    taken = files.take_files(session, request.FILES.getlist("files"))
    refused = [one.message for one in taken.refused]
    refused += [files.Refused("too_large", n).message for n in getattr(request, "too_large", [])]
    said = {"files": [Received.say(file).model_dump(mode="json") for file in taken.kept]}
    if refused:
        return JsonResponse(said | {"error": " ".join(refused)})
    return JsonResponse(said)


def _is_open(session: uuid.UUID) -> bool:
    """Tell whether a form may still receive files."""
    contribution = Contribution.objects.filter(session=session).first()
    return contribution is None or contribution.state in {State.DRAFT, *lifecycle.AMENDABLE}


# Follow-up


def followed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the contribution of its signed link; say so where the link is worth nothing."""

    @wraps(view)
    def wrapper(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            contribution = contribution_from_token(token)
        except BadToken:
            return render(request, "contributions/bad_link.html", status=HTTPStatus.GONE)
        return view(request, contribution, token, *args, **kwargs)

    return wrapper


@private
@require_http_methods(["GET", "HEAD", "POST"])
@followed
def follow(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Show where a contribution is, with its thread; take a message in."""
    form = MessageForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        if not is_allowed(request, "contribution-message", MESSAGES, TRIES_SECONDS):
            status = HTTPStatus.TOO_MANY_REQUESTS
            form.add_error(None, _("Trop de messages. Réessayez dans une heure."))
        elif form.is_valid() and not contribution.is_anonymised:
            lifecycle.write_message(contribution, form.cleaned_data["text"], Message.Author.PARTNER)
            return redirect("contributions:follow", token=token)
        else:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "said": FollowUp.say(contribution),
        "answers": say_answers(contribution),
        "form": form,
        "token": token,
    }
    return render(request, "contributions/follow.html", context, status=status)


@private
@require_http_methods(["GET", "HEAD", "POST"])
@streamed
@followed
def amend(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Let the partner change what they sent, while the team has not taken it in hand."""
    if contribution.state not in lifecycle.AMENDABLE:
        return redirect("contributions:follow", token=token)
    kind = Kind(contribution.kind)
    session = sign_session(contribution.session)
    more: dict[str, Any] = {"token": token, "said": FollowUp.say(contribution)}
    if request.method != "POST":
        form = PageForm(kind, initial=initial_of(contribution))
        return _show(request, kind, form, session, **more)
    form, refused = _bind(request, kind, contribution.session)
    if not form.is_valid() or refused:
        return _show(request, kind, form, session, refused=refused, **more)
    # The team may have taken it in hand meanwhile; the page says so.
    with suppress(lifecycle.NotNow):
        intake.amend(
            contribution,
            form,
            removed=[str(u) for u in _uuids(request.POST.getlist("remove"))],
            message=request.POST.get("message", "").strip()[:4000],
        )
    return redirect("contributions:follow", token=token)


@private
@require_http_methods(["GET", "HEAD", "POST"])
@followed
def withdraw(request: HttpRequest, contribution: Contribution, token: str) -> HttpResponse:
    """Ask for a click, then take it back: programs that check e-mails follow every link."""
    can = State.WITHDRAWN in lifecycle.MAY_FOLLOW[contribution.state]
    if request.method == "POST" and can:
        triage.withdraw(contribution)
        return redirect("contributions:follow", token=token)
    if not can:
        return redirect("contributions:follow", token=token)
    context = {"said": FollowUp.say(contribution), "token": token}
    return render(request, "contributions/withdraw.html", context)
