"""What runs by the clock."""

from datetime import time, timedelta

from background.registry import run_daily, run_every

run_every("purge_request_counts", timedelta(hours=1))
run_daily("sweep_temporary_files", at=time(3, 50))
run_daily("check_files", at=time(4, 0))
