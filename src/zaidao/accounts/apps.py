from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zaidao.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from zaidao.accounts import access, navigation, panels, recorded  # noqa: F401  declare roles, verbs, entries of the menu, words

        self._listen()
        from zaidao.accounts import factor_secrets

        factor_secrets.tell_keys()

    @staticmethod
    def _listen() -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        from zaidao.accounts import factors, sessions

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.session_begins")
        authenticator_added.connect(factors.added, dispatch_uid="accounts.factor_added")
        authenticator_removed.connect(factors.removed, dispatch_uid="accounts.factor_removed")
