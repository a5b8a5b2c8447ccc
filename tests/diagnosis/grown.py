"""A large published folder out of a small one: the same group many times over under one root, for page limits and timings."""

import json
from pathlib import Path

import duckdb

ROOT = "GROUP"
CODES = ("org_id", "parent_id", "ancestor_id", "activity_id", "other_id", "person_id", "carrier_id", "idea_id", "institution_id", "site_id")


def grow(folder: Path, out: Path, copies: int) -> dict[str, object]:
    """Write `copies` of the group to `out`, each code with the copy's number behind it; returns the manifest."""
    db = duckdb.connect()
    db.execute("SET preserve_insertion_order = true")
    for file in sorted(folder.rglob("*.parquet")):
        target = out / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        columns = [r[0] for r in db.execute(f"describe select * from '{file}'").fetchall()]
        told = [f"{c} || '-' || i as {c}" if c in CODES else c for c in columns]
        order = "order by i" if "ord" not in columns else "order by i, ord"
        rows = f"select {', '.join(told)} from '{file}', range({copies}) r(i) {order}"
        if target.stem == "org":
            rows = _under_one_root(rows)
        if target.stem == "ancestry":
            rows = f"""select * from ({rows})
                union all select org_id, '{ROOT}', 1 + max(distance) from ({rows}) group by org_id
                union all select '{ROOT}', '{ROOT}', 0"""
        db.execute(f"copy ({rows}) to '{target}' (format parquet, compression zstd)")
    manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return manifest


def _under_one_root(rows: str) -> str:
    """The copies' roots below one new root, places in the tree counted anew."""
    return f"""with copies as ({rows}), placed as (
        select * replace (coalesce(parent_id, '{ROOT}') as parent_id, depth + 1 as depth,
          (row_number() over (order by cast(split_part(org_id, '-', -1) as int), ord))::int as ord) from copies)
      select * from placed union all by name
      select '{ROOT}' as org_id, '大型集团' as name, 'committee' as kind, 0 as depth, 0 as ord, false as judged, 12 as exposure
      order by ord"""
