from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "zaidao.shell"
    label = "shell"
    verbose_name = "外壳"
