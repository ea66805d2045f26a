"""What runs by the clock, and the sending of letters, which always runs."""

from datetime import time

from background.registry import run_always, run_daily
from outbox.worker import Worker

run_daily("purge_emails", at=time(3, 30))
run_always("letters", lambda stop: Worker(stop=stop))
