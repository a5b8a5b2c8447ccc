"""The tests' own world stands, and scope closes it to those who may not see it."""

import pytest

from tests import world
from zaidao.core import access, scope
from zaidao.organisations.models import Organisation, Person

pytestmark = pytest.mark.django_db

SEES = {
    "head": {"group", "company", "branch", "sibling", "other", "quay"},
    "office": {"group", "company", "branch", "sibling", "other", "quay"},
    "superior": {"company", "branch", "sibling"}, "secretary": {"branch"}, "sibling_secretary": {"sibling"}, "member": {"branch"},
    "nobody": set[str](),
}


@pytest.mark.parametrize("key", sorted(SEES))
def test_a_person_sees_the_subtrees_of_posts_held(key: str) -> None:
    made = world.build()
    with scope.scope(access.holder(made.users[key])):
        assert {o.code.removeprefix("O-") for o in Organisation.objects.all()} == SEES[key]
        roster = {p.code.removeprefix("P-") for p in Person.objects.filter(code__startswith="P-")}
        assert roster == (set() if key == "member" else SEES[key])


def test_without_a_scope_nothing_can_be_asked() -> None:
    with pytest.raises(scope.NoScope):
        Organisation.objects.count()
