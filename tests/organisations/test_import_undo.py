"""An import is taken back as a whole, but for what was touched since; and the rows that stayed out come back corrected."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from tests import world
from tests.organisations.books import book, commit, imported, outcomes, plan_of, row, sheets, states, undo, upload
from tests.organisations.roster import id_no
from tests.organisations.test_import import man, org, post
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.core.plans import Plan, actions, files, handback
from zaidao.core.scope import system_scope
from zaidao.organisations import models as m
from zaidao.organisations.actions import appointments, people
from zaidao.organisations.actions.reading import read
from zaidao.organisations.imports import base

pytestmark = pytest.mark.django_db
TABLES = (m.Organisation, m.Link, m.Place, m.Naming, m.Term, m.Person, m.Membership, m.Step, m.Transfer, m.Post, m.Appointment, m.HandOver)


@pytest.fixture
def made() -> world.World:
    return world.build()


def whole() -> dict[str, list[dict[str, Any]]]:
    """Everything that an import may touch, but for versions: those only ever rise."""
    return {
        t.__name__: [{f.attname: f.value_from_object(o) for f in t._meta.concrete_fields if f.attname != "version"}
                     for o in t.everything.order_by("pk")] for t in TABLES
    }


def test_everything_is_as_it_was(made: world.World) -> None:
    """New, changed, moved, stepped, renamed, ended: all of it back, each on record."""
    imported(made.users["head"], person=[man("N0", "O-branch", category="预备党员", joined_on="2024-01-10", moved_in_on="2024-01-10",
                                             id_no=id_no(), phone="13800000001")],
             appointment=[post("P-branch", "O-branch", "组织委员", since="2025-03-01")])
    before = whole()
    plan = commit(plan_of(
        made.users["head"],
        organisation=[org("N-1", "O-group", kind="党委", term_started_on="2025-01-01"), org("N-2", "N-1"),
                      {"org_id": "O-branch", "name": "新名", "parent_id": "O-other", "headcount": 7, "term_years": 4}],
        person=[man("N1", "N-2"), man("N0", "O-sibling", category="正式党员", full_since="2025-01-10", moved_in_on="2025-06-01",
                                      phone="清空", occupation="改"), man("N2", "N-2", moved_out_on="2025-01-01")],
        appointment=[post("P-branch", "O-branch", "组织委员", since="2025-03-01", until="2026-01-01"),
                     post("N1", "N-2", "书记", basis="批")],
    ), document_no="文〔2026〕1号", effective_on="2026-01-01")
    assert [(r.key, r.reason) for r in plan.rows.all() if r.outcome != "applied"] == []
    assert whole() != before
    acts = Entry.objects.count()
    undo(plan)
    assert plan.state == Plan.State.UNDONE
    assert set(outcomes(plan)) == {"undone"}
    assert whole() == before
    assert Entry.objects.filter(verb="organisations.import", object_type="organisations.person").count() == 3
    assert Entry.objects.count() > acts
    again = plan_of(made.users["head"], person=[man("N1", "O-branch")])
    assert states(again) == ["new"]


def test_what_was_touched_since_stays_and_is_said(made: world.World) -> None:
    plan = imported(made.users["head"], organisation=[org("N-1", "O-group", kind="党委"), org("N-2", "N-1"), org("N-3", "N-1")],
                    person=[man("N1", "N-2"), man("N2", "O-branch"), man("N3", "O-branch")])
    people.edit(actor=made.users["head"], person=m.Person.everything.get(code="N1"), changes={"occupation": "改"}, version=None)
    read(actor=made.users["superior"], person=m.Person.everything.get(code="N3"))  # that somebody looked keeps nothing
    seat = m.Post.everything.get(organisation=made.orgs["branch"], title="书记")
    seat.seats = 2
    seat.save()
    appointments.appoint(actor=made.users["head"], post=m.Post.everything.create(organisation=made.orgs["branch"], title="干事"),
                         person=m.Person.everything.get(code="N2"), since=date(2026, 1, 1))
    undo(plan)
    told = {r.key: (r.outcome, r.reason) for r in plan.rows.all()}
    assert told["N1"] == ("applied", base.SINCE_CHANGED)
    assert told["N2"] == ("applied", base.IN_USE)
    assert told["N3"] == ("undone", "")
    assert told["N-2"] == ("applied", base.IN_USE)  # N1 is there still
    assert told["N-1"] == ("applied", base.IN_USE)
    assert told["N-3"] == ("undone", "")
    assert plan.counts["outcomes"] == {"applied": 4, "undone": 2}


def test_without_the_right_at_the_place_a_row_stays(made: world.World) -> None:
    plan = imported(made.users["superior"], person=[man("N1", "O-branch"), man("N2", "O-sibling")])
    m.Appointment.everything.filter(person=made.people["superior"]).delete()
    world.appoint(made.people["superior"], made.orgs["branch"], "党务干事")
    undo(plan)
    assert {r.key: r.reason for r in plan.rows.all()} == {"N1": "", "N2": base.NOT_UNDONE_HERE}


def test_only_for_some_days_and_then_nothing_of_it_is_kept(made: world.World) -> None:
    plan = imported(made.users["superior"], person=[man("N1", "O-branch", id_no=id_no())])
    place = files.folder(plan)
    assert place.exists()
    assert actions.sweep() == 0
    long_ago = timezone.now() - timezone.timedelta(days=actions.UNDO_DAYS, hours=1)
    Plan.objects.filter(pk=plan.pk).update(committed_at=long_ago, created_at=long_ago)
    plan.refresh_from_db()
    with pytest.raises(Refused, match="不能整批撤销"):
        undo(plan)


def test_sweeping_takes_files_and_contents(made: world.World, django_capture_on_commit_callbacks: Any) -> None:
    plan = imported(made.users["superior"], person=[man("N1", "O-branch", id_no=id_no())])
    long_ago = timezone.now() - timezone.timedelta(days=actions.UNDO_DAYS, hours=1)
    Plan.objects.filter(pk=plan.pk).update(committed_at=long_ago, created_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.sweep() == 1
    plan.refresh_from_db()
    assert not files.folder(plan).exists()
    assert (plan.cleared_at is None, plan.rows.get().fields, plan.rows.get().undo) == (False, {}, {})
    assert plan.counts["outcomes"] == {"applied": 1}
    assert actions.sweep() == 0


def test_a_plan_that_was_not_confirmed_can_be_thrown_away(made: world.World, django_capture_on_commit_callbacks: Any) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch")])
    place = files.folder(plan)
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard(actor=made.users["superior"], plan=plan)
    assert not place.exists()
    assert not Plan.objects.exists()
    done = imported(made.users["superior"], person=[man("N1", "O-branch")])
    with pytest.raises(Refused):
        actions.discard(actor=made.users["superior"], plan=done)


# --- the rows that stayed out -------------------------------------------------------------------------------------------------------

def test_the_error_file_holds_what_stood_there_and_is_read_again(made: world.World) -> None:
    """Errors and refusals of every table, with what to do; corrected and uploaded it goes through."""
    user = made.users["superior"]
    plan = plan_of(
        user, organisation=[org("N-1", "O-nowhere", headcount=9)],
        person=[man("N1", "O-branch", joined_on="2019-13-01", phone="13800000001", occupation="'=1+1"), man("N2", "O-branch"),
                man("P-branch", "O-branch", occupation="清空", name="甲")],
        appointment=[post("N1", "O-branch", "委员")],
    )
    people.edit(actor=made.users["head"], person=made.people["at_branch"], changes={"occupation": "别人"}, version=None)
    commit(plan)
    found = sheets(handback.workbook(plan))
    assert set(found) == {"组织", "人员", "任职"}
    head, *rows = found["人员"]
    assert head[-1] == handback.EXTRA
    lines = {r[0]: dict(zip(head, r, strict=True)) for r in rows}
    assert set(lines) == {"N1", "P-branch"}
    assert lines["N1"]["入党日期"] == "2019-13-01"
    assert lines["N1"]["联系电话"] == "13800000001"
    assert lines["N1"]["工作岗位"] == "'=1+1"
    assert "入党日期(" in lines["N1"][handback.EXTRA]
    assert lines["P-branch"]["人员类别"] == "正式党员"
    assert base.STALE in lines["P-branch"][handback.EXTRA]
    again = upload(user, handback.workbook(plan), name="改.xlsx")
    assert {r.key: r.state for r in again.rows.all()} == {
        "N-1": "error", "N1": "error", "P-branch": "changed", "N1 O-branch 委员": "error",
    }
    fixed = [dict(zip(head, r, strict=True)) | {"入党日期": "2019-03-01"} for r in rows]
    third = commit(upload(user, book(人员=fixed, 任职=[dict(zip(found["任职"][0], r, strict=True)) for r in found["任职"][1:]])))
    assert set(outcomes(third)) == {"applied"}
    assert m.Person.everything.get(code="N1").occupation == "=1+1"


def test_an_error_file_of_a_clean_import_says_so(made: world.World) -> None:
    assert sheets(handback.workbook(imported(made.users["superior"], person=[man("N1", "O-branch")]))) == {"没有需要改正的行": []}


def test_planning_takes_few_queries_however_many_rows(made: world.World, django_assert_max_num_queries: Any) -> None:
    def queries(count: int) -> int:
        from django.test.utils import CaptureQueriesContext

        data = book(person=[man(f"M{count}-{i}", "O-branch", id_no=id_no(serial=f"{i:03d}")) for i in range(count)])
        with CaptureQueriesContext(connection) as seen:
            upload(made.users["superior"], data)
        return len(seen)

    assert queries(2) == queries(40)


def test_nobody_imports_without_signing_in(made: world.World) -> None:
    with system_scope("test"), pytest.raises(Denied):
        actions.begin(actor=AnonymousUser(), name="organisations", uploads=[])


def test_rows_are_told_by_their_key(made: world.World) -> None:
    plan = plan_of(made.users["superior"], person=[man("N1", "O-branch")])
    assert row(plan, "N1").row == 2


def test_only_what_the_import_changed_goes_back(made: world.World) -> None:
    """What else was set since stays, as an account that was linked."""
    person = m.Person.everything.get(code="P-branch")
    plan = commit(plan_of(made.users["head"], person=[man("P-branch", "O-branch", occupation="改")]))
    m.Person.everything.filter(pk=person.pk).update(user=made.users["nobody"].pk)
    undo(plan)
    after = m.Person.everything.get(pk=person.pk)
    assert (after.occupation, after.user_id) == (person.occupation, made.users["nobody"].pk)


def test_a_row_beside_it_that_was_corrected_since_is_not_overwritten(made: world.World) -> None:
    branch = made.orgs["branch"]
    renamed = [{"org_id": "O-branch", "name": "新名"}]
    plan = commit(plan_of(made.users["head"], organisation=renamed), document_no="文1", effective_on="2026-01-01")
    closed = m.Naming.everything.exclude(until=None).get(organisation=branch)
    m.Naming.everything.filter(pk=closed.pk).update(until=date(2026, 2, 1))
    undo(plan)
    assert [(r.outcome, r.reason) for r in plan.rows.all()] == [("applied", base.SINCE_CHANGED)]
    assert m.Organisation.everything.get(pk=branch.pk).name == "新名"
