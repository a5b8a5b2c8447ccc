"""What allauth asks us: nobody signs up, nothing is mailed, secrets lie encrypted, and every sign-in is on record."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from zaidao.accounts import factors, logins, sessions
from zaidao.accounts.access import CHANGE_PASSWORD, SIGN_IN
from zaidao.accounts.models import User
from zaidao.core import audit, crypto

PURPOSE = "accounts.factor"  # purpose that binds the ciphertext of a factor's secret
TOO_MANY = "尝试次数过多,请稍后再试。"
WRONG = "工号(手机号)或密码不对。"
NO_ACCOUNT = "统一身份认证已通过,但这里没有与您的工号对应的、可以登录的账号。请联系系统管理员。"


class Account(DefaultAccountAdapter):
    """Passwords and sessions."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG, "invalid_login": WRONG, "too_many_login_attempts": TOO_MANY, "rate_limited": TOO_MANY,
        "incorrect_password": "密码不对。", "enter_current_password": "现在的密码不对。", "incorrect_code": "验证码不对。",
        "account_inactive": WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        """Limit attempts from one address on many names; axes limits those on one name."""
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action="sign_in")
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def login(self, request: HttpRequest, user: Any) -> None:
        with transaction.atomic():
            super().login(request, user)
            audit.record(user, SIGN_IN, user)

    def set_password(self, user: Any, password: str) -> None:
        """A new password of one's own; every other session ends with it."""
        with transaction.atomic():
            super().set_password(user, password)
            audit.record(user, CHANGE_PASSWORD, user, changes={"password": audit.HIDDEN})
        sessions.end_others(user, self.request.session)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor confirms with it: a password alone would undo what the factor is for."""
        methods = super().get_reauthentication_methods(user)
        words = {"reauthenticate": "用密码", "mfa_reauthenticate": "用动态口令或备用码", "mfa_reauthenticate:webauthn": "用通行密钥"}
        named = [m | {"description": words.get(m["id"], m["description"])} for m in methods]
        return [m for m in named if m["id"].startswith("mfa")] if factors.has(user) else named


class Factors(DefaultMFAAdapter):
    """Second factors: their secrets lie encrypted, their names say who and where."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": "验证码不对,或已经用过。请等下一个再试。"}

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Where its key is lost no code is right any more: a code from the security administrator helps."""
        try:
            return crypto.decrypt(encrypted_text, PURPOSE)
        except crypto.KeyMissing:
            raise self.validation_error("incorrect_code") from None

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        return f"通行密钥{Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def get_totp_label(self, user: Any) -> str:
        return str(user.work_no)

    def _get_site_name(self) -> str:
        return "载道"


class SingleSignOn(DefaultSocialAccountAdapter):
    """Whoever another system vouches for enters as the account with the same work number, every time anew; nobody is created."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:  # noqa: ARG002
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        user = self._claimed(sociallogin)
        if user is None or sociallogin.state.get("process") not in (None, "login"):
            messages.error(request, NO_ACCOUNT)
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        sociallogin.user = user

    @staticmethod
    def _claimed(sociallogin: SocialLogin) -> User | None:
        """The account of the work number that the other system names."""
        told = sociallogin.account.extra_data or {}
        told = told.get("userinfo") or told.get("id_token") or told
        number = told.get(settings.OIDC_CLAIM)
        work_no = logins.plain(number) if isinstance(number, str) else ""
        return User.objects.filter(work_no=work_no, is_active=True).first() if work_no else None
