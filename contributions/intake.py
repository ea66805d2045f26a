"""Take a contribution in: the one way, for the form, the API and the accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from contributions import lifecycle
from contributions.consent import CONSENT_VERSION
from contributions.files import forget
from contributions.kinds import TAKES_FILES
from contributions.models import Contribution, ContributionFile, FileState, State, Version
from contributions.tasks import scan_file, send_letter

if TYPE_CHECKING:
    import uuid

    from contributions.forms import ContributionForm
    from core.models import User


def receive(
    form: ContributionForm,
    session: uuid.UUID,
    origin: Contribution.Origin,
    account: User | None = None,
) -> Contribution:
    """Keep what a valid form says, with the files that its session received.

    The partner is written to in the language that is active. Sent twice, it is
    one contribution: the second time gives the first back.

    Args:
        form: valid.
        session: the form that was being filled in.
        origin: which way it came.
        account: the partner who is signed in, if any.
    """
    try:
        with transaction.atomic():
            contribution = _keep(form, session, origin, account)
    except IntegrityError:
        return Contribution.objects.get(session=session)
    return contribution


def _keep(
    form: ContributionForm,
    session: uuid.UUID,
    origin: Contribution.Origin,
    account: User | None,
) -> Contribution:
    now = timezone.now()
    contribution = Contribution.objects.create(
        kind=form.kind,
        session=session,
        origin=origin,
        account=account,
        language=get_language() or settings.LANGUAGE_CODE,
        state=State.DRAFT if form.is_draft else State.RECEIVED,
        received_at=now,
        waiting_since=now,
        answers=form.answers(),
        **_consent(form, now),
        **form.columns(),
    )
    attach(contribution, session)
    lifecycle.record(contribution, contribution.state, user=account, origin=origin)
    if contribution.state == State.RECEIVED:
        _announce(contribution)
    return contribution


def _consent(form: ContributionForm, now: Any) -> dict[str, Any]:
    if not form.cleaned_data.get("consent"):
        return {}
    return {"consent_version": CONSENT_VERSION, "consented_at": now}


def _announce(contribution: Contribution) -> None:
    lifecycle.tell(contribution, "received")
    transaction.on_commit(lambda: send_letter.enqueue(contribution.pk, "team_received", ""))


def attach(contribution: Contribution, session: uuid.UUID) -> None:
    """Give a contribution the files that a form received, and have them scanned."""
    if contribution.kind not in TAKES_FILES:
        return
    files = ContributionFile.objects.filter(session=session, contribution=None)
    keys = list(files.values_list("pk", flat=True))
    files.update(contribution=contribution)
    waiting = ContributionFile.objects.filter(pk__in=keys).exclude(state=FileState.CLEAN)
    for key in waiting.values_list("pk", flat=True):
        transaction.on_commit(lambda key=key: scan_file.enqueue(key))  # type: ignore[misc]


@transaction.atomic
def amend(
    contribution: Contribution,
    form: ContributionForm,
    *,
    removed: list[str] | None = None,
    message: str = "",
    user: User | None = None,
) -> Contribution:
    """Replace what a contribution says, keeping what it said before.

    Args:
        contribution: which the partner may still change.
        form: valid; a draft that is sent is no draft any more.
        removed: identifiers of files to forget.
        message: to the team.
        user: the partner who is signed in, if any.

    Raises:
        NotNow: the team has it in hand.
    """
    found = Contribution.objects.select_for_update().get(pk=contribution.pk)
    was_draft = found.state == State.DRAFT
    if not was_draft and (form.is_draft or found.state not in lifecycle.AMENDABLE):
        raise lifecycle.NotNow(found, State.RECEIVED)
    if not was_draft:
        Version.objects.create(contribution=found, said=snapshot(found))
    for name, value in form.columns().items():
        setattr(found, name, value)
    found.answers = form.answers()
    for name, value in _consent(form, timezone.now()).items():
        setattr(found, name, value)
    if was_draft and not form.is_draft:
        found.received_at = timezone.now()
    found.save()
    if removed:
        forget(list(found.files.filter(uuid__in=removed, document=None, image=None)))
    attach(found, found.session)
    if form.is_draft:
        return found
    found = lifecycle.move(
        found,
        State.RECEIVED,
        user=user,
        message=message,
        is_from_partner=True,
        is_told=False,
    )
    if was_draft:
        _announce(found)
    else:
        lifecycle.tell(found, "amended")
        transaction.on_commit(lambda: send_letter.enqueue(found.pk, "team_amended", message))
    return found


def snapshot(contribution: Contribution) -> dict[str, Any]:
    """Return what a contribution says of its content, to keep."""
    return {
        "title": contribution.title,
        "text": contribution.text,
        "link": contribution.link,
        "answers": contribution.answers,
        "files": list(contribution.files.values_list("name", flat=True)),
    }
