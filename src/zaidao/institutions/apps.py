from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    name = "zaidao.institutions"
    label = "institutions"
    verbose_name = "制度"

    def ready(self) -> None:
        from zaidao.institutions import access, panels  # noqa: F401  declares verbs; what pages show, and the menu
        from zaidao.institutions import burden, search  # noqa: F401  declares what was asked of organisations, and what can be found
