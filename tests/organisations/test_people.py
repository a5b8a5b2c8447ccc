"""The roster's verbs and judgements: who may, what is refused and how it is said, what is written and recorded."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import world
from tests.organisations.roster import TODAY, id_no
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.engine import catalogue
from zaidao.organisations.actions import account, people, standing
from zaidao.organisations.actions.refusals import Conflict, Flawed
from zaidao.organisations.decisions import people as judge
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.models import Appointment, Membership, Person, Step

CLOCKS = Clocks.of(catalogue.load())
D = date


# --- judgements ---------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("number", "born", "gender", "field"), [
    ("", None, "", None), (id_no(), None, "", None), (id_no(), D(1990, 2, 3), "男", None), (id_no(serial="124"), None, "女", None),
    ("123", None, "", "id_no"), (id_no()[:-1] + ("1" if id_no()[-1] != "1" else "2"), None, "", "id_no"),
    (id_no(born="19900231"), None, "", "id_no"), (id_no(), D(1991, 2, 3), "", "born_on"), (id_no(), None, "女", "gender"),
])
def test_an_identity_number_agrees_with_itself_and_with_the_rest(number: str, born: date | None, gender: str, field: str | None) -> None:
    assert list(judge.identity_flaws(number, born, gender)) == ([field] if field else [])


@pytest.mark.parametrize(("category", "dates", "fields"), [
    ("full", {"joined_on": D(2020, 1, 1), "full_since": D(2021, 1, 1), "born_on": D(1990, 1, 1)}, set()),
    ("full", {"joined_on": D(2021, 1, 1), "full_since": D(2020, 1, 1)}, {"full_since"}),
    ("full", {"born_on": D(2021, 1, 1), "joined_on": D(2020, 1, 1)}, {"joined_on"}),
    ("full", {"joined_on": TODAY + timedelta(days=1)}, {"joined_on"}),
    ("activist", {"joined_on": D(2020, 1, 1)}, {"joined_on"}), ("probationary", {"full_since": D(2020, 1, 1)}, {"full_since"}),
    ("full", {"extended_to": D(2027, 1, 1)}, {"extended_to"}), ("probationary", {"extended_to": D(2027, 1, 1)}, set()),
    ("employee", {}, set()),
])
def test_dates_agree_with_each_other_and_with_the_category(category: str, dates: dict[str, date], fields: set[str]) -> None:
    assert set(judge.date_flaws(judge.Standing(category, **dates), TODAY)) == fields


@pytest.mark.parametrize(("who", "to", "on", "reason", "field"), [
    (judge.Standing("employee"), "activist", D(2026, 1, 1), "", None),
    (judge.Standing("employee"), "full", D(2026, 1, 1), "", "to"),
    (judge.Standing("activist", activist_since=D(2025, 1, 1)), "candidate", D(2026, 1, 1), "", None),
    (judge.Standing("activist", activist_since=D(2025, 1, 2)), "candidate", D(2026, 1, 1), "", "on"),
    (judge.Standing("activist"), "candidate", D(2026, 1, 1), "", None),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), "full", D(2026, 3, 1), "", None),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), "full", D(2026, 2, 28), "", "on"),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1), extended_to=D(2026, 9, 1)), "full", D(2026, 8, 31), "", "on"),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), "employee", D(2026, 3, 1), "", "reason"),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), "employee", D(2026, 3, 1), "支部大会决议", None),
    (judge.Standing("full", joined_on=D(2025, 3, 1)), "probationary", D(2026, 3, 1), "x", "to"),
    (judge.Standing("activist"), "candidate", TODAY + timedelta(days=1), "", "on"),
    (judge.Standing("candidate", activist_since=D(2025, 1, 1)), "probationary", D(2024, 1, 1), "", "on"),
])
def test_categories_change_along_the_steps(who: judge.Standing, to: str, on: date, reason: str, field: str | None) -> None:
    assert list(judge.step_flaws(who, to, on, reason, day=TODAY, clocks=CLOCKS)) == ([field] if field else [])


def test_a_step_sets_its_date_and_a_step_back_takes_dates_away() -> None:
    assert judge.dates_after(judge.Standing("candidate"), "probationary", TODAY) == {"joined_on": TODAY}
    extended = judge.Standing("probationary", joined_on=D(2025, 1, 1), extended_to=D(2026, 7, 1))
    assert judge.dates_after(extended, "full", TODAY) == {"full_since": TODAY, "extended_to": None}
    assert judge.dates_after(extended, "employee", TODAY) == {"joined_on": None, "extended_to": None}


@pytest.mark.parametrize(("who", "until", "fits"), [
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), D(2026, 9, 1), True),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), D(2027, 3, 1), True),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), D(2026, 8, 31), False),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1)), D(2027, 3, 2), False),
    (judge.Standing("probationary", joined_on=D(2025, 3, 1), extended_to=D(2026, 9, 1)), D(2027, 3, 1), False),
    (judge.Standing("probationary"), D(2026, 9, 1), False), (judge.Standing("full", joined_on=D(2025, 3, 1)), D(2026, 9, 1), False),
])
def test_a_probation_is_extended_once_by_half_a_year_to_a_year(who: judge.Standing, until: date, *, fits: bool) -> None:
    assert (judge.extension_flaws(who, until, "支部大会决议", CLOCKS) == {}) is fits


# --- verbs --------------------------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def register(made: world.World, by: str = "secretary", at: str = "branch", **facts: Any) -> Person:
    told = {"name": "单小明", "category": "activist"} | facts
    return people.register(actor=made.users[by], organisation=made.orgs[at], since=D(2026, 1, 5), facts=told)


def said(do: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(Flawed) as flawed:
        do()
    return flawed.value.fields


def test_registering_writes_person_membership_record_and_news() -> None:
    made = world.build()
    number = id_no()
    person = register(made, id_no=number, phone="13800001111")
    person = Person.everything.get(pk=person.pk)
    assert (person.pinyin, person.initials, person.pinyin_other) == ("shanxiaoming", "sxm", "danxiaoming")
    assert (person.born_on, person.gender, person.id_no) == (D(1990, 2, 3), "男", number)
    assert person.code.startswith("RY")
    assert list(Membership.everything.filter(person=person).values_list("organisation", "since", "until")) == [
        (made.orgs["branch"].pk, D(2026, 1, 5), None)]
    entry = Entry.objects.get(object_type="organisations.person", object_id=str(person.pk))
    assert (entry.verb, entry.path, entry.actor) == ("people.register", made.orgs["branch"].path, made.users["secretary"].pk)
    assert number not in str(entry.changes)
    assert "13800001111" not in str(entry.changes)
    assert Message.objects.filter(topic="organisations.person_registered", subject=person.pk).count() == 1


@pytest.mark.parametrize("by", ["sibling_secretary", "member", "nobody"])
def test_others_cannot_register(by: str) -> None:
    made = world.build()
    with pytest.raises(access.Denied):
        register(made, by)
    assert not Person.everything.filter(name="单小明").exists()


def test_a_number_is_registered_once_and_strangers_are_not_told_where() -> None:
    made = world.build()
    register(made, by="office", at="quay", name="密语号主", id_no=id_no())
    told = said(lambda: register(made, id_no=id_no()))
    assert told == {"id_no": people.TAKEN}
    assert "码头" not in str(told)
    assert "号主" not in str(told)
    assert "号主" in said(lambda: register(made, by="office", id_no=id_no()))["id_no"]


def test_the_database_itself_refuses_a_number_twice() -> None:
    made = world.build()
    register(made, id_no=id_no())
    twin = Person(code="X", name="乙", category="full", organisation=made.orgs["quay"])
    twin.set_id_no(id_no())
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_of_two_that_register_one_number_at_once_the_later_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check sees nothing yet; the constraint does."""
    made = world.build()
    register(made, by="office", at="quay", id_no=id_no())
    monkeypatch.setattr(people, "holder_of", lambda *_: None)
    assert said(lambda: register(made, id_no=id_no())) == {"id_no": people.TAKEN}
    assert Person.everything.filter(name="单小明").count() == 1


def test_flaws_are_said_by_field_and_nothing_is_written() -> None:
    made = world.build()
    before = Person.everything.count()
    assert set(said(lambda: register(made, name=" ", phone="abc", id_no="1"))) == {"name", "phone", "id_no"}
    assert set(said(lambda: register(made, category="党员"))) == {"category"}
    twice = lambda: people.register(  # noqa: E731
        actor=made.users["secretary"], organisation=made.orgs["branch"], since=None, code="P-quay",
        facts={"name": "乙", "category": "full"},
    )
    assert set(said(twice)) == {"code"}
    assert Person.everything.count() == before


def test_editing_asks_for_the_version_and_says_what_stands_there() -> None:
    made = world.build()
    person = made.people["at_branch"]
    seen = Person.everything.get(pk=person.pk).version
    people.edit(actor=made.users["secretary"], person=person, changes={"education": "本科", "phone": "13900002222"}, version=seen)
    with pytest.raises(Conflict) as conflict:
        people.edit(
            actor=made.users["secretary"], person=person, version=seen,
            changes={"education": "大专", "phone": "13700003333", "name": person.name},
        )
    assert conflict.value.theirs == {"education": "本科", "phone": "已改动"}
    row = Person.everything.get(pk=person.pk)
    assert (row.education, row.phone, row.version) == ("本科", "13900002222", seen + 1)
    changes = Entry.objects.filter(object_type="organisations.person", object_id=str(person.pk)).latest("pk").changes
    assert changes == {"education": ["", "本科"], "phone": "已改动"}


def test_editing_without_a_change_writes_nothing() -> None:
    made = world.build()
    person = Person.everything.get(pk=made.people["at_branch"].pk)
    people.edit(actor=made.users["secretary"], person=person, changes={"name": person.name}, version=person.version)
    assert Person.everything.get(pk=person.pk).version == person.version
    assert not Entry.objects.exists()


def test_who_may_is_asked_where_the_person_is_now() -> None:
    """The row in hand still says 机关支部; the person has moved on meanwhile."""
    made = world.build()
    stale = Person.everything.select_related("organisation").get(pk=made.people["at_branch"].pk)
    Person.everything.filter(pk=stale.pk).update(organisation=made.orgs["sibling"])
    with pytest.raises(access.Denied):
        people.edit(actor=made.users["secretary"], person=stale, changes={"education": "本科"}, version=None)


def test_steps_change_category_dates_and_leave_a_row() -> None:
    made = world.build()
    secretary = made.users["secretary"]
    person = register(made, category="activist", activist_since=D(2024, 5, 1))
    standing.step(actor=secretary, person=person, to="candidate", on=D(2025, 5, 10), basis="支委会")
    standing.step(actor=secretary, person=person, to="probationary", on=D(2025, 9, 1), basis="支部大会")
    row = Person.everything.get(pk=person.pk)
    assert (row.category, row.joined_on) == ("probationary", D(2025, 9, 1))
    standing.step(actor=secretary, person=person, to="employee", on=D(2026, 9, 1), reason="支部大会决定取消")
    row.refresh_from_db()
    assert (row.category, row.joined_on, row.activist_since) == ("employee", None, None)
    assert Step.everything.filter(person=person).last().dates == {"joined_on": "2025-09-01", "activist_since": "2024-05-01"}
    assert [s.after for s in Step.everything.filter(person=person)] == ["candidate", "probationary", "employee"]


def test_a_step_out_of_order_is_refused_with_what_may_follow() -> None:
    made = world.build()
    person = register(made, category="employee")
    told = said(lambda: standing.step(actor=made.users["secretary"], person=person, to="full", on=D(2026, 2, 1)))
    assert told == {"to": "群众不能直接变为正式党员;可以变为:入党积极分子。"}
    assert not Step.everything.exists()


def test_probation_is_extended_with_a_reason_and_once() -> None:
    made = world.build()
    person = register(made, category="probationary", joined_on=D(2025, 12, 1))
    extend = lambda: standing.extend_probation(  # noqa: E731
        actor=made.users["secretary"], person=person, until=D(2027, 6, 1), reason="支部大会决议",
    )
    assert extend().extended_to == D(2027, 6, 1)
    assert "只能延长一次" in said(extend)["until"]


def test_corrections_of_dates_want_a_reason_and_reach_the_membership() -> None:
    made = world.build()
    person, secretary = made.people["at_branch"], made.users["secretary"]
    dates = {"joined_on": D(2019, 1, 1), "since": D(2020, 2, 2)}
    assert set(said(lambda: standing.correct_dates(actor=secretary, person=person, dates=dates, reason=" "))) == {"reason"}
    standing.correct_dates(actor=secretary, person=person, dates=dates, reason="按志愿书更正")
    assert Person.everything.get(pk=person.pk).joined_on == D(2019, 1, 1)
    assert Membership.everything.get(person=person).since == D(2020, 2, 2)
    told = [e.changes for e in Entry.objects.filter(verb="people.correct")]
    assert {"moved_in_on": ["2020-01-01", "2020-02-02"]} in told
    assert {"joined_on": ["2020-01-01", "2019-01-01"]} in told


def test_leaving_ends_membership_and_posts_on_the_day() -> None:
    made = world.build()
    person = made.people["secretary"]
    day = D(2026, 10, 1)
    left = standing.leave(actor=made.users["superior"], person=person, on=day, why="deceased")
    assert left.organisation is None
    held = Membership.everything.get(person=person)
    assert (held.until, held.end_reason) == (day, "去世")
    assert Appointment.everything.get(person=person).until == day
    with pytest.raises(Refused, match="已不在册"):
        people.edit(actor=made.users["superior"], person=person, changes={"education": "本科"}, version=None)


def test_members_do_not_simply_leave() -> None:
    made = world.build()
    person = made.people["at_branch"]
    told = said(lambda: standing.leave(actor=made.users["secretary"], person=person, on=D(2026, 10, 1), why="left_unit"))
    assert "转接" in told["why"]


def test_reviews_of_activists_are_registered() -> None:
    made = world.build()
    person = register(made, activist_since=D(2026, 1, 1))
    standing.reviewed(actor=made.users["secretary"], person=person, on=D(2026, 7, 1))
    assert Person.everything.get(pk=person.pk).reviewed_on == D(2026, 7, 1)
    told = said(lambda: standing.reviewed(actor=made.users["secretary"], person=made.people["at_branch"], on=D(2026, 7, 1)))
    assert "积极分子" in told["on"]


def test_an_account_is_opened_with_a_code_for_those_within_reach() -> None:
    made = world.build()
    person = made.people["at_branch"]
    user, text = account.open_account(actor=made.users["secretary"], person=person)
    assert (user.work_no, user.name, Person.everything.get(pk=person.pk).user) == (person.code, person.name, user)
    assert text
    assert not user.has_usable_password()
    user.activated_at = timezone.now()
    user.save()
    with pytest.raises(Refused, match="系统管理员"):
        account.open_account(actor=made.users["secretary"], person=person)


def test_nobody_opens_the_account_of_somebody_with_a_post_above_them() -> None:
    """Who hands out the code could sign in with it."""
    made = world.build()
    person = made.people["at_branch"]
    world.appoint(person, made.orgs["company"], "纪委书记")
    with pytest.raises(Refused, match="其他组织任职"):
        account.open_account(actor=made.users["secretary"], person=person)
    with pytest.raises(Refused, match="其他组织任职"):
        account.link(actor=made.users["secretary"], person=person, work_no="U-nobody")
    account.open_account(actor=made.users["superior"], person=person)


def test_an_account_is_linked_only_under_the_same_name() -> None:
    made = world.build()
    person = made.people["at_branch"]
    with pytest.raises(Refused, match="没有找到"):
        account.link(actor=made.users["secretary"], person=person, work_no="U-nobody")
    made.users["nobody"].name = person.name
    made.users["nobody"].save()
    assert account.link(actor=made.users["secretary"], person=person, work_no="U-nobody") == made.users["nobody"]
