from django.apps import AppConfig
from django.conf import settings

from operations import errors


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        if settings.SENTRY_DSN:
            errors.start(settings.SENTRY_DSN, settings.RELEASE)
