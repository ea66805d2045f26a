"""What runs by the clock for all apps."""

from datetime import time

from background.registry import run_daily

run_daily("prune_tasks", at=time(3, 40))
run_daily("clearsessions", at=time(3, 45))
