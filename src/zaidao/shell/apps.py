from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "zaidao.shell"
    label = "shell"
    verbose_name = "外壳"

    def ready(self) -> None:
        from django.conf import settings

        from zaidao.accounts.access import HEALTH_READ
        from zaidao.core import menu
        from zaidao.shell import access  # noqa: F401  declares verbs
        from zaidao.shell.burden import panels  # noqa: F401  what the organisation's page shows, and the menu
        from zaidao.shell.search import rules  # noqa: F401  what is found of the catalogue

        menu.item("首页", "shell:home", order=0)
        menu.item("运行状况", "shell:health", section="system", order=90, verb=HEALTH_READ)
        menu.item("说明", "shell:about", section="help", order=90)
        if settings.DEMO:
            from zaidao.accounts import demo
            from zaidao.shell.demo import persons, world

            persons.offer()
            demo.only_where(world.ours)
