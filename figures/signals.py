"""Counts what is erased at its term, so that the report of a year is the same afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.timezone import localdate

from contributions.models import Contribution, ContributionState
from events.models import Registration, Session
from figures.increments import increment
from figures.models import ErasedTotal

if TYPE_CHECKING:
    from datetime import datetime

Counted = ErasedTotal.Counted
OUTCOMES = {
    ContributionState.PUBLISHED: Counted.PUBLISHED,
    ContributionState.ACCEPTED: Counted.PUBLISHED,
    ContributionState.REJECTED: Counted.REFUSED,
    ContributionState.WITHDRAWN: Counted.WITHDRAWN,
}


@receiver(post_delete, sender=Registration, dispatch_uid="figures.keep_registration")
def keep_registration(instance: Registration, **kwargs: Any) -> None:
    """Count a confirmed registration, and whether the person was there."""
    if instance.state != Registration.State.CONFIRMED:
        return
    at = Session.objects.values_list("starts_at", flat=True).get(pk=instance.session_id)
    _count(Counted.REGISTERED, at)
    if instance.has_attended:
        _count(Counted.ATTENDED, at)


@receiver(post_delete, sender=Contribution, dispatch_uid="figures.keep_contribution")
def keep_contribution(instance: Contribution, **kwargs: Any) -> None:
    """Count a contribution that was received, and what became of it."""
    if instance.state == ContributionState.DRAFT:
        return
    _count(Counted.RECEIVED, instance.received_at)
    outcome = OUTCOMES.get(ContributionState(instance.state))
    if outcome and instance.closed_at:
        _count(outcome, instance.closed_at)


def _count(counted: Counted, at: datetime) -> None:
    increment(ErasedTotal, ("day", "counted"), {(localdate(at), counted.value): {"total": 1}})
