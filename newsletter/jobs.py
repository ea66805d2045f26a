"""What runs by the clock, and the sending of issues, which always runs."""

from datetime import timedelta

from django.conf import settings

from background.registry import run_always, run_every
from newsletter.sending.worker import Worker

run_every("poll_bounces", timedelta(hours=1), is_needed=lambda: bool(settings.BOUNCES_URL))
run_always("newsletter", lambda stop: Worker(stop=stop))
