"""What was exported and is imported again changes nothing: for the sample group, and for whatever people may have typed."""

from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import world
from tests.organisations.books import commit, sheets, upload
from tests.organisations.roster import id_no
from tests.organisations.test_export import asked
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import access, scope, scrub
from zaidao.core.errors import Refused
from zaidao.core.models import Message
from zaidao.core.plans import Plan
from zaidao.organisations import export
from zaidao.organisations.actions import people, posts, rename
from zaidao.organisations.models import Appointment, Organisation, Person, Post
from zaidao.sheets.flaw import seen
from zaidao.sheets.values import literal, unmarked

pytestmark = pytest.mark.django_db
SAMPLE = (files("zaidao.diagnosis") / "demo" / "haiwan-group.xlsx").read_bytes()
SIGNS = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
TEXT = st.text(SIGNS, max_size=12) | st.sampled_from([
    "=1+1", "+86", "-", "@x", "'x", "''x", "'=x", "同上", "清空", "无", "#REF!", "＝全角", "００１２", " 两头空 ", "甲\n乙", "\t制表",
    "0012", "1e5", "TRUE", "2024-01-01", "合计", "示例", "备注:甲", "*", "张*三", "“", '"', "1,000", "—", "NULL", "至今",
])

PHONES = st.sampled_from(["", "13800138000", "0571-88888888", "+86 138-0013-8000"])


def back(user: User, **how: Any) -> Plan:
    """Export everything and plan its import."""
    user = User.objects.get(pk=user.pk)
    with scope.scope(access.holder(user)):
        data = export.workbook(actor=user, asked=asked(**how)).data
    return upload(user, data)


def unchanged(plan: Plan) -> None:
    odd = [(r.table, r.key, r.state, r.reason, {k: v for k, v in r.fields.items() if v.get("differs") or v.get("reason")})
           for r in plan.rows.exclude(state="unchanged")]
    assert odd == []
    assert plan.total > 0


def test_the_sample_group_comes_in_whole_and_goes_round(db: None) -> None:
    admin = User.objects.create(work_no="admin", name="管理员")
    AdminDuty.objects.create(user=admin, duty="system")
    plan = commit(upload(admin, SAMPLE))
    assert plan.counts["outcomes"] == {"applied": 704}
    assert (Organisation.everything.count(), Person.everything.count(), Appointment.everything.count()) == (48, 448, 208)
    again = back(admin)
    unchanged(again)
    assert again.total == 704
    told = Message.objects.count()
    assert commit(again).counts["outcomes"] == {"skipped": 704}
    assert Message.objects.count() == told
    unchanged(back(admin, whole=True, confirmed=True, reason="上级核查党籍"))


def test_every_view_of_the_tests_world_goes_round() -> None:
    made = world.build()
    for person in made.people.values():
        person.set_id_no(id_no(serial=f"{person.pk % 1000:03d}"))
        person.save()
    for who in ("head", "superior", "secretary"):
        unchanged(back(made.users[who]))


def test_holders_from_outside_ones_scope_go_round() -> None:
    """A post in one's own organisation held by somebody whose roster one does not see."""
    made = world.build()
    world.appoint(made.people["at_quay"], made.orgs["branch"], "委员")
    unchanged(back(made.users["secretary"]))


@pytest.mark.parametrize("text", ["", "  ", "\x1b", "\u200b\ufeff", "\u3000", "\x1b\n"])
def test_names_and_titles_that_nobody_can_see_are_refused(text: str) -> None:
    """No sheet could hold them: they would come back as missing."""
    made = world.build()
    office = made.users["office"]
    with scope.scope(access.holder(office)):
        with pytest.raises(Refused, match="岗位名称"):
            posts.create(actor=office, organisation=made.orgs["branch"], title=text)
        with pytest.raises(Refused, match="姓名"):
            people.edit(actor=office, person=made.people["at_branch"], changes={"name": text}, version=None)
        with pytest.raises(Refused, match="名称"):
            rename.rename(actor=office, organisation=made.orgs["branch"].pk, name=text, document_no="1号", effective_on=date(2026, 1, 5))
    assert scrub.visible(f" 甲{text}") == seen(f"甲{text}").strip()


@given(TEXT)
def test_a_text_in_a_cell_is_read_back_as_it_was(text: str) -> None:
    assert unmarked(literal(text)) == text


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(typed=(("", "", "", "", "", ""), ("\x1b", "", "", "", "", ""), ("", "", "", "\x1b", "", "")))
@given(typed=st.tuples(*[st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT, PHONES)] * 3))
def test_whatever_was_typed_goes_round(hall: world.World, typed: tuple[tuple[str, ...], ...]) -> None:
    """Three people, organisations and posts in one workbook."""
    with transaction.atomic():
        for n, (place, texts) in enumerate(zip(("branch", "sibling", "company"), typed, strict=True)):
            fill(hall, place, f"职务{n}", *texts)
        for how in ({}, {"whole": True, "confirmed": True, "reason": "上级核查党籍"}):
            unchanged(back(hall.users["superior"], **how))
        transaction.set_rollback(True)


def fill(hall: world.World, place: str, otherwise: str, name: str, occupation: str, unit: str, title: str, basis: str, phone: str) -> None:
    person = hall.people[f"at_{place}"]
    person.name, person.occupation = (scrub.visible(name) or "某")[:60], occupation[:80]
    person.set_phone(phone)
    person.save()
    Organisation.everything.filter(code=f"O-{place}").update(unit=unit[:120])
    post = Post.everything.create(organisation=hall.orgs[place], title=scrub.visible(title) or otherwise, domain="")
    Appointment.everything.create(post=post, person=person, basis=basis[:80])


@pytest.fixture
def hall(db: None) -> world.World:
    return world.build()


def test_masked_cells_mean_unchanged() -> None:
    made = world.build()
    made.people["at_branch"].set_id_no(id_no())
    made.people["at_branch"].save()
    user = made.users["secretary"]
    with scope.scope(access.holder(user)):
        data = export.workbook(actor=user, asked=asked("person")).data
    assert id_no() not in str(sheets(data))
    commit(upload(user, data))
    assert Person.everything.get(code="P-branch").id_no == id_no()
