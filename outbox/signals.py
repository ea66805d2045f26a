"""What follows from the deletion of an account, which stands below the outbox and knows it not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete
from django.dispatch import receiver

from outbox.models import OutgoingEmail

if TYPE_CHECKING:
    from core.models import User


@receiver(post_delete, sender=get_user_model(), dispatch_uid="outbox.delete_letters")
def delete_letters_of_account(instance: User, **kwargs: Any) -> None:
    """Delete the letters to an account that is deleted."""
    OutgoingEmail.objects.about(instance).delete()
