"""What runs by the clock."""

from datetime import timedelta

from background.registry import run_every

run_every("send_event_emails", timedelta(hours=1))
