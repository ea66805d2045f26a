from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "outbox"
    verbose_name = _("E-mails à envoyer")

    def ready(self) -> None:
        # The models are loaded by now.
        from outbox import signals  # noqa: F401, PLC0415

        # They name their letters.
        autodiscover_modules("email_labels")
