"""Sending an issue: starting, cancelling, settling what is uncertain.

The promise: **nobody gets two, nobody is forgotten**. A row for each person is
made in the transaction that starts the sending. A worker records in the
database that a message is in flight before it hands it over, and that it is
sent after the server took it; what is in flight when a worker dies is
« uncertain » and waits for a person to settle it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.web.links import email_base_url
from newsletter.archive import is_up_to_date, publish_archive
from newsletter.audience import remaining_recipients
from newsletter.models import Delivery, Mailing
from newsletter.preflight import blocking_reasons
from newsletter.rendering import render_issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from core.models import User
    from newsletter.models import NewsletterIssuePage
    from newsletter.models.subscribers import SubscriberQuerySet

CHUNK = 2000
"""Rows that are made at a time: a list of any length passes through little memory."""


def schedule(page: NewsletterIssuePage, user: User | None, at: datetime | None = None) -> Mailing:
    """Plan the sending of an issue, for *at* or for now.

    Raises:
        ValidationError: it can't be sent, or is being sent already; the reasons are for people.
    """
    page = page.get_latest_revision_as_object()
    if reasons := blocking_reasons(page, render_issue(page, email_base_url())):
        raise ValidationError(reasons)
    if not remaining_recipients(page).exists():
        raise ValidationError(_("Toutes les personnes concernées ont déjà reçu ce numéro."))
    try:
        with transaction.atomic():
            mailing = Mailing.objects.create(
                page_id=page.pk,
                scheduled_for=at or timezone.now(),
                created_by=user,
                rate_per_minute=settings.NEWSLETTER_RATE_PER_MINUTE,
            )
    except IntegrityError as error:
        raise ValidationError(_("Ce numéro est déjà programmé ou en cours d'envoi.")) from error
    return mailing


def start_due(now: datetime | None = None) -> list[Mailing]:
    """Start every sending that is due; many workers may call it at once."""
    due = Mailing.objects.filter(
        state=Mailing.State.SCHEDULED, scheduled_for__lte=now or timezone.now(), problem=""
    )
    return [mailing for mailing in due if start(mailing)]


def start(mailing: Mailing) -> bool:
    """Freeze the rendering and the recipients of an issue, and publish its archive.

    All of it or nothing: there is no sending, or a whole one.

    Returns:
        Whether this call started it: not another's, and nothing stands in its way.
    """
    with transaction.atomic():
        ours = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SCHEDULED)
        if not ours.update(state=Mailing.State.SENDING, started_at=timezone.now()):
            return False
        mailing.refresh_from_db()
        page: NewsletterIssuePage = mailing.page.get_latest_revision_as_object()
        rendered = render_issue(page, email_base_url())
        if reasons := blocking_reasons(page, rendered) or _publish(page, mailing):
            mailing.state, mailing.started_at = Mailing.State.SCHEDULED, None
            mailing.problem = "\n".join(reasons)
            mailing.save()
            return False
        mailing.subject, mailing.html, mailing.text = rendered.subject, rendered.html, rendered.text
        mailing.save()
        for keys in _chunks(remaining_recipients(page)):
            Delivery.objects.bulk_create(
                [Delivery(mailing=mailing, subscriber_id=key) for key in keys]
            )
    return True


def _publish(page: NewsletterIssuePage, mailing: Mailing) -> list[str]:
    """Publish the archive of an issue; return why it can't be, if so."""
    if is_up_to_date(page):
        return []
    try:
        with transaction.atomic():
            publish_archive(page, mailing.created_by)
    except PermissionDenied as refused:
        return [str(refused)]
    return []


def _chunks(rows: SubscriberQuerySet) -> Iterator[list[int]]:
    keys: list[int] = []
    for key in rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK):
        keys.append(key)
        if len(keys) == CHUNK:
            yield keys
            keys = []
    if keys:
        yield keys


def cancel(mailing: Mailing) -> bool:
    """Cancel a sending; a message in flight still goes.

    Returns:
        Whether there was anything to cancel.
    """
    open_states = (Mailing.State.SCHEDULED, Mailing.State.SENDING)
    cancelled = Mailing.objects.filter(pk=mailing.pk, state__in=open_states).update(
        state=Mailing.State.CANCELLED, finished_at=timezone.now()
    )
    mailing.refresh_from_db()
    return bool(cancelled)


def count_as_sent(deliveries: QuerySet[Delivery]) -> int:
    """Count uncertain messages as sent."""
    return deliveries.filter(state=Delivery.State.UNCERTAIN).update(
        state=Delivery.State.SENT, error=_("incertain, compté comme envoyé")
    )


def send_again(deliveries: QuerySet[Delivery]) -> int:
    """Send uncertain messages again, at the risk that somebody gets two."""
    uncertain = deliveries.filter(state=Delivery.State.UNCERTAIN)
    with transaction.atomic():
        over = Mailing.objects.filter(
            pk__in=list(uncertain.values_list("mailing", flat=True).distinct()),
            state=Mailing.State.SENT,
        )
        over.update(state=Mailing.State.SENDING, finished_at=None)
        return uncertain.update(
            state=Delivery.State.PENDING, next_attempt_at=timezone.now(), claimed_by="", attempts=0
        )
