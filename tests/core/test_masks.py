"""Sensitive values on a page: masked, or opened by right, with a second factor and a reason, on record."""

import json

import pytest

from tests import world
from zaidao.accounts.models import User
from zaidao.core import masks
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
ID, PHONE, VERB = "110101199001011237", "13912345678", "people.reveal"


def test_shown_values_are_masked() -> None:
    user = User(work_no="U1", phone=PHONE)
    assert masks.shown(user, "phone") == "139******78"
    assert masks.shown(User(work_no="x"), "phone") == ""


def reveal(who: str, made: world.World, **more: object) -> dict[str, str]:
    asked = {"fields": ["id_no"], "reason": "核对档案", "confirmed": True} | more
    return masks.reveal(actor=made.users[who], verb=VERB, obj=made.people["at_branch"], **asked)  # type: ignore[arg-type]


@pytest.fixture
def made() -> world.World:
    built = world.build()
    built.people["at_branch"].set_id_no(ID)
    built.people["at_branch"].save()
    return built


@pytest.mark.parametrize("who", ["secretary", "superior", "head", "office"])
def test_the_plain_value_is_given_and_on_record(made: world.World, who: str) -> None:
    assert reveal(who, made) == {"id_no": ID}
    entry = Entry.objects.get()
    assert (entry.actor, entry.verb, entry.reason) == (made.users[who].pk, VERB, "核对档案")
    assert entry.object_id == str(made.people["at_branch"].pk)
    assert entry.path == made.orgs["branch"].path
    assert ID not in json.dumps(entry.changes, ensure_ascii=False)
    assert "id_no" in json.dumps(entry.changes)


@pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
def test_nobody_else_gets_it(made: world.World, who: str) -> None:
    with pytest.raises(Denied):
        reveal(who, made)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("more", [
    {"confirmed": False}, {"reason": "  看看 "}, {"reason": ""}, {"fields": []}, {"fields": ["id_no", "phone", "name"]},
    {"fields": ["name"]}, {"fields": ["no_such"]}, {"fields": ["user__phone"]},
])
def test_without_second_factor_reason_or_field_it_is_refused(made: world.World, more: dict[str, object]) -> None:
    with pytest.raises(Refused):
        reveal("secretary", made, **more)
    assert not Entry.objects.exists()
