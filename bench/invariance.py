"""Invariance of a diagnosis (SIGNALS 5): the same group told differently must give the same findings.

    python -m bench.invariance [WORLD]

Renamed codes, shuffled rows, all dates four years later (leap days stay leap days), names, gender, ethnicity and birth dates
dealt anew: these must change nothing. An unrelated subtree is added too:
peers and fitted groups then change, so its difference is reported, not demanded.
"""

import csv
import random
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.run import OUT, diagnose, prepare
from bench.worlds import Settings, make_world

Tables = dict[str, pa.Table]
Back = dict[str, str]
CODES = {
    "org_id",
    "parent_id",
    "person_id",
    "proposer_id",
    "recorder_id",
    "host_id",
    "participants",
    "activity_id",
    "carrier_id",
    "institution_id",
    "idea_id",
}
YEARS = 4


def load(folder: Path) -> Tables:
    return {f.stem: pq.read_table(f) for f in sorted(folder.glob("*.parquet"))}


def save(tables: Tables, folder: Path, like: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    shutil.copyfile(like / "key.json", folder / "key.json")


def renamed(tables: Tables, rng: random.Random) -> tuple[Tables, Back]:
    """Every code becomes another one; their order is shuffled too. Also returns new organisation code -> old."""
    new: dict[str, str] = {}
    for table in tables.values():
        for name in table.column_names:
            if name in CODES and name != "participants":
                for value in pc.unique(table[name]).to_pylist():
                    if value is not None and value not in new:
                        new[value] = f"N{rng.getrandbits(60):015d}"
    out = {}
    for key, table in tables.items():
        fresh = table
        for i, name in enumerate(table.column_names):
            if name in CODES:
                codes = [[new.get(v, v) for v in x] if isinstance(x, list) else new.get(x, x) for x in table[name].to_pylist()]
                fresh = fresh.set_column(i, table.schema.field(name), pa.array(codes, table.schema.field(name).type))
        out[key] = fresh
    return out, {new[o]: o for o in tables["organisation"]["org_id"].to_pylist()}


def shuffled(tables: Tables, rng: random.Random) -> tuple[Tables, Back]:
    out = {}
    for name, table in tables.items():
        order = list(range(table.num_rows))
        rng.shuffle(order)
        out[name] = table.take(pa.array(order))
    return out, {}


def later(tables: Tables, rng: random.Random) -> tuple[Tables, Back]:
    """All dates and times four years later."""
    out = {}
    for key, table in tables.items():
        moved = table
        for i, f in enumerate(table.schema):
            if pa.types.is_date(f.type) or pa.types.is_timestamp(f.type):
                times = [None if v is None else v.replace(year=v.year + YEARS) for v in table[f.name].to_pylist()]
                moved = moved.set_column(i, f, pa.array(times, f.type))
        out[key] = moved
    return out, {}


def other_people(tables: Tables, rng: random.Random) -> tuple[Tables, Back]:
    """Gender, ethnicity and birth dates dealt anew; every name swapped for another of its length, in the minutes too."""
    person = tables["person"]
    for name in ("gender", "ethnicity", "born_on"):
        values = person[name].to_pylist()
        rng.shuffle(values)
        person = person.set_column(
            person.column_names.index(name), person.schema.field(name), pa.array(values, person.schema.field(name).type)
        )
    swap = name_swap(person["name"].to_pylist(), rng)
    person = person.set_column(person.column_names.index("name"), "name", pa.array([swap[n] for n in person["name"].to_pylist()]))
    act = tables["activity"]
    pattern = re.compile("|".join(sorted(map(re.escape, swap), key=lambda n: (-len(n), n))))
    texts = [None if t is None else pattern.sub(lambda m: swap[m[0]], t) for t in act["minutes"].to_pylist()]
    return tables | {
        "person": person,
        "activity": act.set_column(act.column_names.index("minutes"), "minutes", pa.array(texts, pa.string())),
    }, {}


def name_swap(names: list[str], rng: random.Random) -> dict[str, str]:
    """A bijection of the names onto themselves that keeps lengths."""
    swap: dict[str, str] = {}
    for length in sorted({len(n) for n in names}):
        same = sorted({n for n in names if len(n) == length})
        other = same[:]
        rng.shuffle(other)
        swap |= dict(zip(same, other, strict=True))
    return swap


def with_subtree(tables: Tables, rng: random.Random) -> tuple[Tables, Back]:
    """A small honest group of its own under the same root, without text."""
    folder = OUT / "worlds" / "invariance-subtree"
    make_world(Settings(seed=991, organisations=40, mix={}, alikes={}, text=False, prefix="ZZ"), folder)
    extra = load(folder)
    root = next(r["org_id"] for r in tables["organisation"].to_pylist() if r["parent_id"] is None)
    parents = [root if p is None else p for p in extra["organisation"]["parent_id"].to_pylist()]
    org = extra["organisation"]
    extra["organisation"] = org.set_column(org.column_names.index("parent_id"), "parent_id", pa.array(parents, pa.string()))
    for name in ("person", "appointment", "activity", "carrier", "institution", "clause", "idea"):
        extra[name] = prefixed(extra[name])
    return {
        k: pa.concat_tables([t, extra[k].select([c for c in t.column_names if c in extra[k].column_names])], promote_options="default")
        for k, t in tables.items()
    }, {}


def prefixed(table: pa.Table) -> pa.Table:
    """Person, carrier and rule codes of the added subtree get a mark, so that none meets one of the group's."""
    for i, name in enumerate(table.column_names):
        if name in CODES - {"org_id", "activity_id"}:
            values = [[f"ZZ{v}" for v in x] if isinstance(x, list) else None if x is None else f"ZZ{x}" for x in table[name].to_pylist()]
            table = table.set_column(i, table.schema.field(name), pa.array(values, table.schema.field(name).type))
    return table


CHANGES: dict[str, Callable[[Tables, random.Random], tuple[Tables, Back]]] = {
    "renamed codes": renamed,
    "shuffled rows": shuffled,
    "four years later": later,
    "other names, gender, ethnicity, birth dates": other_people,
    "an unrelated subtree added": with_subtree,
}


def findings(out: Path, back: Back) -> dict[tuple[str, str], tuple[int, float]]:
    """(organisation, code) -> severity and score, under the old codes."""
    with open(out / "findings.csv", encoding="utf-8", newline="") as lines:
        return {
            (back.get(r["org_id"], r["org_id"]), r["finding"]): (int(float(r["severity"] or 0)), round(float(r["score"] or 0), 4))
            for r in csv.DictReader(lines)
        }


def main(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "yunling"
    facts = prepare(name, keep=True)
    if not diagnose(facts, OUT / "results" / name):
        return 1
    base, tables, broken = findings(OUT / "results" / name, {}), load(facts), 0
    for title, change in CHANGES.items():
        changed, back = change(dict(tables), random.Random(5))
        folder = OUT / "worlds" / "invariance"
        save(changed, folder, facts)
        if change is later:
            text = (folder / "key.json").read_text(encoding="utf-8")
            (folder / "key.json").write_text(
                re.sub(r'"ends": "(\d{4})', lambda m: f'"ends": "{int(m[1]) + YEARS}', text, count=1), encoding="utf-8"
            )
        if not diagnose(folder, OUT / "results" / "invariance"):
            print(f"{title}: could not be diagnosed")
            broken += 1
            continue
        broken += report(
            title,
            base,
            {k: v for k, v in findings(OUT / "results" / "invariance", back).items() if not k[0].startswith("ZZ")},
            change is not with_subtree,
        )
    return 1 if broken else 0


def report(title: str, base: dict, now: dict, demanded: bool) -> int:
    """Prints what differs; returns 1 where nothing may."""
    differ = sorted(k for k in base.keys() | now.keys() if base.get(k) != now.get(k))
    flips = [k for k in differ if (base.get(k, (0, 0))[0] >= 2) != (now.get(k, (0, 0))[0] >= 2)]
    print(
        f"{title}: {len(base)} findings, {len(differ)} differ in severity or score, {len(flips)} cross severity 2"
        + (f": {flips[:6]}" if flips else ""),
        flush=True,
    )
    for k in differ[:3]:
        print(f"    {k}: {base.get(k)} -> {now.get(k)}")
    return int(demanded and bool(differ))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
