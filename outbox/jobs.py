"""What runs by the clock, and the sending of letters, which always runs."""

from background.registry import run_always
from outbox.worker import Worker

run_always("letters", lambda stop: Worker(stop=stop))
