from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = _("Relecture")

    def ready(self) -> None:
        # The models are loaded by now.
        from review import notices, reporting  # noqa: F401, PLC0415
        from review.inheritance import patch_wagtail_copies  # noqa: PLC0415
        from review.recording import patch_wagtail_revisions  # noqa: PLC0415

        patch_wagtail_revisions()
        patch_wagtail_copies()
        notices.patch_wagtail_notifications()
