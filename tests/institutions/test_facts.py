"""Institutions in the facts: each adopted edition by itself, in the contract's columns, drafts left out."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests import world
from zaidao.core.scope import system_scope
from zaidao.engine.schema import TABLES
from zaidao.institutions import facts
from zaidao.institutions.models import Clause, Edition, Institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> world.World:
    return world.build()


def edition(row: Institution, number: int, since: date | None, until: date | None = None, **clause: Any) -> Edition:
    made = Edition.everything.create(institution=row, number=number, since=since, until=until, document_no=f"〔202{number}〕1号")
    Clause.everything.create(edition=made, **({"article": "第三条", "subject": "主题党日", "every": "month"} | clause))
    return made


def written(folder: Path) -> dict[str, list[dict[str, Any]]]:
    with system_scope("tests write facts"):
        counts = facts.write(folder)
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in ("institution", "clause")}
    assert counts == {name: table.num_rows for name, table in tables.items()}
    assert all(table.schema == TABLES[name].arrow for name, table in tables.items())
    return {name: table.to_pylist() for name, table in tables.items()}


def test_editions_are_institutions_of_their_own(made: world.World, tmp_path: Path) -> None:
    row = Institution.everything.create(code="Z001", organisation=made.orgs["company"], title="办法", origin="own")
    edition(row, 1, date(2024, 1, 1), date(2025, 1, 1), at_least=1)
    edition(row, 2, date(2025, 1, 1), applies_to="党支部", grace_days=7, at_least=2)
    edition(row, 3, None, at_least=9)
    found = written(tmp_path)
    assert [(r["institution_id"], r["adopted_on"], r["repealed_on"]) for r in found["institution"]] == [
        ("Z001@1", date(2024, 1, 1), date(2025, 1, 1)), ("Z001", date(2025, 1, 1), None)]
    assert found["institution"][1] == {
        "institution_id": "Z001", "title": "办法", "org_id": "O-company", "origin": "own", "adopted_on": date(2025, 1, 1),
        "repealed_on": None, "document_no": "〔2022〕1号", "idea_id": None,
    }
    assert [(c["institution_id"], c["at_least"]) for c in found["clause"]] == [("Z001@1", 1), ("Z001", 2)]
    assert found["clause"][0] == {
        "institution_id": "Z001@1", "article": "第三条", "subject": "主题党日", "applies_to": None, "every": "month", "at_least": 1,
        "evidence": None, "grace_days": None,
    }


def test_without_institutions_the_tables_are_empty(made: world.World, tmp_path: Path) -> None:
    assert written(tmp_path) == {"institution": [], "clause": []}
    row = Institution.everything.create(code="Z001", organisation=made.orgs["company"], title="办法", origin="own")
    edition(row, 1, None)
    assert written(tmp_path) == {"institution": [], "clause": []}


@pytest.mark.parametrize("many", [1, 40])
def test_one_query_a_table(made: world.World, tmp_path: Path, many: int, django_assert_num_queries: Any) -> None:
    for i in range(many):
        row = Institution.everything.create(code=f"Z{i}", organisation=made.orgs["company"], title="办法", origin="own")
        edition(row, 1, date(2024, 1, 1))
    with django_assert_num_queries(2):
        assert len(written(tmp_path)["institution"]) == many
