from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zaidao.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from zaidao.accounts import access  # noqa: F401  declares roles and verbs
