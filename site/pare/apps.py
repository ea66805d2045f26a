from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PareConfig(AppConfig):
    """The project itself, an app for its commands."""

    name = "pare"
    verbose_name = _("Projet PARÉ")
