"""Import into the living system: what each row would do, what it does, and what it must not do."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.http import Http404
from django.utils import timezone

from tests import canary, world
from tests.organisations.books import book, commit, imported, outcomes, plan_of, row, said, states, upload
from tests.organisations.roster import id_no
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import access, crypto, outbox
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.core.plans import Plan, PlanRow, actions, files
from zaidao.organisations.actions import people
from zaidao.organisations.imports import base, guards, judged
from zaidao.organisations.imports import organisation as org_rows
from zaidao.organisations.imports import person as person_rows
from zaidao.organisations.models import Appointment, Change, Link, Membership, Organisation, Person, Post, Term

pytestmark = pytest.mark.django_db
D = date


@pytest.fixture
def made() -> world.World:
    return world.build()


def org(code: str, parent: str | None, **more: Any) -> dict[str, Any]:
    return {"org_id": code, "name": f"{code}支部", "kind": "党支部", "parent_id": parent} | more


def man(code: str, place: str, **more: Any) -> dict[str, Any]:
    return {"person_id": code, "name": f"某{code}", "org_id": place, "category": "正式党员"} | more


def post(person: str, place: str, title: str, **more: Any) -> dict[str, Any]:
    return {"person_id": person, "org_id": place, "post": title} | more


# --- the whole of it ----------------------------------------------------------------------------------------------------------------

def test_one_workbook_makes_organisations_people_and_appointments(made: world.World) -> None:
    plan = plan_of(
        made.users["head"],
        appointment=[post("N1", "N-1", "书记", domain="党务", since=D(2024, 5, 1), basis="批〔2024〕1号")],
        person=[man("N1", "N-1", joined_on="2019-03-01", full_since="2020-03-01", moved_in_on="2024-01-01", id_no=id_no(),
                    phone="13800000001")],
        organisation=[org("N-1", "N-0", unit="新单位", headcount=30, term_started_on="2024-05-01", term_years=3),
                      org("N-0", "O-group", kind="党委")],
    )
    assert plan.state == Plan.State.READY
    assert states(plan) == ["new"] * 4
    assert [r.key for r in plan.rows.all()][:2] == ["N-0", "N-1"]  # the superior first, whatever the order in the file
    commit(plan)
    assert plan.state == Plan.State.DONE
    assert outcomes(plan) == ["applied"] * 4
    child = Organisation.everything.get(code="N-1")
    assert child.path.startswith(Organisation.everything.get(code="N-0").path)
    assert (child.unit, child.headcount) == ("新单位", 30)
    assert Term.everything.get(organisation=child).started_on == D(2024, 5, 1)
    person = Person.everything.get(code="N1")
    assert (person.organisation, person.id_no, person.phone, person.gender) == (child, id_no(), "13800000001", "男")
    assert person.id_no_index == crypto.blind(id_no(), "organisations.id_no")
    held = Appointment.everything.get(person=person)
    assert (held.post.title, held.since, held.until, held.basis) == ("书记", D(2024, 5, 1), None, "批〔2024〕1号")


def test_the_same_file_again_changes_nothing(made: world.World) -> None:
    tables = {
        "organisation": [org("N-1", "O-company", term_started_on="2024-05-01", term_years="3", headcount="30")],
        "person": [man("N1", "N-1", id_no=id_no(), phone="13800000001", moved_in_on="2024.3", occupation="技术员")],
        "appointment": [post("N1", "N-1", "组织委员", domain="党务", full_time="兼职", since="2024-05-01")],
    }
    imported(made.users["superior"], **tables)
    before = Entry.objects.count(), Message.objects.count()
    again = plan_of(made.users["superior"], **tables)
    assert states(again) == ["unchanged"] * 3
    after = commit(again)
    assert outcomes(after) == ["skipped"] * 3
    assert Message.objects.count() == before[1]
    told = Entry.objects.exclude(object_type="core.plan").order_by("pk")
    assert told.filter(pk__gt=Entry.objects.order_by("pk")[before[0] - 1].pk).count() == 0


def test_each_row_is_an_act_on_record_and_in_the_news(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox.HANDLERS, "organisations.person_registered", {"somebody": lambda message: None})
    imported(made.users["superior"], person=[man("N1", "O-branch"), man("N2", "O-sibling", name="李四")])
    made_now = {p.pk: p for p in Person.everything.filter(code__in=["N1", "N2"])}
    acts = Entry.objects.filter(verb="people.register", object_id__in=map(str, made_now))
    assert {(e.actor, e.path, e.changes["name"][1]) for e in acts} == {
        (made.users["superior"].pk, p.organisation.path, p.name) for p in made_now.values()
    }
    assert {m.subject for m in Message.objects.filter(topic="organisations.person_registered")} == set(made_now)


def test_an_empty_cell_leaves_and_the_word_clears(made: world.World) -> None:
    first = man("N1", "O-branch", occupation="技术员", education="大学", ethnicity="汉族", phone="13800000001")
    imported(made.users["superior"], person=[first])
    plan = imported(made.users["superior"], person=[{
        "person_id": "N1", "org_id": "O-branch", "name": None, "occupation": "清空", "education": "", "ethnicity": "回族",
        "phone": "138******01",
    }])
    person = Person.everything.get(code="N1")
    assert (person.occupation, person.education, person.ethnicity, person.phone) == ("", "大学", "回族", "13800000001")
    changed = row(plan, "N1").fields
    assert (changed["occupation"]["before"], changed["occupation"]["after"]) == ("技术员", None)
    assert "phone" not in changed
    assert "education" not in changed


def test_names_stand_for_codes_where_only_one_bears_them(made: world.World) -> None:
    plan = imported(made.users["superior"], organisation=[org("N-1", "一公司党委")], person=[man("N1", " 机关支部 "), man("N2", "N-1支部")])
    assert outcomes(plan) == ["applied"] * 3
    assert Person.everything.get(code="N1").organisation == made.orgs["branch"]
    assert Person.everything.get(code="N2").organisation.code == "N-1"


def test_several_files_and_single_sheets_are_one_plan(made: world.World) -> None:
    plan = upload(made.users["head"], book(person=[man("N1", "N-1")]), book(organisation=[org("N-1", "O-group", kind="党支部")]),
                  book(person=[man("N2", "N-1")]))
    assert sorted(states(plan)) == ["new"] * 3
    assert commit(plan).counts["outcomes"] == {"applied": 3}


def test_sheets_without_a_module_stay_ledgers_and_unknown_columns_are_said(made: world.World) -> None:
    rule = {"制度编号": "Z1", "制度名称": "办法", "制定组织编号": "O-branch", "来源": "自主制定"}
    plan = upload(made.users["head"], book(person=[man("N1", "O-branch", 内部备注="甲")], 制度=[rule]))
    told = {n["sheet"]: n["reason"] for n in plan.notes}
    assert "作为台账留存" in told["制度"]
    assert "内部备注" in told["人员"]
    assert states(plan) == ["new"]


@pytest.mark.parametrize(("data", "name", "word"), [
    (b"not a table", "x.xlsx", "打不开"), (b"\x00\x01", "x.csv", "认不出文本的编码"),
    (book(说明=[{"a": "b"}]), "x.xlsx", "没有可以导入的行"),
])
def test_files_without_rows_are_refused_with_what_to_do(made: world.World, data: bytes, name: str, word: str) -> None:
    plan = upload(made.users["head"], data, name=name)
    assert (plan.state, plan.job.state) == (Plan.State.REFUSED, "failed")
    assert word in plan.reason
    with pytest.raises(Refused):
        commit(plan)


# --- per field ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("wrong", "field", "words"), [
    ({"category": "党外人士"}, "category", "没有这个选项"), ({"category": None}, "category", "请选择人员类别"),
    ({"name": None}, "name", "姓名"),
    ({"joined_on": "2019-13-01"}, "joined_on", "日历上没有"), ({"id_no": "11010119900101"}, "id_no", "校验码"),
    ({"id_no": id_no()[:-1] + ("1" if id_no()[-1] != "1" else "2")}, "id_no", "校验码"),
    ({"id_no": id_no(), "born_on": "1991-01-01"}, "born_on", "不一致"), ({"phone": "abc"}, "phone", "电话"),
    ({"moved_in_on": "2031-01-01"}, "moved_in_on", "晚于今天"), ({"org_id": "O-nowhere"}, "org_id", "查不到"),
    ({"joined_on": "2020-01-01", "full_since": "2019-01-01"}, "full_since", "早于"),
    ({"occupation": f"电工{id_no()}"}, "occupation", "号码"),
    ({"occupation": "电工13800138000"}, "occupation", "号码"), ({"person_id": id_no()}, "person_id", "号码"),
])
def test_what_is_wrong_is_said_at_its_cell_and_only_that_row_stays_out(
    made: world.World, wrong: dict[str, Any], field: str, words: str,
) -> None:
    plan = plan_of(made.users["superior"], person=[man("N0", "O-branch"), man("N1", "O-branch") | wrong])
    bad = plan.rows.get(n=2)
    assert states(plan) == ["new", "error"]
    assert words in said(bad, field)
    assert bad.fields[field]["state"] == "error"
    assert bad.fields[field]["cell"].endswith("3")
    commit(plan)
    assert outcomes(plan) == ["applied", "refused"]
    assert Person.everything.filter(code="N1").count() == 0


def test_the_same_code_twice(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch"), man("N1", "O-branch"), man("N1", "O-sibling")])
    assert states(plan) == ["new", "unchanged", "error"]
    assert commit(plan).counts["outcomes"] == {"applied": 1, "skipped": 1, "refused": 1}


def test_one_identity_number_under_two_codes(made: world.World) -> None:
    imported(made.users["superior"], person=[man("N1", "O-branch", id_no=id_no())])
    plan = plan_of(made.users["superior"], person=[man("N2", "O-branch", id_no=id_no()), man("N3", "O-branch", id_no=id_no(serial="321")),
                                                   man("N4", "O-branch", id_no=id_no(serial="321"))])
    assert states(plan) == ["error", "new", "error"]
    assert "某N1" in said(row(plan, "N2"), "id_no")
    assert said(row(plan, "N4"), "id_no") == person_rows.TAKEN


def test_rows_without_a_key_are_errors_too(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch") | {"person_id": None}])
    assert states(plan) == ["error"]
    assert "为空" in said(plan.rows.get(), "person_id")


def test_superiors_in_a_circle(made: world.World) -> None:
    plan = plan_of(made.users["head"], organisation=[org("A", "B"), org("B", "A"), org("C", "O-company")])
    assert sorted((r.key, r.state) for r in plan.rows.all()) == [("A", "error"), ("B", "error"), ("C", "new")]
    assert org_rows.CIRCLE in said(row(plan, "A"), "parent_id")


# --- changes ------------------------------------------------------------------------------------------------------------------------

def test_changes_go_the_way_of_their_pages(made: world.World) -> None:
    imported(made.users["superior"], person=[man("N1", "O-branch", category="预备党员", joined_on="2024-01-10", moved_in_on="2024-01-10")])
    plan = imported(made.users["superior"], person=[
        man("N1", "O-sibling", name="改名", category="正式党员", joined_on="2024-01-10", full_since="2025-01-10", moved_in_on="2025-06-01"),
    ])
    assert outcomes(plan) == ["applied"]
    person = Person.everything.get(code="N1")
    assert (person.name, person.category, person.full_since, person.organisation) == ("改名", "full", D(2025, 1, 10), made.orgs["sibling"])
    spans = Membership.everything.filter(person=person).order_by("since").values_list("organisation__code", "since", "until")
    assert list(spans) == [("O-branch", D(2024, 1, 10), D(2025, 6, 1)), ("O-sibling", D(2025, 6, 1), None)]
    verbs = set(Entry.objects.filter(object_id=str(person.pk), object_type="organisations.person").values_list("verb", flat=True))
    assert {"people.register", "people.edit", "people.step", "people.transfer"} <= verbs


def test_organisations_are_renamed_and_moved_by_their_superior_with_a_document(made: world.World) -> None:
    rows = [{"org_id": "O-branch", "name": "机关第一支部", "parent_id": "O-other", "headcount": 50}]
    plan = plan_of(made.users["head"], organisation=rows)
    assert plan.options["flags"] == ["restructures"]
    commit(plan)
    assert outcomes(plan) == ["refused"]
    assert org_rows.ASK_DOCUMENT in plan.rows.get().reason
    assert Organisation.everything.get(code="O-branch").headcount == 40  # nothing of a refused row stays
    plan = commit(plan_of(made.users["head"], organisation=rows), document_no="党字〔2026〕9号", effective_on="2026-03-01")
    assert outcomes(plan) == ["applied"]
    moved = Organisation.everything.get(code="O-branch")
    assert (moved.name, moved.headcount) == ("机关第一支部", 50)
    assert moved.path.startswith(made.orgs["other"].path)
    assert set(Change.everything.filter(organisation=moved).values_list("kind", "document_no", "effective_on")) >= {
        ("rename", "党字〔2026〕9号", D(2026, 3, 1)), ("move", "党字〔2026〕9号", D(2026, 3, 1)),
    }
    assert Link.everything.get(child=moved, until=None).since == D(2026, 3, 1)


def test_appointments_are_made_ended_and_corrected(made: world.World) -> None:
    user = made.users["superior"]
    imported(user, appointment=[post("P-branch", "O-branch", "组织委员", domain="党务", since="2025-03-01")])
    held = Appointment.everything.get(person=made.people["at_branch"])
    imported(user, appointment=[post("P-branch", "O-branch", "组织委员", since="2025-03-01", basis="补录〔2025〕3号")])
    held.refresh_from_db()
    assert (held.basis, held.until) == ("补录〔2025〕3号", None)
    imported(user, person=[man("N1", "O-branch", full_since="2020-01-01")], appointment=[
        post("N1", "O-branch", "组织委员", since="2026-03-01"),
        post("P-branch", "O-branch", "组织委员", since="2025-03-01", until="2026-03-01"),
    ])
    held.refresh_from_db()
    assert held.until == D(2026, 3, 1)
    assert Appointment.everything.get(person__code="N1").post == held.post
    assert Post.everything.get(organisation=made.orgs["branch"], title="组织委员").seats == 1


def test_a_post_that_is_set_up_has_as_many_seats_as_the_file_fills(made: world.World) -> None:
    people_rows = [man(f"N{i}", "O-branch") for i in range(3)]
    imported(made.users["superior"], person=people_rows, appointment=[
        post("N0", "O-branch", "党小组组长", since="2025-03-01"), post("N1", "O-branch", "党小组组长", since="2025-04-01"),
        post("N2", "O-branch", "党小组组长", since="2024-01-01", until="2025-03-01"),
    ])
    assert Post.everything.get(title="党小组组长").seats == 2


def test_doubts_are_shown_and_confirmed_with_the_plan(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch", full_since="2020-01-01", moved_in_on="2024-01-01")],
                   appointment=[post("N1", "O-branch", "副书记", domain="党务", since="2025-03-01")])
    assert states(plan) == ["new", "warning"]
    assert "任职依据" in said(row(plan, "N1 "), "post")
    commit(plan)
    assert outcomes(plan) == ["applied"] * 2


def test_two_secretaries_at_once_are_refused(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch", full_since="2020-01-01")],
                   appointment=[post("N1", "O-branch", "书记", domain="党务", since="2025-03-01", basis="批")])
    assert states(plan) == ["new", "error"]
    assert "书记" in said(row(plan, "N1 "), "post")


def test_leaving_needs_more_than_a_date_in_a_table(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("P-branch", "O-branch", moved_out_on="2026-01-01"), man("N1", "O-branch"),
                                                   man("N2", "O-branch", moved_in_on="2020-01-01", moved_out_on="2024-01-01")])
    assert states(plan) == ["error", "new", "new"]
    assert said(row(plan, "P-branch"), "moved_out_on") == person_rows.MOVING_OUT
    commit(plan)
    gone = Person.everything.get(code="N2")
    assert gone.organisation is None
    assert Membership.everything.get(person=gone).until == D(2024, 1, 1)
    again = plan_of(made.users["superior"], person=[man("N2", "O-branch", moved_in_on="2020-01-01", moved_out_on="2024-01-01")])
    assert states(again) == ["unchanged"]


def test_dissolving_and_other_days_of_founding_are_not_done_by_table(made: world.World) -> None:
    plan = plan_of(made.users["head"], organisation=[
        {"org_id": "O-branch", "dissolved_on": "2026-01-01"}, {"org_id": "O-sibling", "established_on": "2019-01-01"},
        org("N-1", "O-company", dissolved_on="2024-01-01"),
    ])
    assert {r.key: r.state for r in plan.rows.all()} == {"O-branch": "error", "O-sibling": "warning", "N-1": "error"}
    commit(plan)
    assert Organisation.everything.get(code="O-sibling").established_on == world.SINCE


# --- scope --------------------------------------------------------------------------------------------------------------------------

def test_what_is_out_of_scope_is_refused_in_the_words_of_what_is_not_there(made: world.World) -> None:
    """The secretary of one branch names another branch, one that does not exist, and somebody else's people."""
    plan = plan_of(made.users["secretary"], person=[
        man("N1", "O-sibling"), man("N2", "O-nowhere"), man("P-sibling", "O-branch"), man("N3", "车间支部"),
    ], appointment=[post("P-quay", "O-branch", "委员"), post("P-nowhere", "O-branch", "委员"), post("P-branch", "O-sibling", "委员")],
        organisation=[{"org_id": "O-sibling", "headcount": 1}, org("N-9", "O-sibling"), org("N-8", "O-nowhere")])
    assert set(states(plan)) == {"error"}
    assert said(row(plan, "N1"), "org_id") == said(row(plan, "N2"), "org_id") == said(row(plan, "N3"), "org_id") == base.UNKNOWN_ORG
    persons = plan.rows.filter(table="person")
    assert said(next(r for r in persons if r.key == "P-sibling"), "person_id") == person_rows.CODE
    assert said(row(plan, "P-quay O-branch"), "person_id") == said(row(plan, "P-nowhere O-branch"), "person_id")
    assert said(row(plan, "P-branch O-sibling"), "org_id") == base.UNKNOWN_ORG
    assert said(row(plan, "N-9"), "parent_id") == said(row(plan, "N-8"), "parent_id") == base.UNKNOWN_ORG
    told = "".join(str(r.fields) + r.reason for r in plan.rows.all())
    assert world.canary("sibling") not in told
    assert "车间支部" not in told.replace("'after': '车间支部'", "").replace("'raw': '车间支部'", "")
    before = Person.everything.count()
    assert set(outcomes(commit(plan))) == {"refused"}
    assert Person.everything.count() == before


def test_a_superior_out_of_scope_is_not_shown_and_naming_it_changes_nothing(made: world.World) -> None:
    same = plan_of(made.users["secretary"], organisation=[{"org_id": "O-branch", "parent_id": "O-company", "headcount": 41}])
    assert states(same) == ["changed"]
    assert "O-company" not in str(same.rows.get().fields)
    other = plan_of(made.users["secretary"], organisation=[{"org_id": "O-branch", "parent_id": "O-other"}])
    assert said(other.rows.get(), "parent_id") == base.UNKNOWN_ORG


def test_seeing_is_not_enough(made: world.World) -> None:
    """A commissioner sees the roster and imports nothing; a secretary does not rename their own branch."""
    with pytest.raises(access.Denied):
        upload(made.users["member"], book(person=[man("N1", "O-branch")]))
    plan = plan_of(made.users["secretary"], organisation=[{"org_id": "O-branch", "name": "另名"}])
    assert said(plan.rows.get(), "name") == base.NOT_HERE


def test_rights_are_asked_again_at_commit(made: world.World) -> None:
    plan = plan_of(made.users["secretary"], person=[man("N1", "O-branch")])
    Appointment.everything.filter(person=made.people["secretary"]).update(until=timezone.localdate())
    with pytest.raises(access.Denied):
        commit(plan)
    held = plan_of(made.users["superior"], person=[man("N1", "O-branch"), man("N2", "O-quay")])
    assert states(held) == ["new", "error"]


def test_a_person_of_another_scope_is_never_moved(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("P-branch", "O-sibling", moved_in_on="2026-05-01"), man("P-quay", "O-sibling")])
    assert states(plan) == ["changed", "error"]
    with_both = plan_of(made.users["secretary"], person=[man("P-branch", "O-sibling", moved_in_on="2026-05-01")])
    assert states(with_both) == ["error"]


# --- guards -------------------------------------------------------------------------------------------------------------------------

def test_the_last_manager_who_can_sign_in_is_not_removed(made: world.World) -> None:
    Appointment.everything.filter(person=made.people["office"]).update(until=D(2025, 6, 1))
    rows = [post("C-head", "O-group", "书记", since="2025-03-01", until="2026-01-01")]
    plan = plan_of(made.users["head"], appointment=rows)
    assert said(plan.rows.get(), "until") == guards.LAST
    assert outcomes(commit(plan)) == ["refused"]


def test_it_is_asked_again_at_commit_who_is_the_last(made: world.World) -> None:
    plan = plan_of(made.users["office"], appointment=[post("C-office", "O-group", "党务干事", since="2025-03-01", until="2026-01-01")])
    assert states(plan) == ["warning"]
    User.objects.filter(pk=made.users["head"].pk).update(is_active=False)
    commit(plan, own_post=True)
    assert plan.rows.get().outcome == "refused"
    assert guards.LAST in plan.rows.get().reason


def test_ones_own_last_post_takes_a_word(made: world.World) -> None:
    rows = [post("C-superior", "O-company", "书记", since="2025-03-01", until="2026-01-01")]
    plan = plan_of(made.users["superior"], appointment=rows)
    assert states(plan) == ["warning"]
    assert said(plan.rows.get(), "until") == guards.OWN_POST
    assert plan.options["flags"] == ["own_post"]
    assert outcomes(commit(plan)) == ["refused"]
    again = plan_of(made.users["superior"], appointment=rows)
    assert outcomes(commit(again, own_post=True)) == ["applied"]


# --- the world changed --------------------------------------------------------------------------------------------------------------

def edit(made: world.World) -> None:
    people.edit(actor=made.users["head"], person=made.people["at_branch"], changes={"occupation": "别人改的"}, version=None)


def take_code(made: world.World) -> None:
    facts = {"name": "先到", "category": "full"}
    people.register(actor=made.users["head"], organisation=made.orgs["branch"], since=None, facts=facts, code="N1")


def remove_place(made: world.World) -> None:
    Organisation.everything.filter(code="O-sibling").update(dissolved_on=D(2026, 1, 1))


@pytest.mark.parametrize(("meanwhile", "refused", "words"), [
    (edit, "P-branch", base.STALE), (take_code, "N1", "编号已被使用"), (remove_place, "N2", "已撤销"),
])
def test_a_row_whose_world_changed_is_refused_alone(
    made: world.World, meanwhile: Callable[[world.World], None], refused: str, words: str,
) -> None:
    plan = plan_of(made.users["superior"], person=[
        man("P-branch", "O-branch", name=world.canary("branch"), occupation="导入的"), man("N1", "O-branch"), man("N2", "O-sibling"),
    ])
    assert "error" not in states(plan)
    meanwhile(made)
    commit(plan)
    assert {r.key: r.outcome for r in plan.rows.all()} == {k: "refused" if k == refused else "applied" for k in ("P-branch", "N1", "N2")}
    assert words in row(plan, refused).reason
    if refused == "P-branch":
        assert Person.everything.get(code="P-branch").occupation == "别人改的"


def test_of_two_imports_of_the_same_the_second_is_refused_row_by_row(made: world.World) -> None:
    first = plan_of(made.users["superior"], person=[man("N1", "O-branch"), man("P-branch", "O-branch", occupation="一")])
    second = plan_of(made.users["head"], person=[man("N1", "O-sibling"), man("P-branch", "O-branch", occupation="二")])
    assert outcomes(commit(first)) == ["applied"] * 2
    assert outcomes(commit(second)) == ["refused"] * 2
    assert Person.everything.get(code="N1").organisation == made.orgs["branch"]
    assert Person.everything.get(code="P-branch").occupation == "一"


def test_rows_that_rest_on_a_refused_row_are_refused(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch", category="没有这类")],
                   appointment=[post("N1", "O-branch", "委员")])
    assert states(plan) == ["error"] * 2
    assert said(row(plan, "N1 "), "person_id") == base.FAILED_BEFORE


# --- who starts ---------------------------------------------------------------------------------------------------------------------

def test_the_first_ledger_is_imported_by_the_system_administrator(db: None) -> None:
    admin = User.objects.create(work_no="admin", name="管理员")
    AdminDuty.objects.create(user=admin, duty="system")
    plan = imported(admin, organisation=[org("T", None, kind="党委"), org("T1", "T")], person=[man("N1", "T", full_since="2020-01-01")],
                    appointment=[post("N1", "T", "书记", domain="党务", since="2025-01-01", basis="批")])
    assert outcomes(plan) == ["applied"] * 4
    Person.everything.filter(code="N1").update(user=User.objects.create(work_no="sec", name="书记"))
    User.objects.filter(work_no="sec").update(is_active=False)  # closing the account does not bring the administrator back
    with pytest.raises(access.Denied):
        upload(admin, book(person=[man("N2", "T")]))


def test_nobody_else_makes_a_top(made: world.World) -> None:
    plan = plan_of(made.users["head"], organisation=[org("T", None, kind="党委")])
    assert said(plan.rows.get(), "parent_id") == judged.TOP_ONLY


# --- what lies where ----------------------------------------------------------------------------------------------------------------

def test_nothing_sensitive_lies_in_the_open(made: world.World, caplog: pytest.LogCaptureFixture) -> None:
    from django.db import connection

    number, phone = id_no(serial="775"), "13977788899"
    plan = upload(made.users["superior"], book(person=[
        man("N1", "O-branch", id_no=number, phone=phone), man("N2", "O-branch", id_no=number[:-1] + "0", phone=phone + "x"),
        man(number, "O-branch"), man("N4", "O-branch", name=number),
    ]), name=f"花名册{number}.xlsx")
    commit(plan)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            whole = repr(cursor.fetchall())
            assert number not in whole, table
            assert phone not in whole, table
    for file in settings.VAR.rglob("*"):
        assert not file.is_file() or phone.encode() not in canary.contents(file), file
    assert number not in caplog.text
    assert number not in plan.title
    assert files.folder(plan).stat().st_mode & 0o777 == 0o700
    assert {f.stat().st_mode & 0o777 for f in files.folder(plan).iterdir()} == {0o600}


def test_a_plan_is_its_owners_alone(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch")])
    assert actions.of(made.users["superior"], "organisations", plan.pk) == plan
    for other in ("head", "office", "secretary", "nobody"):
        with pytest.raises(Http404):
            actions.of(made.users[other], "organisations", plan.pk)
        with pytest.raises((Http404, access.Denied)):
            actions.confirm(actor=made.users[other], plan=plan, seal=plan.seal, options={})
    assert PlanRow.objects.filter(outcome="").count() == 1
