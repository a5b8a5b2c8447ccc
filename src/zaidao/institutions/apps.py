from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    name = "zaidao.institutions"
    label = "institutions"
    verbose_name = "制度"

    def ready(self) -> None:
        from zaidao.core import rulebook
        from zaidao.institutions import (
            access,  # noqa: F401  declares verbs
            burden,  # noqa: F401  declares what was asked of organisations
            consequences,  # noqa: F401  what becomes of duties when organisations change
            panels,  # noqa: F401  declares what pages show, and the menu
            search,  # noqa: F401  declares what can be found
        )
        from zaidao.institutions.queries import values

        rulebook.told_by(values.read)
