"""allauth's pages, mounted one by one under its own names: no sign-up, no mail, no reset by mail, no linking of outside accounts."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as sessions
from django.conf import settings
from django.urls import path

from zaidao.accounts.views.sign_in import SignIn, away

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-in/inactive/", account.account_inactive, name="account_inactive"),
    path("sign-in/factor/", factor.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkey.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", account.logout, name="account_logout"),
    path("me/password/", account.password_change, name="account_change_password"),
    path("me/password/set/", account.password_set, name="account_set_password"),
    path("me/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("me/confirm/factor/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("me/confirm/passkey/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("me/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("me/factors/", factor.index, name="mfa_index"),
    path("me/factors/totp/", totp.activate_totp, name="mfa_activate_totp"),
    path("me/factors/totp/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/factors/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("me/factors/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("me/factors/passkeys/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("me/factors/passkeys/new/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("me/factors/passkeys/<int:pk>/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
    path("me/factors/passkeys/<int:pk>/remove/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
]

SINGLE_SIGN_ON = [
    path("sign-in/oidc/<slug:provider_id>/", away(oidc.login), name="openid_connect_login"),
    path("sign-in/oidc/<slug:provider_id>/callback/", away(oidc.callback), name="openid_connect_callback"),
    path("sign-in/oidc-cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/oidc-error/", social.login_error, name="socialaccount_login_error"),
]
if settings.OIDC:
    urlpatterns += SINGLE_SIGN_ON
