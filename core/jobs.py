"""What runs by the clock for all apps."""

from datetime import time, timedelta

from background.registry import run_daily, run_every

run_every("apply_retention", timedelta(hours=1))
run_daily("check_files", at=time(4, 0))
