"""Names of wagtail-localize that no documentation promises."""

from wagtail_localize import models
from wagtail_localize.fields import copy_synchronised_fields

__all__ = ["copy_synchronised_fields", "models"]
