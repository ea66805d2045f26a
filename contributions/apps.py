from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ContributionsConfig(AppConfig):
    name = "contributions"
    verbose_name = _("Contributions")

    def ready(self) -> None:
        # The models are loaded by now.
        from contributions import lifecycle, review_queue, signals  # noqa: F401, PLC0415
        from contributions.library import own_files  # noqa: PLC0415
        from core.handover import Work, register_work  # noqa: PLC0415
        from review.files import register_own_files  # noqa: PLC0415

        register_own_files(own_files)
        register_work(Work(_("Contributions"), lifecycle.open_contributions_of, lifecycle.assign))
        autodiscover_modules("drafts")
