from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "zaidao.carriers"
    label = "carriers"
    verbose_name = "会议和活动"

    def ready(self) -> None:
        from zaidao.carriers import access  # noqa: F401  declares verbs
