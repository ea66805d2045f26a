"""What runs by the clock."""

from datetime import time, timedelta

from background.registry import run_daily, run_every

run_every("send_event_emails", timedelta(hours=1))
run_daily("purge_registrations", at=time(3, 0))
