"""What runs by the clock."""

from datetime import time

from background.registry import run_daily

run_daily("remind_structures", at=time(8, 30))
