"""What runs by the clock."""

from datetime import time

from background.registry import run_daily

run_daily("remind_reviewers", at=time(7, 30))
