from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    name = "figures"
    verbose_name = _("Fréquentation")

    def ready(self) -> None:
        # The models are loaded by now.
        from figures import signals  # noqa: F401, PLC0415
