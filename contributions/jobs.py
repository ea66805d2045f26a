"""What runs by the clock."""

from datetime import time, timedelta

from background.registry import run_daily, run_every

run_every("scan_contributions", timedelta(minutes=10))
run_daily("purge_contributions", at=time(3, 10))
