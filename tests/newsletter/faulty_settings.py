"""Settings of the workers that fault tests kill: soon given up, soon trying again."""

import os

from django.core.mail.utils import DNS_NAME

from pare.settings.test import *  # noqa: F403

OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["SINK_PORT"])
EMAIL_TIMEOUT = 2
NEWSLETTER_LEASE_SECONDS = OUTBOX_LEASE_SECONDS = 3
NEWSLETTER_RETRY_SECONDS = OUTBOX_RETRY_SECONDS = 0.2

# The name with which this worker greets the server, which gives it to the test.
DNS_NAME._fqdn = f"{os.getpid()}.worker.invalid"
