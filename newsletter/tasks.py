"""Background work, for those who run Django's workers rather than ours."""

from django.utils import timezone
from django_tasks import task

from newsletter import retention
from newsletter.sending.worker import Worker


@task()
def send_newsletters() -> int:
    """Send the messages that are due. Any number of these may run at once."""
    return Worker().run(once=True)


@task()
def purge_subscribers() -> dict[str, int]:
    """End what is kept no longer, as 0.1.0 queued it; kept until 0.3.0."""
    now = timezone.now()
    return {
        "pending": retention.delete_unconfirmed(now - retention.PENDING_FOR),
        "left": retention.erase_left(now - retention.LEFT_FOR),
    }
