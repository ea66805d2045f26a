"""What runs by the clock."""

from datetime import timedelta

from background.registry import run_every

run_every("purge_request_counts", timedelta(hours=1))
