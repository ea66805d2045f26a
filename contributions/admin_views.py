"""The sheet of a contribution in the admin, and what the team does with it."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages as admin_messages
from wagtail.models import ModelLogEntry

from contributions import decisions, lifecycle
from contributions.actions import (
    ACCEPT,
    REJECT,
    REVOKE,
    TEXT_ACTIONS,
    WITH_LETTER,
    Action,
    AssignForm,
    DraftForm,
    TextForm,
    offered_actions,
)
from contributions.admin_rights import CHANGE, VIEW, permission_required, require_user
from contributions.drafts import DraftNotPossible, builder_of, make_draft
from contributions.duplicates import possible_duplicates
from contributions.emails import preview_partner_email, public_url
from contributions.file_previews import make_preview
from contributions.file_reports import report_file
from contributions.forms import describe_answers
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionState,
    FileState,
    Message,
)
from contributions.next_steps import describe_next_step
from core.compat.admin import AdminURLFinder
from outbox.letters import written_letters
from review.working_days import working_days_since

if TYPE_CHECKING:
    from collections.abc import Callable


def _sent(pk: int) -> Contribution:
    """Return a contribution that was sent: a draft is its partner's alone."""
    rows = Contribution.objects.exclude(state=ContributionState.DRAFT).select_related(
        "assignee", "account", "structure_type"
    )
    return get_object_or_404(rows, pk=pk)


@permission_required(VIEW)
@require_safe
def inspect(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a contribution whole, with the actions that its state allows."""
    return _show_sheet(request, _sent(pk))


def _show_sheet(
    request: HttpRequest,
    contribution: Contribution,
    opened: str = "",
    form: TextForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Render the sheet, with one action open on what was typed."""
    draft: Any = contribution.live_draft()
    may_change = request.user.has_perm(CHANGE)
    offered = offered_actions(contribution, draft is not None)
    reports = [report_file(file) for file in contribution.files.all()]
    context = {
        **_header(contribution),
        "answers": describe_answers(contribution),
        "reports": reports,
        "is_checking": any(each.file.state == FileState.CHECKING for each in reports),
        "thread": contribution.messages.select_related("user"),
        "versions": contribution.versions.all(),
        "history": ModelLogEntry.objects.for_instance(contribution).select_related("user")[:100],
        "letters": written_letters(contribution),
        "duplicates": [] if contribution.is_closed else possible_duplicates(contribution),
        "draft": draft,
        "draft_url": AdminURLFinder(request.user).get_edit_url(draft) if draft else "",
        "task": draft.current_workflow_task if draft is not None else None,
        "next_step": describe_next_step(contribution),
        "days": working_days_since(contribution.waiting_since),
        "public_url": public_url(contribution),
        "may_change": may_change,
        "offered": offered,
        "primary_form": TextForm(TEXT_ACTIONS[offered.primary])
        if offered.primary in TEXT_ACTIONS
        else None,
        "primary_action": TEXT_ACTIONS.get(offered.primary),
        "draft_form": DraftForm(offered.parents) if len(offered.parents) > 1 else None,
        "assign_form": AssignForm(initial={"assignee": contribution.assignee_id}),
        "others": [(action, TextForm(action)) for action in offered.others],
    }
    if form is not None:
        if opened == offered.primary:
            context["primary_form"] = form
        context["others"] = [
            (action, form if action.name == opened else own) for action, own in context["others"]
        ]
        names = {offered.primary, *(action.name for action in offered.others)}
        # What was typed for an action that is not possible any more.
        context["left_over"] = "" if opened in names else form["text"].value()
    context["opened"] = opened
    return render(request, "contributions/admin/inspect.html", context, status=status)


def _header(contribution: Contribution) -> dict[str, Any]:
    return {
        "contribution": contribution,
        "header_title": f"{contribution.reference} : {contribution.name}",
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("contribution:index"), "label": _("Contributions")},
            {"url": "", "label": contribution.reference, "sublabel": contribution.name},
        ],
    }


@permission_required(CHANGE)
@require_POST
def letter(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Show the letter that an action sends, and what it does, before it is done.

    Raises:
        Http404: there is no such action, or it sends none.
    """
    contribution = _sent(pk)
    chosen = WITH_LETTER.get(action)
    if chosen is None:
        raise Http404
    form = TextForm(chosen, request.POST)
    draft = contribution.live_draft()
    offered = offered_actions(contribution, draft is not None)
    if chosen not in offered.others and offered.primary != action:
        messages.error(request, lifecycle.explain_state(contribution))
        return _show_sheet(request, contribution, action, form, HTTPStatus.CONFLICT)
    if "edit" in request.POST:
        return _show_sheet(request, contribution, action, form)
    if not form.is_valid():
        return _show_sheet(request, contribution, action, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    text = form.cleaned_data["text"]
    context = {
        **_header(contribution),
        "action": chosen,
        "text": text,
        "email": preview_partner_email(contribution, chosen.letter, text)
        if contribution.email
        else None,
        "effects": _effects(chosen, contribution, draft),
    }
    return render(request, "contributions/admin/letter.html", context)


def _effects(action: Action, contribution: Contribution, draft: Any) -> list[str]:
    """Return what an action does besides its letter."""
    if action == ACCEPT:
        return [_("La demande est acceptée et close.")]
    if action == REVOKE:
        return [_("Les liens de suivi déjà envoyés ne fonctionnent plus.")]
    if action != REJECT:
        return []
    effects = [_("La contribution est refusée et close.")]
    if draft is not None and not draft.live and draft.first_published_at is None:
        effects.append(_("Son brouillon « %(title)s » est supprimé.") % {"title": str(draft)})
    imported = sum(bool(file.document_id or file.image_id) for file in contribution.files.all())
    if imported:
        effects.append(
            ngettext(
                "%(count)s fichier qui en venait quitte la bibliothèque, si rien d'autre ne s'en "
                "sert.",
                "%(count)s fichiers qui en venaient quittent la bibliothèque, si rien d'autre ne "
                "s'en sert.",
                imported,
            )
            % {"count": imported}
        )
    return effects


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
        if action in TEXT_ACTIONS:
            form = TextForm(TEXT_ACTIONS[action], request.POST)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return _show_sheet(request, _sent(pk), action, form, status)
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


def _text(request: HttpRequest, action: str) -> str:
    form = TextForm(TEXT_ACTIONS[action], request.POST)
    if not form.is_valid():
        raise forms.ValidationError([str(each) for each in form.errors["text"]])
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
    make_draft(contribution, require_user(request), parent)
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
        lifecycle.assign(contribution, form.cleaned_data["assignee"], require_user(request))
    return _("C'est noté.")


def _note(request: HttpRequest, contribution: Contribution) -> str:
    text = _text(request, "note")
    lifecycle.add_message(contribution, text, Message.Author.NOTE, user=require_user(request))
    return _("La note est ajoutée. Le partenaire ne la voit pas.")


def _message(request: HttpRequest, contribution: Contribution) -> str:
    text = _text(request, "message")
    lifecycle.add_message(contribution, text, Message.Author.TEAM, user=require_user(request))
    return _("Le message part : le partenaire peut répondre depuis sa page de suivi.")


def _changes(request: HttpRequest, contribution: Contribution) -> str:
    decisions.request_changes(contribution, require_user(request), _text(request, "changes"))
    return _(
        "Un e-mail part au partenaire, avec votre demande et un lien pour modifier sa contribution."
    )


def _reject(request: HttpRequest, contribution: Contribution) -> str:
    decisions.reject(contribution, require_user(request), _text(request, "reject"))
    return _("La contribution est refusée : un e-mail part au partenaire, avec votre raison.")


def _accept(request: HttpRequest, contribution: Contribution) -> str:
    decisions.accept(contribution, require_user(request), _text(request, "accept"))
    return _("La demande est acceptée : un e-mail part au partenaire.")


def _revoke(request: HttpRequest, contribution: Contribution) -> str:
    lifecycle.revoke_links(contribution, require_user(request))
    return _("Les anciens liens sont éteints ; un nouveau part au partenaire.")


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


def _clean_file(pk: int, file: uuid.UUID) -> ContributionFile:
    found: ContributionFile = get_object_or_404(_sent(pk).files, uuid=file, state=FileState.CLEAN)
    return found


@permission_required(VIEW)
@require_safe
def download(request: HttpRequest, pk: int, file: uuid.UUID) -> HttpResponse | FileResponse:
    """Download a clean file, for the disk of a reviewer and not for the browser.

    Raises:
        Http404: there is none, or it is not known to be clean.
    """
    found = _clean_file(pk, file)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=found.name, content_type=found.media_type
    )
    _shut_in(response)
    lifecycle.log_event(_sent(pk), "download", user=require_user(request), file=found.pk)
    return response


@permission_required(VIEW)
@require_safe
@xframe_options_sameorigin
def preview(request: HttpRequest, pk: int, file: uuid.UUID) -> HttpResponse:
    """Show a small picture of a clean file, or its first words: never the file itself.

    Raises:
        Http404: there is none, or it has nothing to show.
    """
    try:
        found = make_preview(_clean_file(pk, file))
    except FileNotFoundError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    response = HttpResponse(found.content, content_type=found.media_type)
    _shut_in(response)
    return response


def _shut_in(response: HttpResponse | FileResponse) -> None:
    """Have a browser run nothing of what came from outside, and keep no copy."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'self'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
