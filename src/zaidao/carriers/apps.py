from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "zaidao.carriers"
    label = "carriers"
    verbose_name = "会议和活动"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from zaidao.carriers import (
            access,  # noqa: F401  declares verbs
            burden,  # noqa: F401  declares what was asked of organisations
            consequences,  # noqa: F401  what becomes of plans when organisations end
            navigation,  # noqa: F401  one's own calendar in the menu
            panels,  # noqa: F401  what pages show of meetings, and the menu
            search,  # noqa: F401  declares what can be found
            sessions,
        )
        from zaidao.carriers.month import panels as month  # noqa: F401  the month on the home page, and the day's reminder

        user_logged_out.connect(sessions.end, dispatch_uid="carriers.forgets_drafts")
