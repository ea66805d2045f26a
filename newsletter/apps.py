from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = _("Lettre d'information")

    def ready(self) -> None:
        # They import the models.
        from newsletter import previews, signals  # noqa: F401, PLC0415
