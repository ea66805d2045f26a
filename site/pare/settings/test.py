"""The test suite: fast, silent, alike on every machine.

Only ``DATABASE_URL`` is taken from the environment, since it chooses the engine under test;
what else a developer may have there is overridden.
"""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import CACHES, database_from_url, storages

DEBUG = False
SECRET_KEY = "django-insecure-tests-only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

PUBLIC_URL = ""
WAGTAILADMIN_BASE_URL = "http://localhost:8000"

DATABASES = {"default": database_from_url("DATABASE_URL", "sqlite://:memory:")}
# A connection that outlives its test would keep the test database from being removed.
DATABASES["default"]["CONN_MAX_AGE"] = 0

CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
RESPONSE_CACHE_SECONDS = 0
# A thread would write beside the transaction of a test.
FIGURES_FLUSH_SECONDS = 0

CLAMD_URL = ""

# One folder per process, so that parallel tests don't see each other's files. It goes away with
# this object, when the process ends.
_files = tempfile.TemporaryDirectory(prefix="pare-tests-")
MEDIA_ROOT = Path(_files.name) / "media"
PRIVATE_ROOT = Path(_files.name) / "private"
STORAGES = storages(
    media=MEDIA_ROOT,
    private=PRIVATE_ROOT,
    static="django.contrib.staticfiles.storage.StaticFilesStorage",
)
# Static files are found where they are written: nothing to collect before the tests.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
NEWSLETTER_RATE_PER_MINUTE = 0
BOUNCES_URL = ""
EMAIL_PROVIDER = "postmark"
ANYMAIL = {"WEBHOOK_SECRET": "pare:secret-of-the-tests"}
DEFAULT_FROM_EMAIL = NEWSLETTER_FROM_EMAIL = "Projet PARÉ <ne-pas-repondre@example.org>"

# Its own tests ask for it.
MFA_REQUIRED = False

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGGING_CONFIG = None
METRICS_TOKEN = SENTRY_DSN = ""
ADMINS = []

# Tested as it is for those who have it.
WAGTAIL_API_V2 = True
