"""Killed at any write, filing and correcting leave nothing: neither half a record nor attendance, duties, news or audit of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests import crash, world
from tests.carriers.meeting import at, everybody, planned, record
from tests.carriers.test_filing import duty
from zaidao.carriers.actions import drafts
from zaidao.carriers.actions.correcting import correct
from zaidao.carriers.actions.filing import file
from zaidao.carriers.actions.sheets import Sheet, file_sheets
from zaidao.carriers.decisions.record import Resolved, Task
from zaidao.carriers.decisions.votes import Vote
from zaidao.carriers.models import Activity, Attendance, Decision, Draft, FollowUp, Minutes, Participation
from zaidao.core.models import Entry, Message
from zaidao.core.scope import system_scope
from zaidao.institutions.models import Duty, Fulfilment, Record

MODELS = (Activity, Participation, Attendance, Minutes, Decision, FollowUp, Duty, Record, Fulfilment)
FLEETING = {"id", "record", "minutes", "told_at", "filed_at", "recorded_at", "made_at", "withdrawn_at", "laid_at", "version"}

Act = Callable[[world.World], Any]


def _full(made: world.World, days: int) -> Any:
    return record(
        made, days=days, ticks=everybody(made.orgs["branch"], guests=("讲师",)) | everybody(made.orgs["sibling"]),
        decisions=[Resolved("定于下周检查"), Resolved("更新台账")],
        follow_ups=[Task("检查", made.people["member"].pk, at(0).date() + timedelta(days=3)), Task("更新", None, at(0).date())],
    )


def _file(made: world.World) -> Any:
    return file(actor=made.users["superior"], activity=Activity.everything.get(), record=_full(made, -1))


def _correct(made: world.World) -> Any:
    return correct(actor=made.users["superior"], activity=Activity.everything.get(), record=_full(made, -40), correction="日期写错")


def _before(made: world.World, name: str) -> None:
    """Two branches meet, each with a duty of last month and one of now; for a correction it is filed already."""
    for org in ("branch", "sibling"):
        duty(made.orgs[org], -1)
        duty(made.orgs[org], -40)
    row = planned(made, actor="superior", kind="主题党日", joint=[made.orgs["sibling"]])
    if name == "correct":
        file(actor=made.users["superior"], activity=row, record=_full(made, -1))
    drafts.save(actor=made.users["superior"], activity=row, body="初稿")


ACTS: dict[str, Act] = {"file": _file, "correct": _correct}


def state() -> str:
    """Everything that filing touches, without numbers that a database gives once and without moments."""
    told: dict[str, Any] = {
        m.__name__: sorted(json.dumps({
            f.name: f.value_from_object(o) for f in m._meta.concrete_fields if f.name not in FLEETING
        }, default=str, sort_keys=True) for o in m.everything.all()) for m in MODELS
    }
    told["drafts"] = Draft.objects.count()
    told["news"] = sorted(Message.objects.values_list("topic", flat=True))
    told["acts"] = sorted(Entry.objects.values_list("verb", "object_type"))
    return json.dumps(told, sort_keys=True)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTS))
def test_killed_at_fifty_points(name: str) -> None:
    made = world.build()
    with system_scope("test"):
        _before(made, name)
        crash.killed_at_fifty_points(lambda: ACTS[name](made), state, least=10)


# --- paper sheets: each is a transaction of its own -------------------------------------------------------------------------------------

def _sheets(made: world.World) -> list[Sheet]:
    """Two branches: a theme day with a follow-up, an assembly with a vote."""
    voted = [Resolved("通过计划", "vote_resolution", Vote(2))]
    tasks = [Task("检查", made.people["member"].pk, at(0).date())]
    return [Sheet(made.orgs["branch"], "主题党日", "植树", record(made, follow_ups=tasks), token="k1"),
            Sheet(made.orgs["sibling"], "党员大会", "表决", record(made, org="sibling", decisions=voted), token="k2")]


def _of(title: str) -> dict[str, Any]:
    """Everything that belongs to one sheet; empty where it is not filed."""
    found: dict[str, Any] = {
        "activity": Activity.everything.filter(title=title).values_list("state", "kind", "organisation__code", "held_at"),
        "numbers": Participation.everything.filter(activity__title=title).values_list("eligible", "voting", "present", "voting_present"),
        "came": Attendance.everything.filter(participation__activity__title=title).values_list("person__code", "state", "counted"),
        "minutes": Minutes.everything.filter(activity__title=title).values_list("number", "text", "token"),
        "decisions": Decision.everything.filter(minutes__activity__title=title).values_list("text", "passed", "verdict"),
        "follow-ups": FollowUp.everything.filter(activity__title=title).values_list("what", "who__code", "state"),
    }
    return {name: sorted(rows, key=str) for name, rows in found.items() if rows}


def _beside() -> dict[str, Any]:
    """How much of everything there is, and which duties are kept."""
    acts = Entry.objects.filter(verb__startswith="carriers.").values_list("verb", flat=True)
    news = Message.objects.filter(topic__startswith="carriers.").values_list("topic", flat=True)
    kept = Fulfilment.everything.filter(withdrawn_at=None).values_list("duty__organisation__code", "how")
    return {m.__name__: m.everything.count() for m in MODELS} | {"acts": sorted(acts), "news": sorted(news), "kept": sorted(kept)}


@pytest.mark.django_db
def test_sheets_that_are_killed_are_filed_whole_or_not_at_all_and_sent_again_filed_once() -> None:
    made = world.build()
    duty(made.orgs["branch"], -1)

    def send() -> None:
        outcomes = file_sheets(actor=made.users["superior"], rows=_sheets(made))
        assert all(o.activity for o in outcomes)

    with system_scope("test"):
        with transaction.atomic(), crash.killed_after(10**9) as seen:
            send()
            whole, beside = {title: _of(title) for title in ("植树", "表决")}, _beside()
            transaction.set_rollback(True)
        assert len(seen) >= 30
        assert beside["kept"] == [("O-branch", "kept")]
        for n, point in enumerate(crash.points(len(seen))):
            with transaction.atomic():
                with pytest.raises(crash.Killed), crash.killed_after(point):
                    send()
                left = [_of(title) for title in whole]
                assert left in ([{}, {}], [whole["植树"], {}]), f"killed after {point} of {len(seen)} writes"
                assert _beside()["Minutes"] == sum(map(bool, left))
                if n % 5 == 0:
                    send()
                    again = {title: _of(title) for title in whole}, _beside()
                    assert again == (whole, beside), f"killed after {point} of {len(seen)} writes"
                transaction.set_rollback(True)
