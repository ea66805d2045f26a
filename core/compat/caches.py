"""The modules of Wagtail that keep values in Django's cache until they delete them."""

from __future__ import annotations

from typing import Any

from wagtail import coreutils, signal_handlers
from wagtail.models import sites

# The root paths of sites, and the names of languages; each knows the cache as ``cache``.
SHARING_MODULES: tuple[Any, ...] = (coreutils, signal_handlers, sites)
