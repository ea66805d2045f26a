from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = _("Relecture")

    def ready(self) -> None:
        # The models are loaded by now.
        from review import guarding  # noqa: F401, PLC0415
