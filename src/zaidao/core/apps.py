from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "zaidao.core"
    label = "core"
    verbose_name = "基础"
