from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    name = "zaidao.institutions"
    label = "institutions"
    verbose_name = "制度"

    def ready(self) -> None:
        from zaidao.institutions import access  # noqa: F401  declares verbs
