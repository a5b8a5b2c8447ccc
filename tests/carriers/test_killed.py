"""Killed at any write, filing and correcting leave nothing: neither half a record nor attendance, duties, news or audit of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests import crash, world
from tests.carriers.meeting import at, everybody, filed, planned, record
from tests.carriers.test_filing import duty
from zaidao.carriers.actions import drafts
from zaidao.carriers.actions.correcting import correct
from zaidao.carriers.actions.filing import file
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


@pytest.mark.django_db
def test_a_sheet_that_is_killed_leaves_those_before_it_filed() -> None:
    """Each paper sheet is a transaction of its own."""
    from zaidao.carriers.actions.sheets import Sheet, file_sheets

    made = world.build()
    voted = [Resolved("通过计划", "vote_resolution", Vote(2))]
    sheets = [Sheet(made.orgs["branch"], "主题党日", "植树", record(made), token="k1"),
              Sheet(made.orgs["sibling"], "党员大会", "表决", record(made, org="sibling", decisions=voted), token="k2")]
    with transaction.atomic(), crash.killed_after(10**9) as seen:
        file_sheets(actor=made.users["superior"], rows=sheets)
        transaction.set_rollback(True)
    with pytest.raises(crash.Killed), crash.killed_after(len(seen) - 1):
        file_sheets(actor=made.users["superior"], rows=sheets)
    assert [a.title for a in Activity.everything.all()] == ["植树"]
    assert Minutes.everything.count() == 1
    again = file_sheets(actor=made.users["superior"], rows=sheets)
    assert [bool(o.activity) for o in again] == [True, True]
    assert Minutes.everything.count() == 2
    assert filed(made).state == "filed"
