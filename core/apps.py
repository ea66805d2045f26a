from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Socle")

    def ready(self) -> None:
        # The models are loaded by now.
        from core import avatars, checks, exports, localize_patch, signals  # noqa: F401, PLC0415

        exports.guard_wagtail_exports()
        localize_patch.patch_wagtail_localize()
        avatars.clean_avatars()
        autodiscover_modules("schemas", "listings")
