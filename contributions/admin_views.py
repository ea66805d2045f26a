"""The views of the admin: those of the team, and those of partners with an account."""

from __future__ import annotations

import uuid
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages as admin_messages
from wagtail.models import ModelLogEntry, Page

from contributions import decisions, files, intake, lifecycle
from contributions.drafts import DraftNotPossible, builder_of, make_draft
from contributions.duplicates import possible_duplicates
from contributions.emails import reviewers
from contributions.forms import (
    ContributionForm,
    describe_answers,
    initial_values,
    read_session,
    sign_session,
)
from contributions.kinds import TAKES_FILES, ContributionKind, kind_for_slug
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionState,
    FileState,
    Message,
)
from contributions.next_steps import describe_next_step
from contributions.schemas import FollowUp, Received
from contributions.tokens import follow_up_url
from core.compat.admin import AdminURLFinder
from core.models import User
from review.working_days import working_days_since

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = "contributions.view_contribution"
CHANGE = "contributions.change_contribution"
CONTRIBUTE = "contributions.contribute"

TOO_LATE = gettext_lazy(
    "L'équipe a pris cette contribution en main : elle ne se modifie plus ici. Écrivez à l'équipe "
    "depuis « Suivre » ; elle peut vous demander des modifications."
)


def permission_required(permission: str) -> Callable[..., Callable[..., HttpResponse]]:
    """Refuse a view to users without a permission, and keep it out of caches."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return never_cache(view)(request, *args, **kwargs)

        return wrapper

    return decorate


def _sent(pk: int) -> Contribution:
    """Return a contribution that was sent: a draft is its partner's alone."""
    rows = Contribution.objects.exclude(state=ContributionState.DRAFT).select_related(
        "assignee", "account"
    )
    return get_object_or_404(rows, pk=pk)


class TextForm(forms.Form):
    """The text of a message, a reason or a note."""

    text = forms.CharField(
        label=gettext_lazy("Texte"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignForm(forms.Form):
    """The member of the team who is assigned to a contribution."""

    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Suivie par"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Personne"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = User.objects.filter(pk__in=[user.pk for user in reviewers()])


class DraftForm(forms.Form):
    """The page under which the draft goes."""

    parent = forms.ModelChoiceField(
        label=gettext_lazy("Ranger sous"), queryset=Page.objects.none(), empty_label=None
    )

    def __init__(self, parents: list[Page], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.queryset = Page.objects.filter(pk__in=[page.pk for page in parents])


@permission_required(VIEW)
@require_safe
def inspect(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a contribution whole, with the actions that its state allows."""
    contribution = _sent(pk)
    builder = builder_of(contribution)
    draft: Any = contribution.live_draft()
    parents = builder.parents() if builder else []
    allowed = lifecycle.ALLOWED_TRANSITIONS[contribution.state]
    may_change = request.user.has_perm(CHANGE)
    context = {
        "contribution": contribution,
        "header_title": f"{contribution.reference} : {contribution.name}",
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("contribution:index"), "label": _("Contributions")},
            {"url": "", "label": contribution.reference, "sublabel": contribution.name},
        ],
        "answers": describe_answers(contribution),
        "files": contribution.files.all(),
        "thread": contribution.messages.select_related("user"),
        "versions": contribution.versions.all(),
        "history": ModelLogEntry.objects.for_instance(contribution).select_related("user")[:100],
        "duplicates": [] if contribution.is_closed else possible_duplicates(contribution),
        "draft": draft,
        "draft_url": AdminURLFinder(request.user).get_edit_url(draft) if draft else "",
        "task": draft.current_workflow_task if draft is not None else None,
        "next_step": describe_next_step(contribution),
        "days": working_days_since(contribution.waiting_since),
        "may_change": may_change,
        "can_draft": may_change and builder is not None and ContributionState.IN_REVIEW in allowed,
        "can_ask": may_change and ContributionState.CHANGES_REQUESTED in allowed,
        "can_reject": may_change and ContributionState.REJECTED in allowed,
        "can_accept": may_change and builder is None and ContributionState.ACCEPTED in allowed,
        "draft_form": DraftForm(parents) if len(parents) > 1 else None,
        "assign_form": AssignForm(initial={"assignee": contribution.assignee_id}),
        "text_form": TextForm(),
    }
    return render(request, "contributions/admin/inspect.html", context)


@permission_required(CHANGE)
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Run one action on a contribution, and show its result.

    Raises:
        Http404: there is no such action.
    """
    contribution = _sent(pk)
    do = ACTIONS.get(action)
    if do is None:
        raise Http404
    try:
        done = do(request, contribution)
    except (DraftNotPossible, lifecycle.InvalidTransition, forms.ValidationError) as error:
        reasons = error.messages if isinstance(error, forms.ValidationError) else [str(error)]
        messages.error(request, " ".join(reasons))
        return redirect("contribution:inspect", pk)
    if action == "draft" and (draft_url := _draft_url(request, pk)):
        back = admin_messages.button(
            reverse("contribution:inspect", args=[pk]), _("Voir la contribution")
        )
        admin_messages.success(request, done, buttons=[back])
        return redirect(draft_url)
    messages.success(request, done)
    return redirect("contribution:inspect", pk)


def _draft_url(request: HttpRequest, pk: int) -> str:
    """Return where the draft of a contribution is edited, for those who may."""
    draft = _sent(pk).live_draft()
    return AdminURLFinder(request.user).get_edit_url(draft) or "" if draft else ""


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _text(request: HttpRequest) -> str:
    form = TextForm(request.POST)
    if not form.is_valid():
        raise forms.ValidationError(_("Écrivez un texte : le partenaire le lira."))
    return str(form.cleaned_data["text"])


def _draft(request: HttpRequest, contribution: Contribution) -> str:
    builder = builder_of(contribution)
    parents = builder.parents() if builder else []
    parent = None
    if len(parents) > 1:
        form = DraftForm(parents, request.POST)
        if not form.is_valid():
            raise forms.ValidationError(_("Choisissez la rubrique où ranger le brouillon."))
        parent = form.cleaned_data["parent"]
    had_draft = contribution.live_draft() is not None
    make_draft(contribution, _user(request), parent)
    values = {"name": contribution.name, "step": describe_next_step(_sent(contribution.pk))}
    if had_draft:
        return (
            _(
                "Le brouillon de « %(name)s » est réécrit, et sa relecture recommence : "
                "%(step)s. Rien n'est public avant l'accord de deux personnes."
            )
            % values
        )
    return (
        _(
            "Le brouillon de « %(name)s » est prêt. Étape suivante : %(step)s. Rien n'est public "
            "avant l'accord de deux personnes."
        )
        % values
    )


def _assign(request: HttpRequest, contribution: Contribution) -> str:
    form = AssignForm(request.POST)
    if form.is_valid():
        lifecycle.assign(contribution, form.cleaned_data["assignee"], _user(request))
    return _("C'est noté.")


def _note(request: HttpRequest, contribution: Contribution) -> str:
    lifecycle.add_message(contribution, _text(request), Message.Author.NOTE, user=_user(request))
    return _("La note est ajoutée. Le partenaire ne la voit pas.")


def _message(request: HttpRequest, contribution: Contribution) -> str:
    lifecycle.add_message(contribution, _text(request), Message.Author.TEAM, user=_user(request))
    return _("Le message est parti : le partenaire peut répondre depuis sa page de suivi.")


def _changes(request: HttpRequest, contribution: Contribution) -> str:
    decisions.request_changes(contribution, _user(request), _text(request))
    return _("Le partenaire reçoit votre demande et un lien pour modifier sa contribution.")


def _reject(request: HttpRequest, contribution: Contribution) -> str:
    decisions.reject(contribution, _user(request), _text(request))
    return _("La contribution est refusée : le partenaire reçoit votre raison.")


def _accept(request: HttpRequest, contribution: Contribution) -> str:
    decisions.accept(contribution, _user(request), request.POST.get("text", "").strip()[:4000])
    return _("La demande est acceptée, le partenaire est prévenu.")


def _revoke(request: HttpRequest, contribution: Contribution) -> str:
    lifecycle.revoke_links(contribution, _user(request))
    return _("Les anciens liens sont éteints ; un nouveau est parti.")


ACTIONS: dict[str, Callable[[HttpRequest, Contribution], str]] = {
    "draft": _draft,
    "assign": _assign,
    "note": _note,
    "message": _message,
    "changes": _changes,
    "reject": _reject,
    "accept": _accept,
    "revoke": _revoke,
}


@permission_required(VIEW)
@require_safe
def download(request: HttpRequest, pk: int, file: uuid.UUID) -> HttpResponse | FileResponse:
    """Download a clean file, for the disk of a reviewer and not for the browser.

    Raises:
        Http404: there is none, or it is not known to be clean.
    """
    contribution = _sent(pk)
    found = get_object_or_404(contribution.files, uuid=file, state=FileState.CLEAN)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=found.name, content_type=found.media_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    lifecycle.log_event(contribution, "download", user=_user(request), file=found.pk)
    return response


# Partners with an account


@permission_required(CONTRIBUTE)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the contributions of the partner who is signed in."""
    own = Contribution.objects.filter(account=_user(request))
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
    user = _user(request)
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
        result = files.store_uploads(session, request.FILES.getlist("files"))
    has_files = ContributionFile.objects.filter(session=session).exists()
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
