from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "zaidao.organisations"
    label = "organisations"
    verbose_name = "组织"

    def ready(self) -> None:
        from zaidao.organisations import (
            access,  # noqa: F401  declares verbs and where grants come from
            imports,  # noqa: F401  declares what can be imported
            search,  # noqa: F401  declares what can be found
        )
        from zaidao.organisations.panels import imports as waiting  # noqa: F401
        from zaidao.organisations.panels import people, posts, tree  # noqa: F401  what pages show of them, and the menu
        from zaidao.organisations.queries import rights  # noqa: F401  what becomes of rights when organisations end
