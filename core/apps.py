from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Socle")

    def ready(self) -> None:
        # The models are loaded by now.
        from core import checks, signals  # noqa: F401, PLC0415
        from core.admin.avatars import patch_wagtail_avatars  # noqa: PLC0415
        from core.admin.dates import patch_wagtail_dates  # noqa: PLC0415
        from core.admin.french import (  # noqa: PLC0415
            patch_wagtail_labels,
            patch_wagtail_localize_dates,
            patch_wagtail_permissions,
            patch_wagtail_tables,
        )
        from core.admin.page_types import patch_wagtail_page_types  # noqa: PLC0415
        from core.admin.refusals import patch_wagtail_refusals  # noqa: PLC0415
        from core.admin.reports import patch_wagtail_reports  # noqa: PLC0415
        from core.admin.slugs import patch_wagtail_slugs  # noqa: PLC0415
        from core.languages.localize_patch import patch_wagtail_localize  # noqa: PLC0415
        from core.plain_text import patch_null_validator  # noqa: PLC0415
        from core.spreadsheets.writer import patch_wagtail_exports  # noqa: PLC0415
        from core.web.request_memory import patch_wagtail_caches  # noqa: PLC0415
        from core.web.site_addresses import patch_wagtail_addresses  # noqa: PLC0415

        patch_null_validator()
        patch_wagtail_caches()
        patch_wagtail_addresses()
        patch_wagtail_exports()
        patch_wagtail_localize()
        patch_wagtail_avatars()
        patch_wagtail_dates()
        patch_wagtail_labels()
        patch_wagtail_localize_dates()
        patch_wagtail_permissions()
        patch_wagtail_tables()
        patch_wagtail_page_types()
        patch_wagtail_refusals()
        patch_wagtail_reports()
        patch_wagtail_slugs()
        autodiscover_modules("schemas", "listings")
