"""What runs by the clock."""

from datetime import timedelta

from background.registry import run_every

run_every("scan_contributions", timedelta(minutes=10))
