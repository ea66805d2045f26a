"""The settings of a worker in a process of its own, with the files of the test that starts it."""

import os
from pathlib import Path

from pare.settings.base import storages
from tests.background.quick_settings import *  # noqa: F403

_files = Path(os.environ["PARE_TEST_FILES"])
MEDIA_ROOT, PRIVATE_ROOT = _files / "media", _files / "private"
STORAGES = storages(
    media=MEDIA_ROOT,
    private=PRIVATE_ROOT,
    static="django.contrib.staticfiles.storage.StaticFilesStorage",
)
