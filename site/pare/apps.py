from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PareConfig(AppConfig):
    """The project itself, an app for its commands."""

    name = "pare"
    verbose_name = _("Projet PARÉ")

    def ready(self) -> None:
        # The models are loaded by now.
        from pare.choosers import patch_wagtail_choosers  # noqa: PLC0415

        patch_wagtail_choosers()
