"""What runs by the clock."""

from datetime import time

from background.registry import run_daily

run_daily("purge_figures", at=time(3, 30))
