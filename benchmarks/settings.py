"""Development settings as production runs them: no debug, and a trivial view to compare with."""

from pare.settings.dev import *  # noqa: F403

DEBUG = False
ROOT_URLCONF = "benchmarks.urls"
LOGGING_CONFIG = None
