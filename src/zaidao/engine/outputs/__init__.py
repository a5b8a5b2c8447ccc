"""Everything that a run leaves in a folder (docs/reference/outputs.md), written beside it and put in place whole."""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaidao.engine import report
from zaidao.engine.outputs import snapshot, tables
from zaidao.engine.schema import TABLES

if TYPE_CHECKING:
    from zaidao.engine.run import Result

PUBLISHED = ("findings", "elements", "duties", "rollup")
DERIVED = ("org", "ancestry", "load", "marks", "evidence", "element_parts", "conflicts", "shared_causes")
PROBLEM_FIELDS = ("file", "sheet", "cell", "field", "code", "severity", "value", "reason", "remedy")
NAMES = frozenset(
    {"manifest.json", "timings.json", "problems.csv", "report.html", "report.xlsx", "snapshot", "derived"}
    | {f"{name}.{form}" for name in PUBLISHED for form in ("parquet", "csv")}
)


def write(result: "Result", out: Path, problems: Iterable[Any] = (), counts: Iterable[Any] = ()) -> None:
    """Write all outputs of a run to the folder `out`, replacing an earlier run's.

    `problems`: what reading found (attributes or keys `PROBLEM_FIELDS`). `counts`: rows read, used, refused, without data,
    per sheet. Nothing half-written stays: on any error `out` is as it was. Raises OSError where the place cannot be written.
    """
    out = Path(out).absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        work.chmod(0o755)
        _fill(result, work, [_row(p) for p in problems], [_row(c) for c in counts])
        _settle(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fill(result: "Result", folder: Path, problems: list[dict[str, Any]], counts: list[dict[str, Any]]) -> None:
    published = {name: tables.publish(name, getattr(result, name), result.org) for name in PUBLISHED}
    for name, table in published.items():
        tables.write_parquet(table, folder / f"{name}.parquet")
        tables.write_csv(table, folder / f"{name}.csv")
    (folder / "derived").mkdir()
    for name in DERIVED:
        table = getattr(result, name)
        if table is not None:
            ordered = tables.in_order(table, result.org, tables.SORT.get(name))
            tables.write_parquet(tables.rounded(ordered), folder / "derived" / f"{name}.parquet")
    write_problems(problems, folder / "problems.csv")
    manifest = _manifest(result, published, problems, counts) | {"snapshot": snapshot.write(result.facts, folder / "snapshot")}
    _json(manifest, folder / "manifest.json")
    _json(result.timings, folder / "timings.json")
    report.write(result, published, manifest, problems, folder)


def _manifest(
    result: "Result", published: Mapping[str, Any], problems: list[dict[str, Any]], counts: list[dict[str, Any]],
) -> dict[str, Any]:
    """What was judged, as of when, by which rules; `made_at` alone differs between two runs on the same input."""
    severities = [str(p["severity"]) for p in problems]
    computed = {
        "made_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),  # noqa: UP017  a stamp; nothing is judged by it
        "schema": snapshot.schema_version(),
        "published": {name: table.num_rows for name, table in published.items()},
        "rows": {name: result.facts.rows(name) for name in TABLES},
        "unknown": result.unknown, "missing": result.facts.missing, "reading": counts,
        "problems": {s: severities.count(s) for s in sorted(set(severities))},
    }
    return computed | result.manifest


def write_problems(problems: list[dict[str, Any]], path: Path) -> None:
    """What reading found, one row a cell; UTF-8 with BOM, LF, in the order given."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(PROBLEM_FIELDS)
        writer.writerows([defused(row.get(f)) for f in PROBLEM_FIELDS] for row in problems)


def defused(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") and value else value


def _row(thing: Any) -> dict[str, Any]:
    if is_dataclass(thing) and not isinstance(thing, type):
        return asdict(thing)
    return dict(thing) if isinstance(thing, Mapping) else dict(vars(thing))


def _json(content: Any, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2, default=_plain)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    return str(value)


def _settle(work: Path, out: Path) -> None:
    """Put the finished folder in place: by one rename, or entry by entry (manifest last) where others' files lie in `out`."""
    if not out.exists() or ({p.name for p in out.iterdir()} <= NAMES and not out.is_mount()):
        old = work.with_name(work.name + ".old")
        if out.exists():
            out.rename(old)
        try:
            work.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
        return
    (out / "manifest.json").unlink(missing_ok=True)
    for entry in sorted(work.iterdir(), key=lambda p: p.name == "manifest.json"):
        target = out / entry.name
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(entry, target)
