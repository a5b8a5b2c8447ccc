"""The snapshot of the living system: its own tables, the ledgers' rows beside them, and what stands in both once."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import world
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.diagnosis import snapshot
from zaidao.engine.schema import TABLES

pytestmark = pytest.mark.django_db


def ledger(place: Path, **tables: list[dict[str, Any]]) -> Path:
    place.mkdir()
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows, TABLES[name].arrow), place / f"{name}.parquet")
    return place


def codes(folder: Path, table: str) -> list[str]:
    key = TABLES[table].key[0]
    return [r["code"] for r in Folder(folder).rows(f"select {key} as code from {{{table}}} order by all")]


def taken(place: Path, beside: Path | None = None) -> Path:
    place.mkdir()
    with system_scope("test"):
        snapshot.take(place, beside)
    return place


@pytest.fixture
def made() -> world.World:
    return world.build()


def test_what_nobody_recorded_is_no_table(made: world.World, tmp_path: Path) -> None:
    facts = taken(tmp_path / "facts")
    assert sorted(f.name for f in facts.iterdir()) == ["appointment.parquet", "organisation.parquet", "person.parquet"]


def test_ledgers_rows_of_known_organisations_stand_beside(made: world.World, tmp_path: Path) -> None:
    beside = ledger(
        tmp_path / "ledger",
        institution=[{"institution_id": "Z1", "org_id": "O-branch"}, {"institution_id": "Z2", "org_id": "O-gone"}],
        clause=[{"institution_id": "Z1", "article": "1"}, {"institution_id": "Z2", "article": "1"}],
        activity=[{"activity_id": "H1", "org_id": "O-branch", "kind": "党课"}, {"activity_id": "H2", "org_id": "O-gone", "kind": "党课"}],
    )
    facts = taken(tmp_path / "facts", beside)
    assert (codes(facts, "institution"), codes(facts, "clause"), codes(facts, "activity")) == (["Z1"], ["Z1"], ["H1"])
    assert not (facts / "carrier.parquet").exists()


def test_what_stands_in_both_is_the_living_systems(made: world.World, tmp_path: Path) -> None:
    from django.utils import timezone

    from zaidao.carriers.models import Activity, Carrier, Participation
    from zaidao.institutions.models import Clause, Edition, Institution

    branch = made.orgs["branch"]
    rule = Institution.everything.create(code="Z1", organisation=branch, title="新的", origin="own")
    edition = Edition.everything.create(institution=rule, number=1, since=timezone.localdate())
    Clause.everything.create(edition=edition, article="第一条", subject="党课", applies_to="党支部", every="month")
    Carrier.everything.create(code="C1", organisation=branch, name="先锋岗", kind="先锋岗", origin="own", started_on=timezone.localdate())
    held = Activity.everything.create(
        code="H1", organisation=branch, kind="党课", title="新的", state="filed", held_at=timezone.now(), filed_at=timezone.now())
    Participation.everything.create(activity=held, organisation=branch, eligible=3, present=2)
    beside = ledger(
        tmp_path / "ledger",
        institution=[{"institution_id": "Z1", "title": "旧的", "org_id": "O-branch"}, {"institution_id": "Z0", "org_id": "O-branch"}],
        clause=[{"institution_id": "Z1", "article": "旧条"}, {"institution_id": "Z0", "article": "1"}],
        activity=[{"activity_id": "H1", "org_id": "O-branch", "title": "旧的"}, {"activity_id": "H0", "org_id": "O-branch"}],
        idea=[{"idea_id": "I1", "org_id": "O-branch"}],
    )
    facts = taken(tmp_path / "facts", beside)
    told = {(r["institution_id"], r["article"]) for r in Folder(facts).rows("select * from {clause}")}
    assert told == {("Z1", "第一条"), ("Z0", "1")}
    assert {r["title"] for r in Folder(facts).rows("select title from {activity} where activity_id = 'H1'")} == {"新的"}
    assert (codes(facts, "activity"), codes(facts, "carrier"), codes(facts, "idea")) == (["H0", "H1"], ["C1"], ["I1"])
    assert not list(facts.glob("*.own"))
