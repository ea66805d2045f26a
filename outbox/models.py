"""The e-mails that are to be sent: written with what they announce, sent by a worker."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import Model

RETRY_FOR = timedelta(days=2)
"""How long a letter is tried again."""
WITHOUT_TEXTS: dict[str, Any] = {
    "subject": "",
    "text": "",
    "html": "",
    "headers": {},
    "attachments": [],
}
"""What is left of a letter that nobody sends any more."""


def end_of_retries() -> datetime:
    """Return until when a letter that is written now is tried again."""
    return timezone.now() + RETRY_FOR


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def about(self, thing: Model) -> OutgoingEmailQuerySet:
        """Return the letters about a thing."""
        return self.filter(thing_type=ContentType.objects.get_for_model(thing), thing_id=thing.pk)

    def about_all(self, things: models.QuerySet[Any]) -> OutgoingEmailQuerySet:
        """Return the letters about things of one model."""
        thing_type = ContentType.objects.get_for_model(things.model)
        return self.filter(thing_type=thing_type, thing_id__in=things.order_by().values("pk"))

    def unsent(self) -> OutgoingEmailQuerySet:
        """Return the letters that wait, or that a worker has in hand."""
        return self.filter(state__in=OutgoingEmail.OPEN)

    def hurry(self) -> int:
        """Have the letters that wait tried at once; return how many are still to be sent."""
        now = timezone.now()
        self.filter(state=OutgoingEmail.State.WAITING, next_attempt_at__gt=now).update(
            next_attempt_at=now
        )
        return self.unsent().count()

    def cancel(self) -> int:
        """Cancel the letters that were not sent, and erase their texts; return how many."""
        return self.unsent().update(
            state=OutgoingEmail.State.CANCELLED,
            ended_at=timezone.now(),
            claimed_by="",
            lease_until=None,
            **WITHOUT_TEXTS,
        )

    def erase(self) -> int:
        """Erase texts and addresses; what was not sent never is. Return how many letters."""
        self.cancel()
        return self.update(address="", error="", **WITHOUT_TEXTS)

    def lost(self) -> OutgoingEmailQuerySet:
        """Return the letters that were refused or given up, and that could still be sent."""
        found = self.filter(state__in=OutgoingEmail.LOST)
        return found.exclude(subject="", text="", html="")

    def dismiss(self) -> int:
        """Send letters that wait, were refused or given up no more; return how many."""
        return self.cancel() + self.lost().update(
            state=OutgoingEmail.State.CANCELLED, ended_at=timezone.now(), **WITHOUT_TEXTS
        )

    def retry(self) -> int:
        """Have letters tried at once, refused and given up ones for two days; return how many."""
        now = timezone.now()
        waiting = self.filter(state=OutgoingEmail.State.WAITING).update(next_attempt_at=now)
        return waiting + self.lost().update(
            state=OutgoingEmail.State.WAITING,
            next_attempt_at=now,
            retry_until=end_of_retries(),
            attempts=0,
            ended_at=None,
        )


class OutgoingEmail(models.Model):
    """One letter to one address, frozen when it was written.

    Written in the transaction of what it announces, and deleted with the thing that it is about.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("à envoyer")
        CLAIMED = "claimed", _("en cours d'envoi")
        SENT = "sent", _("parti")
        REFUSED = "refused", _("refusé")
        FAILED = "failed", _("abandonné")
        CANCELLED = "cancelled", _("annulé")

    OPEN = (State.WAITING, State.CLAIMED)
    LOST = (State.REFUSED, State.FAILED)

    # Of the Message-ID, which is the same each time that the letter is tried.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("nature"), max_length=60, blank=True)
    thing_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, null=True, editable=False, related_name="+"
    )
    thing_id = models.PositiveBigIntegerField(null=True, editable=False)
    thing = GenericForeignKey("thing_type", "thing_id")

    address = models.CharField(_("adresse"), max_length=320, blank=True)
    sender = models.CharField(_("expéditeur"), max_length=320, blank=True)
    subject = models.TextField(_("objet"), blank=True)
    text = models.TextField(blank=True, editable=False)
    html = models.TextField(blank=True, editable=False)
    headers = models.JSONField(default=dict, editable=False)
    # Each with its filename, its media type, and its content in base64.
    attachments = models.JSONField(default=list, editable=False)

    state = models.CharField(_("état"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    next_attempt_at = models.DateTimeField(_("prochain essai"), default=timezone.now)
    retry_until = models.DateTimeField(default=end_of_retries, editable=False)
    # After which it is of no use to its reader: a reminder, once the session has begun.
    expires_at = models.DateTimeField(null=True, editable=False)
    # Which worker has it, and until when that is believed.
    claimed_by = models.CharField(max_length=80, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    error = models.CharField(_("réponse du serveur"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("écrit le"), default=timezone.now)
    ended_at = models.DateTimeField(_("fin"), null=True)

    objects = OutgoingEmailQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view", "change")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="email_queue",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["lease_until"], name="email_leases", condition=Q(state="claimed")),
            models.Index(fields=["thing_type", "thing_id"], name="email_by_thing"),
            models.Index(fields=["state", "created_at"], name="email_by_state"),
        ]

    def __str__(self) -> str:
        return self.kind or str(self._meta.verbose_name)

    @property
    def has_texts(self) -> bool:
        """Whether it could still be sent."""
        return bool(self.subject or self.text or self.html)
