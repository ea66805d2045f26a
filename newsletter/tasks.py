"""Background work, for those who run Django's workers rather than ours."""

from django_tasks import task

from newsletter import subscribing
from newsletter.sending.worker import Worker


@task()
def send_newsletters() -> int:
    """Send the messages that are due. Any number of these may run at once."""
    return Worker().run(once=True)


@task()
def purge_subscribers() -> dict[str, int]:
    """Delete and erase the subscribers whose time is over."""
    return subscribing.purge()
