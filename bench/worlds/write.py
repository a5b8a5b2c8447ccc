"""Writes a world's tables as Parquet under the fact schema, and its key in the shape of the samples' key.json."""

import csv
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.worlds.model import Org
from bench.worlds.settings import Settings
from zaidao.engine.schema import TABLES

ROWS = 40_000  # rows of a row group
OPTIONAL = {
    "organisation": ("form", "extended_to"),
    "appointment": ("tenure",),
    "activity": ("host_id", "remark", "decisions", "followups_done"),
}


class Writer:
    """Collects rows of organisations and writes row groups; memory holds one row group a table."""

    def __init__(self, folder: Path, settings: Settings):
        self.folder, self.settings = folder, settings
        self.rng = random.Random(settings.seed + 5)
        self.rows: dict[str, list[dict]] = {name: [] for name in TABLES}
        self.counts = dict.fromkeys(TABLES, 0)
        self.files: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.files.values():
            file.close()

    def schema(self, name: str) -> pa.Schema:
        drop = () if self.settings.optional else OPTIONAL.get(name, ())
        return pa.schema([f for f in TABLES[name].arrow if f.name not in drop])

    def add(self, orgs: list[Org]) -> None:
        for org in orgs:
            self.rows["organisation"].append(organisation(org))
            self.rows["person"] += org.people
            self.rows["institution"] += org.rules
            self.rows["clause"] += org.clauses
            self.rows["carrier"] += org.carriers
            self.rows["idea"] += org.ideas
            self.rows["appointment"] += unique(org.posts)
            self.rows["activity"] += [row for act in org.acts if (row := self.activity(act, org)) is not None]
            org.acts = []
        for name in TABLES:
            if len(self.rows[name]) >= ROWS:
                self.flush(name)

    def activity(self, act: dict, org: Org) -> dict | None:
        """The row on file: a third of the meetings not held leaves a planned record, the others leave nothing."""
        if act.get("_missed"):
            if self.rng.random() >= 0.35 or org.fault("shell"):
                return None
            if org.fault("obligations_missed"):
                org.fault("obligations_missed").show("activity", act["activity_id"], f"{act['kind']} not held")
            return {**act, "held_at": None, "recorded_at": None, "photos": [], "participants": [], "title": act["kind"]}
        act["title"] = f"{act['held_at'].month}月{act['kind']}" if "_period" in act else f"{act['place']}{act['kind']}"
        if self.settings.optional:
            self.optional(act, org)
        return act

    def optional(self, act: dict, org: Org) -> None:
        act["host_id"] = org.secretary["person_id"] if org.secretary and self.rng.random() < 0.8 else act["recorder_id"]
        act["decisions"] = self.rng.choice((0, 1, 1, 2, 3))
        act["followups_done"] = sum(self.rng.random() < 0.75 for _ in range(act["decisions"]))
        if act.get("_moved"):
            act["remark"] = "生产任务重,改期补开"
        elif act.get("_way") in ("quarterly", "monthly") and self.rng.random() < 0.3:
            act["remark"] = "驻地网络不通,集中上传"

    def flush(self, name: str) -> None:
        schema = self.schema(name)
        rows = self.rows[name]
        table = pa.table([pa.array([r.get(f.name) for r in rows], f.type) for f in schema], schema=schema)
        if name not in self.files:
            self.files[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", schema, compression="zstd")
        self.files[name].write_table(table)
        self.counts[name] += len(rows)
        self.rows[name] = []

    def finish(self, orgs: list[Org]) -> dict:
        for name in TABLES:
            self.flush(name)
        key = {
            "parameters": parameters(self.settings),
            "rows": self.counts,
            "organisations": {o.org_id: entry(o, self.settings.optional) for o in orgs},
            "errors": [],
        }
        (self.folder / "key.json").write_text(json.dumps(key, ensure_ascii=False), encoding="utf-8")
        with open(self.folder / "key-evidence.csv", "w", encoding="utf-8-sig", newline="") as lines:
            out = csv.writer(lines)
            out.writerow(["org_id", "label", "severity", "variant", "table", "key", "note", "edit"])
            for org in orgs:
                for x in org.labels:
                    out.writerows(
                        [org.org_id, x.label, x.severity, x.variant, e["table"], e["key"], e["note"], e.get("edit", "")] for e in x.evidence
                    )
        return key


def organisation(org: Org) -> dict:
    extended = org.extended_to if org.alike("extension_on_file") else None
    return {
        "org_id": org.org_id,
        "name": org.name,
        "kind": org.kind,
        "parent_id": org.parent.org_id if org.parent else None,
        "unit": org.unit,
        "established_on": org.established,
        "dissolved_on": org.dissolved,
        "term_started_on": org.term_started,
        "term_years": org.term_years,
        "headcount": org.headcount,
        "form": org.form,
        "extended_to": extended,
    }


def unique(posts: list[dict]) -> list[dict]:
    """Appointments by person, organisation and post: the later one stays where a key comes twice."""
    return list({(p["person_id"], p["org_id"], p["post"]): p for p in posts}.values())


def entry(org: Org, columns: bool) -> dict:
    names = org.alikes | org.site_alikes
    if not columns and "extension_on_file" in names:       # without a column for it, only the minutes tell
        names = names - {"extension_on_file"} | {"extension_in_minutes"}
    faults = {x.label for x in org.labels}
    return {
        "kind": org.kind,
        "size": org.size,
        "labels": [{"label": x.label, "severity": x.severity, "variant": x.variant, "evidence": x.evidence} for x in org.labels],
        "lookalikes": sorted(names) if org.kind == "branch" else [],
        "tolerated": sorted(org.tolerated - faults),
    }


def parameters(settings: Settings) -> dict:
    return {
        "seed": settings.seed,
        "organisations": settings.organisations,
        "months": settings.months,
        "ends": settings.ends.isoformat(),
        "mix": settings.mix,
        "alikes": settings.alikes,
        "severity": list(settings.severity),
        "double": settings.double,
        "text": settings.text,
        "optional": settings.optional,
        "generator": "bench.worlds",
    }
