from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Agenda")

    def ready(self) -> None:
        # Once the models are loaded, and not before.
        from events import signals  # noqa: F401, PLC0415
