"""Two at once about one meeting, duty or follow-up: one is done, the other is told so. Without the locks it would go wrong."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import at, filed, part, planned, record
from tests.carriers.test_filing import duty
from tests.races import names, race, without_locks
from zaidao.carriers.actions import correcting, filing, follow_ups, planning
from zaidao.carriers.decisions.record import Task
from zaidao.carriers.models import Activity, FollowUp, Minutes, Notice
from zaidao.core.models import Entry, Message
from zaidao.core.scope import system_scope
from zaidao.institutions.actions import fulfilment, laying, settling
from zaidao.institutions.models import Duty, Fulfilment, Record

pytestmark = pytest.mark.django_db(transaction=True)


def acts(verb: str) -> int:
    return Entry.objects.filter(verb=verb).count()


# --- two people file the same meeting -------------------------------------------------------------------------------------------------

def both_file(made: world.World, row: Activity) -> list[Any]:
    return race(*(lambda who=who: filing.file(actor=made.users[who], activity=row, record=record(made))  # type: ignore[misc]
                  for who in ("secretary", "superior")))


def test_of_two_who_file_one_is_told_that_it_is_filed() -> None:
    made = world.build()
    came = both_file(made, planned(made))
    assert names(came) == ["Activity", "Refused"]
    assert "已经归档" in str(next(one for one in came if not isinstance(one, Activity)))
    assert (Minutes.everything.count(), acts("carriers.file"), Record.everything.count()) == (1, 1, 1)


def test_without_the_lock_the_database_breaks_one_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    row = planned(made)
    without_locks(monkeypatch, meet=[(filing, "judged")])
    assert names(both_file(made, row)) == ["Activity", "IntegrityError"]


# --- two meetings for one duty --------------------------------------------------------------------------------------------------------

def two_meetings(made: world.World) -> tuple[list[Any], int]:
    """Two theme days of one month, filed at once; what became of each, and how many keep the duty."""
    owed = duty(made.orgs["branch"], -1)
    rows = [planned(made, kind="主题党日", duty=owed) for _ in range(2)]
    came = race(*(lambda row=row: filing.file(actor=made.users["secretary"], activity=row, record=record(made))  # type: ignore[misc]
                  for row in rows))
    return came, Fulfilment.everything.filter(duty=owed, withdrawn_at=None).count()


def test_of_two_meetings_for_one_duty_one_keeps_it_and_both_are_filed() -> None:
    made = world.build()
    came, keep = two_meetings(made)
    assert (names(came), keep, Record.everything.count()) == (["Activity", "Activity"], 1, 2)
    assert Duty.everything.get().done == 1


def test_without_the_lock_both_would_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    without_locks(monkeypatch, meet=[(settling, "_differences")])
    monkeypatch.setattr(fulfilment, "_ledger", lambda *_: None)
    assert two_meetings(made) == ([*Activity.everything.order_by("pk")], 2)


# --- called off while it is filed -----------------------------------------------------------------------------------------------------

def cancel_and_file(made: world.World, row: Activity) -> list[Any]:
    return race(lambda: planning.cancel(actor=made.users["superior"], activity=row, reason="停电"),
                lambda: filing.file(actor=made.users["secretary"], activity=row, record=record(made)))


def test_what_is_called_off_is_not_filed_and_what_is_filed_is_not_called_off() -> None:
    made = world.build()
    row = planned(made)
    came = cancel_and_file(made, row)
    assert names(came) == ["Activity", "Refused"]
    row.refresh_from_db()
    assert (row.state, Minutes.everything.count()) in {("cancelled", 0), ("filed", 1)}


def test_without_the_lock_it_would_be_both(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    row = planned(made)
    without_locks(monkeypatch, meet=[(planning, "_still_planned"), (filing, "judged")])
    assert names(cancel_and_file(made, row)) == ["Activity", "Activity"]
    assert [acts("carriers.file"), Entry.objects.filter(changes__state__1="cancelled").count()] == [1, 1]


# --- two confirmations of one follow-up -----------------------------------------------------------------------------------------------

def with_task(made: world.World) -> FollowUp:
    filed(made, follow_ups=[Task("检查", made.people["member"].pk, at(0).date())])
    return FollowUp.everything.get()


def both_confirm(made: world.World, row: FollowUp) -> list[Any]:
    return race(*(lambda who=who: follow_ups.confirm(actor=made.users[who], follow_up=row, on=timezone.localdate())  # type: ignore[misc]
                  for who in ("secretary", "superior")))


def test_a_follow_up_is_confirmed_once() -> None:
    made = world.build()
    assert names(both_confirm(made, with_task(made))) == ["FollowUp", "Refused"]
    assert (FollowUp.everything.get().state, FollowUp.everything.get().version, acts("carriers.close")) == ("confirmed", 2, 1)


def test_without_the_lock_it_would_be_confirmed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    row = with_task(made)
    without_locks(monkeypatch, meet=[(follow_ups, "_closing")])
    assert names(both_confirm(made, row)) == ["FollowUp", "FollowUp"]
    assert acts("carriers.close") == 2


# --- one form sent twice --------------------------------------------------------------------------------------------------------------

def sent_twice(made: world.World) -> list[Any]:
    return race(*[lambda: planned(made, days=3, token="t" * 32)] * 2)


def test_a_plan_sent_twice_at_once_is_one_meeting() -> None:
    made = world.build()
    came = sent_twice(made)
    assert came == [Activity.everything.get()] * 2
    assert acts("carriers.plan") == 1


def test_without_the_lock_there_would_be_two(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    without_locks(monkeypatch, meet=[(planning, "made")])
    assert len({one.pk for one in sent_twice(made)}) == 2


# --- two corrections of one version ---------------------------------------------------------------------------------------------------

def both_correct(made: world.World, row: Activity) -> list[Any]:
    how: dict[str, Any] = {"activity": row, "record": record(made, ticks={}), "correction": "笔误", "number": 1}
    return race(*(lambda who=who: correcting.correct(actor=made.users[who], **how) for who in ("secretary", "superior")))  # type: ignore[misc]


def test_of_two_corrections_of_one_version_one_is_asked_to_look_again() -> None:
    made = world.build()
    came = both_correct(made, filed(made))
    assert names(came) == ["Activity", "Refused"]
    assert Minutes.everything.count() == 2


def test_without_the_lock_the_database_breaks_a_correction_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    row = filed(made)
    without_locks(monkeypatch, meet=[(correcting, "_may")])
    assert names(both_correct(made, row)) == ["Activity", "IntegrityError"]


# --- planned for a duty that goes meanwhile -------------------------------------------------------------------------------------------

def plan_and_lay_out(made: world.World, gone: Duty) -> list[Any]:
    """A plan for a duty that nothing asks for any more, while duties are laid out."""
    def lay() -> dict[str, int]:
        with system_scope("test"):
            return laying.lay_out([made.orgs["branch"].pk], gone.period_start, 1)

    return race(lambda: planned(made, kind="主题党日", days=0, duty=gone), lay)


def stale(made: world.World) -> Duty:
    start = date(2026, 1, 1)
    return Duty.everything.create(organisation=made.orgs["branch"], subject="主题党日", source="clause:Z9|第一条", every="week",
                                  period_start=start, period_end=date(2026, 1, 8), due_on=date(2026, 1, 7))


def test_a_duty_that_something_is_planned_for_meanwhile_stays_or_the_plan_is_told() -> None:
    made = world.build()
    gone = stale(made)
    came = plan_and_lay_out(made, gone)
    assert names(came) in (["Activity", "dict"], ["Refused", "dict"])
    if isinstance(came[0], Activity):
        assert part(came[0]).duty == gone
        assert Duty.everything.get(pk=gone.pk).state == "exempt"
    else:
        assert not Duty.everything.filter(pk=gone.pk).exists()


def test_without_the_lock_plan_or_lay_out_would_break_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    gone = stale(made)
    without_locks(monkeypatch, meet=[(planning, "register"), (laying, "_referred")])
    came = names(plan_and_lay_out(made, gone))
    assert {"IntegrityError", "ProtectedError"} & set(came), came  # whichever of the two, by either of the two ways


# --- one notice sent twice ------------------------------------------------------------------------------------------------------------

def noticed_twice(made: world.World) -> list[Any]:
    row = planned(made, days=3)
    return race(*[lambda: planning.give_notice(actor=made.users["secretary"], activity=row, text="周五下午开会")] * 2)


def test_a_notice_sent_twice_at_once_goes_out_once() -> None:
    made = world.build()
    assert noticed_twice(made) == [Notice.everything.get()] * 2
    assert Message.objects.filter(topic="carriers.noticed").count() == 1


def test_without_the_lock_it_would_go_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    without_locks(monkeypatch, meet=[(planning, "_sent_twice")])
    assert len({one.pk for one in noticed_twice(made)}) == 2
