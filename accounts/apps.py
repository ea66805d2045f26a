from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    """How people sign in, and what becomes of their accounts."""

    name = "accounts"
    verbose_name = _("Comptes")
    default = True

    def ready(self) -> None:
        # The models are loaded by now.
        from accounts import checks, email_labels, signals  # noqa: F401, PLC0415


class WagtailAccountsConfig(WagtailUsersAppConfig):
    """Wagtail's app of accounts, with our screens in the place of its own."""

    group_viewset = "accounts.group_views.GroupViewSet"
    user_viewset = "accounts.account_views.UserViewSet"
