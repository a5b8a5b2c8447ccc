"""The whole tree of a day by the query that pages take it from level by level."""

from datetime import date

from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import tree


def whole(day: date) -> list[tree.Node]:
    """Every organisation in scope that stood on a day, superiors before subordinates."""
    return sorted(tree.nodes(tree.these(Organisation.everything.values_list("pk", flat=True), day)), key=lambda n: n.path)
