"""What runs by the clock."""

from datetime import timedelta

from background.registry import run_every

run_every("publish_scheduled", timedelta(minutes=2))
run_every("check_links", timedelta(hours=1))
