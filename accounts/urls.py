"""Addresses of signing in, before those of Wagtail's administration and in their place."""

from django.urls import path

from accounts import second_factor_views, sign_in
from accounts.invitation_views import InvitationView

urlpatterns = [
    path("login/", sign_in.LoginView.as_view(), name="account_login"),
    path("login/", sign_in.LoginView.as_view(), name="wagtailadmin_login"),
    path("login/code/", sign_in.code, name="mfa_authenticate"),
    path(
        "password_reset/", sign_in.PasswordResetView.as_view(), name="wagtailadmin_password_reset"
    ),
    path(
        "password_reset/confirm/<uidb64>/<token>/",
        sign_in.PasswordResetConfirmView.as_view(),
        name="wagtailadmin_password_reset_confirm",
    ),
    path("connexion/etat/", sign_in.session_state, name="accounts_session"),
    path(
        "connexion/second-facteur/",
        second_factor_views.SetUpView.as_view(),
        name="mfa_activate_totp",
    ),
    path(
        "connexion/second-facteur/codes/",
        second_factor_views.RecoveryCodesView.as_view(),
        name="mfa_view_recovery_codes",
    ),
    path(
        "connexion/second-facteur/confirmer/",
        second_factor_views.ConfirmView.as_view(),
        name="accounts_confirm",
    ),
    path("connexion/invitation/<str:token>/", InvitationView.as_view(), name="accounts_invitation"),
]
