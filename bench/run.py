"""make bench: diagnoses every world in its own process and prints what was found, by code, with Wilson intervals.

    python -m bench.run [NAME …] [--all] [--keep] [--json FILE] [--list]

Without names: chenghu-300 (both halves) and every bench world but the largest; `--all` adds large-20000 (generated in about four
minutes, diagnosed in about five). Worlds and results lie in bench/out; `--keep` does not make worlds again that lie there.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import show
from bench.judging import Report, copied_rows, judge, load_key
from bench.partial import PARTIAL, make_partial
from bench.worlds import WORLDS, make_world

HERE = Path(__file__).parent
OUT = HERE / "out"
STORED = {"chenghu-300": HERE / "data" / "chenghu-300"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true", help="the 20,000-organisation world too")
    parser.add_argument("--keep", action="store_true", help="use worlds that lie in bench/out")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    every = [*STORED, *WORLDS, *PARTIAL]
    if args.list:
        print("\n".join(every))
        return 0
    names = args.names or [n for n in every if args.all or n != "large-20000"]
    figures, failed = {}, []
    for name in names:
        outcome = run_world(name, args.keep)
        figures[name] = outcome
        if outcome.get("failed"):
            failed.append(name)
    show.null_rates(figures)
    show.lookalikes(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    if failed:
        print("could not be diagnosed:", ", ".join(failed))
    return 1 if failed else 0


def run_world(name: str, keep: bool) -> dict[str, Any]:
    """Makes the world if need be, diagnoses it, prints its table; returns all figures as plain data."""
    facts = prepare(name, keep)
    out = OUT / "results" / name
    print(f"\n== {name} ==", flush=True)
    if not diagnose(facts, out):
        return {"failed": True}
    orgs = load_key(facts)
    timing = json.loads((out / "bench.json").read_text(encoding="utf-8"))
    with open(out / "findings.csv", encoding="utf-8", newline="") as lines:
        findings = list(csv.DictReader(lines))
    with open(out / "marks.csv", encoding="utf-8", newline="") as lines:
        marked = {row["activity_id"] for row in csv.DictReader(lines)}
    whole = judge(findings, orgs)
    halves = (
        {"development half (even)": judge(findings, orgs, even), "held back (odd)": judge(findings, orgs, lambda o: not even(o))}
        if name in STORED
        else {}
    )
    copies = copied_rows(orgs, marked)
    show.world(name, whole, halves, copies, timing)
    return {
        "report": plain(whole),
        "halves": {k: plain(v) for k, v in halves.items()},
        "copied_rows": copies,
        "timing": timing,
        "seed": seed(facts),
    }


def even(org_id: str) -> bool:
    return int(org_id[-1]) % 2 == 0


def plain(report: Report) -> dict[str, Any]:
    return {
        "organisations": report.organisations,
        "codes": {c: asdict(t) for c, t in report.codes.items()},
        "lookalikes": report.lookalikes,
        "flagged": report.flagged,
    }


def seed(facts: Path) -> Any:
    return json.loads((facts / "key.json").read_text(encoding="utf-8"))["parameters"].get("seed")


def prepare(name: str, keep: bool) -> Path:
    """The folder of a world's facts; made anew unless it is stored, or lies there and may be kept."""
    if name in STORED:
        return STORED[name]
    folder = OUT / "worlds" / name
    if keep and (folder / "key.json").exists():
        return folder
    began = time.perf_counter()
    if name in PARTIAL:
        make_partial(name, prepare(PARTIAL[name].base, keep=True), folder)
    else:
        make_world(WORLDS[name], folder)
    print(f"made {name} in {time.perf_counter() - began:.1f} s", flush=True)
    return folder


def diagnose(facts: Path, out: Path) -> bool:
    """Runs the diagnosis in a process of its own, so that memory is its own peak. The day of judgement follows the world's last day."""
    ends = json.loads((facts / "key.json").read_text(encoding="utf-8"))["parameters"].get("ends")
    as_of = (date.fromisoformat(ends) + timedelta(days=1)).isoformat() if ends else ""
    paths = [str(HERE.parent / "src"), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "bench.one", str(facts), str(out), as_of],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
