"""The tests' world with something of every kind in 车间支部 (`sibling`): each with the canary of that organisation in its texts.

What `planted` gives are the numbers that addresses want. Looked at by eight persons; see `matrix.py` for who may.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.access import planted_carriers, planted_institutions
from tests.access.matrix import Row
from zaidao.accounts.models import AdminDuty, Code, Delegation, SavedFilter, Suggestion, User
from zaidao.core import search
from zaidao.core.models import Job, Plan, PlanRow
from zaidao.core.scope import system_scope
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.organisations.models import Absence, HandOver, Objection, Organisation, Person, Post, Transfer

TODAY = timezone.localdate()
CANARY = world.canary("sibling")
SENSITIVE = ("999999199001010018", "10012345678")


@dataclass
class Planted:
    """The world, and by name the keys of what stands in 车间支部."""

    world: world.World
    keys: dict[str, int] = field(default_factory=dict)


def diagnose(place: Path) -> Path:
    """A published folder, under `place`, of a diagnosis of the tests' world; nothing stays in the database."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.VAR", place)
        made = world.build()
        folder = Run.objects.get(pk=living.begin(actor=made.users["head"]).pk).path
        transaction.set_rollback(True)
    return folder


def address(planted: Planted, name: str, row: Row) -> str:
    """Where a row of the matrix leads in this world; to something that does not exist where nothing is planted for it."""
    values = {k: v[1:] if v.startswith("=") else planted.keys.get(v, 10**6) for k, v in row.keys.items()}
    return reverse(name, kwargs=values)


def plant(runs: Path) -> Planted:
    """Write everything. `runs`: a published folder of a diagnosis of this world."""
    made = Planted(world.build())
    with system_scope("tests plant one thing of every kind"):
        _administrators(made)
        sibling = made.world.orgs["sibling"]
        Organisation.everything.filter(pk=sibling.pk).update(unit=f"{CANARY}单位")
        _people(made, sibling)
        _accounts(made)
        _imports(made)
        _diagnoses(made, runs)
        planted_institutions.plant(made.world, made.keys)
        planted_carriers.plant(made.world, made.keys)
    search.rebuild()  # what is planted was written past the acts
    return made


def _administrators(made: Planted) -> None:
    keeper = made.world.users["keeper"] = User.objects.create(work_no="U-keeper", name="系统管理员")
    for duty in AdminDuty.Duty:
        made.keys["duty"] = AdminDuty.objects.create(user=keeper, duty=duty).pk


def _people(made: Planted, sibling: Organisation) -> None:
    person = Person.everything.get(code="P-sibling")
    person.set_id_no(SENSITIVE[0])
    person.set_phone(SENSITIVE[1])
    person.occupation = f"{CANARY}岗位"
    person.save()
    post = Post.everything.create(organisation=sibling, title="宣传委员", domain="party")
    held = world.appoint(person, sibling, "组织委员")
    held.basis = f"{CANARY}文号"
    held.save()
    ended = world.appoint(person, sibling, "纪检委员")
    ended.until = date(2026, 1, 1)
    ended.save()
    transferred = world.person("P-leaving", f"{CANARY}转出", sibling)
    transfer = Transfer.everything.create(
        person=transferred, sender=sibling, receiver=made.world.orgs["quay"], issued_on=TODAY, valid_until=TODAY + timedelta(days=30),
        reason=f"{CANARY}事由",
    )
    made.keys |= {
        "organisation": sibling.pk, "person": person.pk, "post": post.pk, "appointment": held.pk, "transfer": transfer.pk,
        "hand_over": HandOver.everything.create(appointment=ended, items=[{"text": f"{CANARY}交接", "done": False}]).pk,
        "absence": Absence.everything.create(person=person, kind="mobile", since=date(2026, 1, 1), place=f"{CANARY}去向").pk,
        "objection": Objection.everything.create(person=person, field="学历", text=f"{CANARY}异议", due_on=TODAY).pk,
    }


def _accounts(made: Planted) -> None:
    mine = made.world.users["sibling_secretary"]
    Code.objects.create(user=mine, purpose="reset", digest="0" * 64, expires_at=timezone.now() + timedelta(days=1))
    made.keys |= {
        "user": mine.pk, "suggestion": Suggestion.objects.create(user=mine, text="按钮太小", due_on=TODAY).pk,
        "delegation": Delegation.objects.create(
            giver=mine, taker=made.world.users["nobody"], since=TODAY + timedelta(days=9), until=TODAY + timedelta(days=12), reason="出差",
        ).pk,
        "filter": SavedFilter.objects.create(user=mine, page="people", name=CANARY, query="q=1").pk,
    }


def _imports(made: Planted) -> None:
    owner = made.world.users["sibling_secretary"]
    plan = Plan.objects.create(kind="organisations", title=f"{CANARY}.xlsx", state=Plan.State.READY, owner=owner)
    PlanRow.objects.create(
        plan=plan, n=1, table="person", sheet=f"{CANARY}表", row=2, key="P-sibling", state=PlanRow.State.ERROR, reason=f"{CANARY}原因",
        fields={"name": {"state": "error", "before": None, "after": CANARY, "cell": "B2", "reason": CANARY, "remedy": ""}},
    )
    made.keys["plan"] = plan.pk


def _diagnoses(made: Planted, runs: Path) -> None:
    import json

    living = Run.objects.create(title="全组织诊断", manifest=json.loads((runs / "manifest.json").read_text(encoding="utf-8")))
    living.path.parent.mkdir(parents=True, exist_ok=True)
    living.path.symlink_to(runs)
    done = living.job = Job.objects.create(task="diagnosis.read", argument=1, state=Job.State.DONE)
    living.save()
    owner = made.world.users["sibling_secretary"]
    upload = Upload.objects.create(title=f"{CANARY}台账", owner=owner, job=done, problems={}, counts=[])
    upload.folder.mkdir(parents=True)
    answer = Answer.objects.create(
        org_id="O-sibling", finding="structure_gap", keys=["organisation:O-sibling"], evidence="x", kind="mended", text=f"{CANARY}回应",
        role="书记", given_on=TODAY,
    )
    FindingClock.objects.update(answered_on=TODAY)
    made.keys |= {"run": living.pk, "upload": upload.pk, "answer": answer.pk}
