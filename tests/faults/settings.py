"""Production, soon giving up and soon trying again: the settings of the processes under fault."""

import os

from django.core.mail.utils import DNS_NAME

from pare.settings.production import *  # noqa: F403
from pare.settings.production import MEDIA_ROOT, PRIVATE_ROOT, storages

# Found where they are written: collecting them takes longer than the tests.
STORAGES = storages(
    media=MEDIA_ROOT,
    private=PRIVATE_ROOT,
    static="django.contrib.staticfiles.storage.StaticFilesStorage",
)
WHITENOISE_USE_FINDERS = True

# The people of the traffic have no telephone.
MFA_REQUIRED = False

EMAIL_TIMEOUT = 1
OUTBOX_LEASE_SECONDS = NEWSLETTER_LEASE_SECONDS = 4
OUTBOX_RETRY_SECONDS = NEWSLETTER_RETRY_SECONDS = 0.5
WORK_LEASE_SECONDS = 3

# The name with which this process greets the mail server, which gives it to the test.
DNS_NAME._fqdn = f"{os.getpid()}.worker.invalid"
