"""A run through a lens: nothing of organisations out of sight, in any file, and nothing that is another's to answer first."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zaidao.core.parquet import Folder
from zaidao.diagnosis.lens import CUTS, Lens
from zaidao.diagnosis.queries import overview


@pytest.fixture
def folder(published: Path) -> Path:
    return published / "run"


def _with_org(folder: Path) -> list[str]:
    files = [f.relative_to(folder).with_suffix("").as_posix() for f in folder.rglob("*.parquet")]
    return [f for f in files if "org_id" in Folder(folder).columns(f)]


def test_every_file_that_names_organisations_shows_only_those_in_sight(folder: Path) -> None:
    whole = Folder(folder)
    one = whole.rows("select org_id from {derived/org} where kind = 'branch' order by ord limit 1")[0]["org_id"]
    lens, seen = Lens(folder, {one}), 0
    for name in _with_org(folder):
        if name not in ("snapshot/person", "snapshot/institution"):
            assert {r["org_id"] for r in lens.rows(f"select distinct org_id from {{{name}}}")} <= {one}, name
            seen += 1
    assert seen > 10


def test_people_in_sight_are_those_of_the_organisation_and_holders_of_its_posts(folder: Path) -> None:
    one = "HW00015"
    rows = Lens(folder, {one}).rows("select person_id, org_id from {snapshot/person}")
    held = {r["person_id"] for r in Folder(folder).rows("select person_id from {snapshot/appointment} where org_id = $o", {"o": one})}
    assert 0 < len(rows) < 60
    assert all(r["org_id"] == one or r["person_id"] in held for r in rows)


def test_rules_of_the_superiors_can_be_read(folder: Path) -> None:
    above = {r["ancestor_id"] for r in Folder(folder).rows("select ancestor_id from {derived/ancestry} where org_id = 'HW00015'")}
    rules = Lens(folder, {"HW00015"}).rows("select org_id, institution_id from {snapshot/institution}")
    assert rules
    assert {r["org_id"] for r in rules} <= above
    clauses = Lens(folder, {"HW00015"}).rows("select institution_id from {snapshot/clause}")
    assert {r["institution_id"] for r in clauses} <= {r["institution_id"] for r in rules}


def test_a_file_without_a_cut_cannot_be_read(folder: Path) -> None:
    with pytest.raises(KeyError):
        Lens(folder, {"HW00015"}).rows("select * from {problems}")


def test_every_published_file_has_a_cut_or_is_the_uploaders(folder: Path) -> None:
    files = {f.relative_to(folder).with_suffix("").as_posix() for f in folder.rglob("*.parquet")}
    assert files - set(CUTS) <= {"problems"}


def test_findings_kept_back_are_neither_listed_nor_told_by_marks_or_sums(folder: Path) -> None:
    found = Folder(folder).rows("select org_id, finding from {findings} where finding = 'copied_minutes' and severity >= 2 order by org_id")
    closed = [(found[0]["org_id"], "copied_minutes")]
    lens = Lens(folder, None, closed)
    left = {(r["org_id"], r["finding"]) for r in lens.rows("select org_id, finding from {findings}")}
    assert closed[0] not in left
    assert (found[1]["org_id"], "copied_minutes") in left
    assert lens.row("select 1 as x from {derived/evidence} where org_id = $o and finding = 'copied_minutes'", {"o": closed[0][0]}) is None
    assert lens.row("select 1 as x from {derived/marks} where org_id = $o", {"o": closed[0][0]}) is None
    assert lens.row("select 1 as x from {rollup} where measure like 'finding:copied_minutes:%'") is None
    assert lens.row("select 1 as x from {rollup} where measure like 'finding:backfill:%'")
    assert not lens.whole


def _group(place: Path, size: int, having: int) -> list[tuple[str, str]]:
    """So many organisations, the first of which have a finding; these, as (organisation, code)."""
    (place / "derived").mkdir()
    found = [(f"O{i}", "backfill") for i in range(having)]
    orgs = pa.table({"org_id": [f"O{i}" for i in range(size)], "name": [None] * size})
    pq.write_table(orgs, place / "derived/org.parquet")
    rows = {"org_id": [o for o, _ in found], "finding": [c for _, c in found], "severity": [2] * having}
    pq.write_table(pa.table(rows), place / "findings.parquet")
    return found


@pytest.mark.parametrize(("waiting", "told"), [(4, {}), (5, {"": 5, "backfill": 5})])
def test_sums_are_told_from_five_organisations(tmp_path: Path, waiting: int, told: dict[str, int]) -> None:
    closed = _group(tmp_path, 20, waiting)
    assert Lens(tmp_path, None, closed).kept_back(5) == told
    assert Lens(tmp_path, {"O0", "O1", *(f"O{i}" for i in range(10, 20))}, closed).kept_back(5) == {}


def test_sums_are_not_told_where_nearly_everybody_is_meant(tmp_path: Path) -> None:
    closed = _group(tmp_path, 12, 9)
    assert Lens(tmp_path, None, closed).kept_back(5) == {}  # nine of twelve
    assert Lens(tmp_path, None, closed[:6]).kept_back(5) == {"": 6}  # three are told openly: six of the nine that are left


def test_sums_leave_out_what_is_no_longer_found(tmp_path: Path) -> None:
    closed = _group(tmp_path, 20, 5)
    assert Lens(tmp_path, None, [*closed, ("O9", "backfill"), ("O8", "shell")]).kept_back(5) == {"": 5, "backfill": 5}


def test_names_are_those_in_sight_and_the_highest_in_sight_stand_at_the_top(folder: Path) -> None:
    lens = Lens(folder, {"HW00015"})
    assert list(overview.names(lens)) == ["HW00015"]
    assert [r["org_id"] for r in overview.children(lens, overview.ROOTS)[0]] == ["HW00015"]
