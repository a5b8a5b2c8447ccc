"""Killed at any write, what decides about duties leaves nothing: neither half an edition nor duties, records, news or audit of it."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests import crash, world
from tests.institutions.test_editions import MONTHLY, TODAY, adopt, draft
from zaidao.core.models import Entry, Job, Message
from zaidao.core.scope import system_scope
from zaidao.institutions import actions
from zaidao.institutions.actions import laying
from zaidao.institutions.actions.relaying import relay
from zaidao.institutions.models import Clause, Duty, Edition, Exemption, Fulfilment, Institution, Record, Waiting

pytestmark = pytest.mark.django_db
JUNE = date(2026, 6, 1)
VISITS = {"article": "第四条", "subject": "走访", "applies_to": "党支部", "every": "quarter", "at_least": 1, "hours": 1}

Act = Callable[[world.World], Any]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> world.World:
    """An institution in force asks for theme days and visits; months are kept, let off and put off."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    found = world.build()
    with system_scope("test"):
        adopt(found, draft(found, rows=(MONTHLY, VISITS)), since=date(2026, 4, 1))
        relay(None)
        for number, org in enumerate(("branch", "sibling"), 1):
            _tell(found, org, number)
        actions.exempt(actor=found.users["superior"], duty=_month(found, "branch", 7), reason="停产")
        actions.postpone(actor=found.users["superior"], duty=_month(found, "branch", 9), until=date(2026, 10, 10), reason="检修")
    return found


def _tell(made: world.World, org: str, number: int) -> None:
    actions.record_fulfilment(actor=made.users["superior"], organisation=made.orgs[org], subject="主题党日", kind="activity",
                              number=number, held_on=date(2026, 6, 5), filed_on=TODAY)


def _month(made: world.World, org: str, month: int) -> Duty:
    return Duty.everything.get(organisation=made.orgs[org], subject="主题党日", period_start=date(2026, month, 1))


def _amended(made: world.World) -> None:
    """A draft that asks twice as often, no longer for visits but for talks."""
    edition = actions.draft_edition(actor=made.users["superior"], institution=Institution.everything.get(), reason="加密")
    rows = [MONTHLY | {"at_least": 2}, VISITS | {"subject": "谈心"}]
    actions.save_clauses(actor=made.users["superior"], edition=edition, rows=rows)


def _other_words(_: world.World) -> None:
    """What asks was changed past the verbs, as a restore or an upgrade does it: nothing is laid out yet."""
    Clause.everything.filter(subject="主题党日").update(at_least=2, grace_days=3)
    Clause.everything.filter(subject="走访").update(subject="谈心")


def _adopt(made: world.World) -> Any:
    return adopt(made, Edition.everything.get(since=None), since=JUNE)


def _repeal(made: world.World) -> Any:
    return actions.repeal(actor=made.users["superior"], institution=Institution.everything.get(), on=JUNE, document_no="1", reason="并")


def _lay_out(_: world.World) -> Any:
    return relay(None)


def _withdraw(made: world.World) -> Any:
    let_off = Exemption.everything.get(kind="exempt")
    return actions.withdraw_exemption(actor=made.users["superior"], exemption=let_off, why="已复工")


ACTS: dict[str, tuple[Act, Act | None, int]] = {  # the act, what comes before it, how many writes it takes at least
    "adopt": (_adopt, _amended, 8), "repeal": (_repeal, None, 6), "lay_out": (_lay_out, _other_words, 4), "withdraw": (_withdraw, None, 4),
}
DUTY = ("organisation__code", "subject", "period_start", "source", "clause__article", "clause__edition__number", "due_on", "times", "done",
        "state", "why")


def duties() -> list[tuple[Any, ...]]:
    return sorted(Duty.everything.values_list(*DUTY), key=str)


def state() -> str:
    """Everything that such acts touch, by names instead of the numbers of rows, without moments."""
    told: dict[str, Any] = {
        "rules": Institution.everything.values_list("code", "repealed_on", "repeal_document", "version"),
        "editions": Edition.everything.values_list("institution__code", "number", "since", "until", "document_no", "adopted_by__work_no"),
        "duties": duties(),
        "records": Record.everything.values_list("organisation__code", "subject", "number", "held_on"),
        "kept": Fulfilment.everything.values_list("duty__organisation__code", "duty__period_start", "number", "how", "withdrawn_why"),
        "let off": Exemption.everything.values_list("duty__organisation__code", "duty__period_start", "kind", "withdrawn_why"),
        "waiting": Waiting.everything.values_list("organisation__code"),
        "news": Message.objects.values_list("topic"), "jobs": Job.objects.values_list("task"),
        "acts": Entry.objects.values_list("verb", "object_type"),
    }
    return json.dumps({name: sorted(rows, key=str) for name, rows in told.items()}, default=str)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_killed_at_fifty_points(made: world.World, name: str) -> None:
    act, before, least = ACTS[name]
    with system_scope("test"):
        if before:
            before(made)
        crash.killed_at_fifty_points(lambda: act(made), state, least=least)


def test_a_job_that_is_killed_leaves_each_part_whole_or_as_it_was_and_begun_again_ends_alike(
    made: world.World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands are laid out in parts, each a transaction of its own."""
    monkeypatch.setattr(laying, "CHUNK", 1)
    with system_scope("test"):
        _other_words(made)
        before = _by_place()
        with transaction.atomic(), crash.killed_after(10**9) as seen:
            relay(None)
            done = _by_place()
            transaction.set_rollback(True)
        assert before.keys() == done.keys()
        for point in crash.points(len(seen)):
            with transaction.atomic():
                with pytest.raises(crash.Killed), crash.killed_after(point):
                    relay(None)
                left = _by_place()
                assert all(left[place] in (before[place], done[place]) for place in before), f"killed after {point} writes"
                relay(None)
                assert _by_place() == done
                transaction.set_rollback(True)


def _by_place() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in duties():
        found.setdefault(row[0], []).append(row)
    return found
