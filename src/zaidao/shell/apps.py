from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "zaidao.shell"
    label = "shell"
    verbose_name = "外壳"

    def ready(self) -> None:
        from zaidao.core import menu

        menu.item("首页", "shell:home", order=0)
        menu.item("说明", "shell:about", section="help", order=90)
