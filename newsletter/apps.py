from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = _("Lettre d'information")

    def ready(self) -> None:
        from newsletter import previews  # noqa: F401, PLC0415 (it imports the models)
