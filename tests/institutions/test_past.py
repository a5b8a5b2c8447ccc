"""A rule with a date in the past is laid out from that date: not before the ledger begins, and only for what it bears on."""

from datetime import date

import pytest
from django.utils import timezone

from tests import world
from tests.institutions.test_editions import MONTHLY, TODAY, adopt, draft
from zaidao.core.models import Job
from zaidao.core.scope import system_scope
from zaidao.engine import catalogue
from zaidao.institutions import actions
from zaidao.institutions.actions import relaying
from zaidao.institutions.actions.relaying import relay
from zaidao.institutions.decisions.laying import back_to
from zaidao.institutions.models import Duty, Institution
from zaidao.institutions.queries import preview
from zaidao.organisations.models import Place

pytestmark = pytest.mark.django_db
FEBRUARY, APRIL = date(2026, 2, 1), date(2026, 4, 1)
WHO = {"branch": "secretary", "sibling": "sibling_secretary"}
RULE, CLAUSE = "rule:frequency.theme_day", "clause:Z9|第三条"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> world.World:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    return world.build()


def held(made: world.World, org: str, day: date, number: int = 1) -> None:
    with system_scope("test"):
        actions.record_fulfilment(actor=made.users[WHO[org]], organisation=made.orgs[org], subject="主题党日", kind="activity",
                                  number=number, held_on=day, filed_on=day)


def rows(made: world.World, org: str = "branch") -> dict[int, tuple[str, str]]:
    found = Duty.everything.filter(organisation=made.orgs[org], subject="主题党日").order_by("period_start")
    return {d.period_start.month: (d.source, d.state) for d in found}


@pytest.mark.parametrize(("since", "ledger", "first"), [
    (date(2026, 4, 20), date(2026, 1, 5), APRIL), (date(2026, 1, 1), date(2026, 2, 7), FEBRUARY),
    (date(2026, 1, 1), date(2026, 2, 8), date(2026, 3, 1)), (date(2020, 1, 1), date(2021, 1, 1), date(2025, 6, 1)),
    (date(2026, 6, 1), date(2026, 1, 5), None), (date(2026, 7, 1), date(2026, 1, 5), None),
    (date(2026, 1, 1), None, None), (date(2026, 1, 1), date(2026, 6, 3), None),
])
def test_how_far_back(since: date, ledger: date | None, first: date | None) -> None:
    assert back_to(since, TODAY, ledger, catalogue.load()) == first


def test_the_periods_that_are_over_are_shown_first_and_laid_out(made: world.World) -> None:
    relay(None)
    held(made, "sibling", date(2026, 2, 3))
    held(made, "branch", date(2026, 4, 9), 2)
    edition = draft(made)
    shown = preview(edition, date(2026, 1, 15))
    assert (shown.back, shown.over) == (FEBRUARY, 8)  # two branches, February to May
    assert preview(edition, date(2026, 6, 1)).back is None
    adopt(made, edition, since=date(2026, 1, 15), token=shown.token)
    assert rows(made) == {2: (CLAUSE, "open"), 3: (CLAUSE, "open"), 4: (CLAUSE, "kept"), 5: (CLAUSE, "open")} | dict.fromkeys(
        range(6, 10), (CLAUSE, "open"))
    assert rows(made, "sibling")[2] == (CLAUSE, "kept")
    assert rows(made, "quay") == dict.fromkeys(range(6, 10), (RULE, "open"))  # not below the maker
    before = list(Duty.everything.order_by("pk").values())
    relaying.lay_back(edition.institution_id, lambda *_: None)
    assert list(Duty.everything.order_by("pk").values()) == before


def test_an_amendment_and_a_repeal_bear_on_what_is_over_from_their_day(made: world.World) -> None:
    held(made, "branch", date(2026, 2, 3))
    adopt(made, draft(made), since=FEBRUARY)
    second = actions.draft_edition(actor=made.users["superior"], institution=Institution.everything.get(code="Z9"), reason="修订")
    actions.save_clauses(actor=made.users["superior"], edition=second, rows=[MONTHLY | {"at_least": 2}])
    adopt(made, second, since=APRIL)
    times = dict(Duty.everything.filter(organisation=made.orgs["branch"], subject="主题党日").values_list("period_start__month", "times"))
    assert [times[month] for month in range(2, 7)] == [1, 1, 2, 2, 2]
    made_of = Institution.everything.get(code="Z9")
    actions.repeal(actor=made.users["superior"], institution=made_of, on=date(2026, 5, 1), document_no="〔2026〕9号", reason="并入")
    left = rows(made)
    assert [left[month][0] for month in (2, 3, 4)] == [CLAUSE] * 3
    assert left[5][0] == left[6][0] == RULE


def test_who_came_later_is_bound_from_then_on_and_other_subjects_stay(made: world.World) -> None:
    held(made, "sibling", date(2026, 2, 3))
    branch = made.orgs["branch"]
    Place.everything.filter(organisation=branch).delete()
    elsewhere, moved = made.orgs["other"].path + branch.path[-8:], date(2026, 4, 10)
    Place.everything.create(organisation=branch, path=elsewhere, since=date(2020, 1, 1), until=moved)
    Place.everything.create(organisation=branch, path=branch.path, since=moved)
    lay = {"every": "month", "grace_days": 0, "times": 1}
    Duty.everything.create(organisation=branch, subject="主题党日", source="clause:OLD|第一条", period_start=FEBRUARY,
                           period_end=date(2026, 3, 1), due_on=date(2026, 2, 28), **lay)
    Duty.everything.create(organisation=branch, subject="走访", source="clause:OLD|第二条", period_start=APRIL, period_end=date(2026, 5, 1),
                           due_on=date(2026, 4, 30), **lay)
    adopt(made, draft(made), since=FEBRUARY)
    assert {month: source for month, (source, _) in rows(made).items()} == {2: "clause:OLD|第一条"} | dict.fromkeys(range(5, 10), CLAUSE)
    assert set(rows(made, "sibling")) == set(range(2, 10))
    assert Duty.everything.filter(organisation=branch, subject="走访", source="clause:OLD|第二条").exists()


def test_many_organisations_are_laid_out_by_a_job(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    held(made, "branch", date(2026, 2, 3))
    monkeypatch.setattr(relaying, "AT_ONCE", 0)
    adopt(made, draft(made), since=FEBRUARY)
    assert set(Job.objects.filter(task__startswith="institutions.").values_list("task", flat=True)) >= {relaying.BACK, relaying.BELOW}


def test_the_page_says_so(made: world.World) -> None:
    held(made, "branch", date(2026, 2, 3))
    edition = draft(made)
    client = world.signed_in(made.users["superior"])
    told = {"document_no": "〔2026〕1号", "step": "show"}
    address = f"/institutions/{edition.institution_id}/adopt/"
    page = client.post(address, told | {"since": "2026-01-01"}).content.decode()
    assert "从 2026年2月起,以往各期的应办事项也列出,至多 8 件" in page
    assert "更早的不列" in page
    assert "已经过去" not in client.post(address, told | {"since": "2026-06-01"}).content.decode()
