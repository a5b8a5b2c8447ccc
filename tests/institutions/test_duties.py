"""Duties laid out: which rows there are, that laying out twice changes nothing, what stays and what goes."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import world
from zaidao.core import scope
from zaidao.core.models import Message
from zaidao.institutions import actions, reactions
from zaidao.institutions.actions import relaying
from zaidao.institutions.models import Clause as ClauseRow
from zaidao.institutions.models import Duty, Edition, Exemption, Institution
from zaidao.organisations import tree
from zaidao.organisations.actions.merge import merge
from zaidao.organisations.models import Organisation

pytestmark = pytest.mark.django_db
YEAR = date(2026, 1, 1)


@pytest.fixture
def made() -> world.World:
    return world.build()


def institution(made: world.World, org: str, code: str = "Z001", since: date | None = date(2025, 1, 1), **clause: Any) -> Edition:
    """An institution in force with one clause: 主题党日 every month, a week of grace, of every branch."""
    row = Institution.everything.create(code=code, organisation=made.orgs[org], title=f"{code}办法", origin="own")
    edition = Edition.everything.create(institution=row, number=1, since=since)
    asks = {"article": "第三条", "subject": "主题党日", "applies_to": "党支部", "every": "month", "at_least": 1, "grace_days": 7} | clause
    ClauseRow.everything.create(edition=edition, **asks)
    return edition


def lay(orgs: list[Organisation] | None = None, first: date = YEAR, months: int = 12) -> dict[str, int]:
    with scope.system_scope("tests lay out"):
        return actions.lay_out(None if orgs is None else [o.pk for o in orgs], first, months)


def rows(org: Organisation, subject: str = "主题党日") -> list[Duty]:
    return list(Duty.everything.filter(organisation=org, subject=subject).order_by("period_start"))


def test_the_catalogues_rules_ask_of_every_branch(made: world.World) -> None:
    lay()
    found = rows(made.orgs["branch"])
    assert [d.period_start for d in found] == [date(2026, m, 1) for m in range(1, 13)]
    assert {d.source for d in found} == {"rule:frequency.theme_day"}
    assert found[0].due_on == date(2026, 1, 31)
    assert [(d.period_start, d.period_end) for d in rows(made.orgs["branch"], "组织生活会")] == [(YEAR, date(2027, 1, 1))]
    assert len(rows(made.orgs["branch"], "党员大会")) == 4
    assert not rows(made.orgs["company"])


def test_a_nearer_clause_takes_the_rules_place(made: world.World) -> None:
    edition = institution(made, "company")
    lay()
    found = rows(made.orgs["branch"])[0]
    assert (found.source, found.grace_days, found.due_on) == ("clause:Z001|第三条", 7, date(2026, 2, 7))
    assert found.clause == ClauseRow.everything.get(edition=edition)
    assert rows(made.orgs["quay"])[0].source == "rule:frequency.theme_day"


def test_a_clause_on_free_text_is_laid_out_under_its_own_words(made: world.World) -> None:
    institution(made, "group", subject="报送制度执行情况", applies_to="党委", every="quarter", grace_days=None)
    lay()
    assert len(rows(made.orgs["company"], "报送制度执行情况")) == 4
    assert not rows(made.orgs["branch"], "报送制度执行情况")


def test_laying_out_twice_changes_nothing(made: world.World) -> None:
    institution(made, "company")
    assert lay()["new"] > 0
    before = list(Duty.everything.order_by("pk").values())
    assert lay() == {"new": 0, "changed": 0, "gone": 0}
    assert list(Duty.everything.order_by("pk").values()) == before


def test_only_periods_that_touch_the_months_are_laid_out(made: world.World) -> None:
    lay([made.orgs["branch"]], date(2026, 5, 1), 2)
    assert [d.period_start.month for d in rows(made.orgs["branch"])] == [5, 6]
    assert [(d.period_start.month, d.period_end.month) for d in rows(made.orgs["branch"], "党员大会")] == [(4, 7)]
    assert len(rows(made.orgs["branch"], "组织生活会")) == 1
    assert not rows(made.orgs["sibling"])


def test_a_committee_that_does_not_sit_owes_no_committee_meetings(made: world.World) -> None:
    """Under seven full members and none on file: 不适用, with the reason."""
    lay()
    assert {(d.state, d.why) for d in rows(made.orgs["branch"], "支委会")} == {("exempt", "适用条件未满足")}


def test_a_committee_from_the_day_on_which_it_sits(made: world.World) -> None:
    for i in range(7):
        person = world.person(f"M{i}", "甲", made.orgs["branch"])
        if i < 2:
            appointment = world.appoint(person, made.orgs["branch"], ["组织委员", "宣传委员"][i])
            type(appointment).everything.filter(pk=appointment.pk).update(since=date(2026, 3, 10))
    lay()
    assert [d.state for d in rows(made.orgs["branch"], "支委会")] == ["exempt"] * 3 + ["open"] * 9


def test_an_open_row_goes_when_nothing_asks_for_it(made: world.World) -> None:
    edition = institution(made, "company", subject="走访")
    lay()
    assert len(rows(made.orgs["branch"], "走访")) == 12
    Edition.everything.filter(pk=edition.pk).update(until=date(2026, 7, 1))
    assert lay()["gone"] == 12  # six months of two branches
    assert [d.period_start.month for d in rows(made.orgs["branch"], "走访")] == [1, 2, 3, 4, 5, 6]


def test_a_row_with_an_exemption_stays_and_keeps_its_state(made: world.World) -> None:
    edition = institution(made, "company", subject="走访")
    lay()
    kept = rows(made.orgs["branch"], "走访")[6]
    Exemption.everything.create(duty=kept, kind="exempt", reason="检修")
    Duty.everything.filter(pk=kept.pk).update(state="exempt", why="检修")
    assert lay() == {"new": 0, "changed": 0, "gone": 0}
    Edition.everything.filter(pk=edition.pk).update(until=date(2026, 7, 1))
    lay()
    assert [d.pk for d in rows(made.orgs["branch"], "走访") if d.period_start.month > 6] == [kept.pk]


def test_a_row_that_an_exemption_was_withdrawn_from_is_not_deleted(made: world.World) -> None:
    edition = institution(made, "company", subject="走访")
    lay()
    kept = rows(made.orgs["branch"], "走访")[6]
    Exemption.everything.create(duty=kept, kind="exempt", reason="检修", withdrawn_at=kept.laid_at, withdrawn_why="误")
    Edition.everything.filter(pk=edition.pk).update(until=date(2026, 7, 1))
    lay()
    kept.refresh_from_db()
    assert (kept.state, kept.why) == ("exempt", "依据已变更,不再要求")


def test_terms_that_change_are_written(made: world.World) -> None:
    edition = institution(made, "company")
    lay()
    ClauseRow.everything.filter(edition=edition).update(grace_days=10, at_least=2)
    assert lay() == {"new": 0, "changed": 24, "gone": 0}
    found = rows(made.orgs["branch"])[0]
    assert (found.grace_days, found.times, found.due_on) == (10, 2, date(2026, 2, 10))


def test_founded_or_dissolved_in_a_period_is_told(made: world.World) -> None:
    Organisation.everything.filter(pk=made.orgs["branch"].pk).update(established_on=date(2026, 2, 9), dissolved_on=date(2026, 4, 20))
    lay()
    assert [(d.period_start.month, d.why) for d in rows(made.orgs["branch"])] == [(2, "期内成立"), (3, ""), (4, "期内撤销")]


def test_a_draft_binds_nobody(made: world.World) -> None:
    institution(made, "company", since=None)
    lay()
    assert {d.source for d in rows(made.orgs["branch"])} == {"rule:frequency.theme_day"}


def test_the_key_of_a_duty_does_not_change_with_a_new_edition(made: world.World) -> None:
    first = institution(made, "company", since=date(2025, 1, 1))
    Edition.everything.filter(pk=first.pk).update(until=date(2026, 4, 1))
    second = Edition.everything.create(institution=first.institution, number=2, since=date(2026, 4, 1))
    ClauseRow.everything.create(edition=second, article="第三条", subject="主题党日", applies_to="党支部", every="month", at_least=2)
    lay()
    found = rows(made.orgs["branch"])
    assert {d.source for d in found} == {"clause:Z001|第三条"}
    assert [d.times for d in found] == [1] * 3 + [2] * 9
    assert {d.clause.edition.number for d in found[:3]} == {1}


@pytest.mark.parametrize("many", [1, 30])
def test_what_is_read_does_not_grow_with_organisations(made: world.World, many: int) -> None:
    """Writes go in batches; of reading statements there are as many for two branches as for thirty."""
    tree.rebuild([world.organisation(f"x{i}", f"第{i}支部", "branch", made.orgs["company"]).pk for i in range(many)])
    with CaptureQueriesContext(connection) as caught:
        lay()
    assert sum(q["sql"].startswith("SELECT") and "pg_advisory" not in q["sql"] for q in caught) == 10


def test_what_ended_in_an_earlier_month_owes_nothing_since(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered months after the day of the document: nothing of the months between is left open, and nothing before it changes."""
    monkeypatch.setattr(relaying.timezone, "localdate", lambda: date(2026, 6, 15))
    lay(months=9)
    paper = {"effective_on": date(2026, 3, 1), "document_no": "1号", "actor": made.users["superior"]}
    merge(sources=[made.orgs["branch"].pk], target=made.orgs["sibling"].pk, **paper)
    told = Message.objects.get(topic="organisations.merged")
    with scope.system_scope("tests tell news"):
        reactions.ended(told)
        reactions.merged(told)
        relaying.catch_up()
    left = Duty.everything.filter(organisation=made.orgs["branch"], state="open")
    assert [(d.subject, d.period_start) for d in left.order_by("period_start")] == [
        ("主题党日", YEAR), ("主题党日", date(2026, 2, 1))]
    assert {d.why for d in Duty.everything.filter(organisation=made.orgs["branch"], subject="民主评议")} == {"期内撤销"}
    assert len(rows(made.orgs["sibling"])) == 9
