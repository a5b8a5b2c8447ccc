"""Diagnoses one folder of facts in its own process: `python -m bench.one FACTS OUT [AS_OF]`.

Writes findings.csv, marks.csv (records marked in the family of text), bench.json (seconds by part, peak memory, counts) into OUT.
"""

import csv
import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from zaidao.engine.facts import Facts
from zaidao.engine.run import Result, diagnose


def main(arguments: list[str]) -> int:
    source, out = Path(arguments[0]), Path(arguments[1])
    as_of = date.fromisoformat(arguments[2]) if len(arguments) > 2 and arguments[2] else None
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    facts = Facts.from_parquet(source)
    read = time.perf_counter() - began
    result = diagnose(facts, as_of=as_of)
    write(result, out)
    figures = {
        "read": round(read, 2),
        "total": round(time.perf_counter() - began, 2),
        "parts": result.timings,
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "judged": result.manifest["organisations_judged"],
        "as_of": result.manifest["as_of"],
        "unknown": result.unknown,
    }
    (out / "bench.json").write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
    return 0


def write(result: Result, out: Path) -> None:
    with open(out / "findings.csv", "w", encoding="utf-8", newline="") as lines:
        sheet = csv.writer(lines)
        sheet.writerow(["org_id", "finding", "score", "low", "high", "severity", "evidence"])
        for row in result.findings.select(["org_id", "finding", "score", "low", "high", "severity", "evidence"]).to_pylist():
            sheet.writerow([*(row[k] for k in ("org_id", "finding", "score", "low", "high", "severity")), ";".join(row["evidence"])])
    with open(out / "marks.csv", "w", encoding="utf-8", newline="") as lines:
        sheet = csv.writer(lines)
        sheet.writerow(["activity_id", "code"])
        marks = result.marks.select(["activity_id", "family", "code"]).to_pylist()
        sheet.writerows([m["activity_id"], m["code"]] for m in marks if m["family"] == "text")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
