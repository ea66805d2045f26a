from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(WagtailUsersAppConfig):
    """Wagtail's app of accounts, with our screens in the place of its own."""

    group_viewset = "review.accounts.groups.GroupViewSet"
    user_viewset = "review.accounts.users.UserViewSet"
