"""What runs by the clock."""

from datetime import time, timedelta

from background.registry import run_daily, run_every
from contributions.scanning import is_configured

run_every("scan_contributions", timedelta(minutes=10), is_needed=is_configured)
run_daily("purge_contributions", at=time(3, 10))
