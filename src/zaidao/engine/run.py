"""One diagnosis, end to end: facts in, every published table out. Reads no clock and no file."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pyarrow as pa

from zaidao.engine import appeal, attendance, context, credibility, duties, elements, explained, findings, hands, load, rollup, shell
from zaidao.engine.backend import Engine
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.context import Context
from zaidao.engine.explained import Answer
from zaidao.engine.facts import Facts
from zaidao.engine.registry import INDICATORS
from zaidao.engine.schema import FINDINGS

Progress = Callable[[str, float], None]
STEPS = {
    "frame": "整理组织、人员和时间范围", "duties": "推算应办事项", "marks": "查看记录痕迹", "findings": "逐项比对",
    "elements": "计算台账与印证", "rollup": "逐级汇总",
}
EVIDENCE = pa.schema([("org_id", pa.string()), ("finding", pa.string()), ("key", pa.string()), ("ord", pa.int32())])


@dataclass
class Result:
    """What a run publishes; `outputs.write` puts it on disk. Shapes: docs/reference/outputs.md."""

    manifest: dict[str, Any]
    findings: pa.Table
    elements: pa.Table
    duties: pa.Table
    rollup: pa.Table
    org: pa.Table
    ancestry: pa.Table
    load: pa.Table
    marks: pa.Table
    evidence: pa.Table
    element_parts: pa.Table
    conflicts: pa.Table
    shared_causes: pa.Table
    facts: Facts
    unknown: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)


class _Clock:
    """Reports each step as it begins and remembers how long it took (seconds)."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.started, self.current = progress, 0.0, ""
        self.timings: dict[str, float] = {}

    def begin(self, step: str) -> None:
        self.end()
        self.current, self.started = step, time.perf_counter()
        self.progress(STEPS[step], list(STEPS).index(step) / len(STEPS))

    def end(self) -> None:
        if self.current:
            self.timings[self.current] = round(time.perf_counter() - self.started, 3)


def diagnose(
    facts: Facts, *, as_of: date | None = None, frm: date | None = None, to: date | None = None, answers: Collection[Answer] = (),
    engine: str = "duckdb", threads: int | None = None, catalogue: Catalogue | None = None, progress: Progress = lambda _step, _done: None,
) -> Result:
    """Diagnose a group from its facts.

    `as_of` defaults to the day after the last activity; `frm` and `to` (half-open whole months) replace the window of the
    last twelve. `answers` are explained pieces of evidence, which leave the counts. Raises window.Refused where no day
    of judgement can be known or no whole month lies in the window.
    """
    clock = _Clock(progress)
    clock.begin("frame")
    ctx = context.build(facts, engine=Engine.open(engine, threads=threads), as_of=as_of, frm=frm, to=to, catalogue=catalogue)
    clock.begin("duties")
    duty = duties.build(ctx)
    clock.begin("marks")
    counted = _counted(ctx, answers)
    clock.begin("findings")
    judged = {code: findings.judge(ctx, code, trials) for code, (trials, _) in counted.items()}
    clock.begin("elements")
    credibility.records(ctx)
    parts = elements.count(ctx)
    scored = elements.judge(ctx, parts)
    judged = {"shell": _shell(ctx, parts, scored, judged)} | judged
    table = findings.assemble(ctx, judged)
    clock.begin("rollup")
    unknown = {code: trials.unknown for code, (trials, _) in counted.items() if trials.unknown}
    summed = rollup.build(ctx, table, parts, unknown)
    burden = load.build(ctx)
    clock.end()
    left = sum(gone for _, gone in counted.values())
    return Result(
        manifest=_manifest(ctx, table, duty, left, unknown), findings=table, elements=scored, duties=duty, rollup=summed, org=ctx.orgs,
        ancestry=ctx.run(ctx.t("ancestry")), load=burden, marks=ctx.run(ctx.t("mark")), evidence=_evidence(table), element_parts=parts,
        conflicts=ctx.run(ctx.t("duty_conflict")), shared_causes=ctx.run(ctx.t("duty_cell")), facts=facts,
        unknown=unknown, timings=clock.timings,
    )


def _counted(ctx: Context, answers: Collection[Answer]) -> dict[str, tuple[Any, int]]:
    """Every indicator but `shell`, in the catalogue's order, without explained evidence; marks are put on the way."""
    codes = [code for code in FINDINGS if code in INDICATORS]
    counted = {code: explained.leave_out(code, INDICATORS[code](ctx), answers, _least(ctx, code)) for code in codes}
    ctx.marks += [attendance.attendance_marks(ctx), hands.hands_marks(ctx), appeal.appeal_marks(ctx)]
    ctx.marks = explained.unmark(ctx.marks, answers)
    credibility.put_marks(ctx)
    return counted


def _least(ctx: Context, code: str) -> float:
    """Bad trials that a decision about a code needs at least, few records allowed for; 0 for codes whose card counts otherwise."""
    names = {"backfill": "least_records", "duties_missed": "least", "dead_ideas": "least_dead"}
    names |= dict.fromkeys(explained.PAIRED, "least_few")
    return float(ctx.catalogue.param(f"{code}.{names[code]}")) if code in names else 0.0


def _shell(ctx: Context, parts: pa.Table, scored: pa.Table, judged: dict[str, findings.Judged]) -> findings.Judged:
    own = [verdict.chances for verdict in judged.values() if verdict.chances is not None]
    chances = shell.gather([*own, attendance.attendance_chances(ctx), hands.hands_chances(ctx), appeal.appeal_chances(ctx)])
    codes: dict[str, list[str]] = {}
    for code, verdict in judged.items():
        for org, severity in zip(verdict.table["org_id"].to_pylist(), verdict.table["severity"].to_pylist(), strict=True):
            if severity and severity >= 2:
                codes.setdefault(org, []).append(ctx.catalogue.card(code)["name"])
    return findings.judge(ctx, "shell", shell.shell(parts, scored, chances, codes, _doubtful(ctx), ctx.catalogue))


def _doubtful(ctx: Context) -> dict[str, list[str]]:
    """Organisation -> records of the window below the credibility that counts, in the order of their codes."""
    record, least = ctx.t("record"), int(ctx.catalogue.param("elements.credible_from") * credibility.MICRO)
    rows = ctx.run(record.filter(record.m.notnull(), record.q_micro < least).select("org_id", "activity_id")).sort_by("activity_id")
    found: dict[str, list[str]] = {}
    for org, activity in zip(rows["org_id"].to_pylist(), rows["activity_id"].to_pylist(), strict=True):
        found.setdefault(org, []).append(activity)
    return found


def _evidence(table: pa.Table) -> pa.Table:
    """One row per piece of evidence: org_id, finding, key, ord."""
    rows = [
        {"org_id": r["org_id"], "finding": r["finding"], "key": key, "ord": i}
        for r in table.select(["org_id", "finding", "evidence"]).to_pylist() for i, key in enumerate(r["evidence"])
    ]
    return pa.Table.from_pylist(rows, EVIDENCE)


def _manifest(ctx: Context, table: pa.Table, duty: pa.Table, left: int, unknown: dict[str, str]) -> dict[str, Any]:
    try:
        code = version("zaidao")
    except PackageNotFoundError:
        code = "unknown"
    window = {"from": ctx.window.start.isoformat(), "to": ctx.window.end.isoformat()}
    rows = {name: ctx.facts.table(name, [keys[0]]).num_rows for name, keys in _KEYS.items()}
    return {
        "as_of": ctx.as_of.isoformat(), "window": window, "rows": rows, "catalogue": ctx.catalogue.version, "code": code,
        "organisations_judged": sum(ctx.orgs["judged"].to_pylist()), "findings": table.num_rows, "duties": duty.num_rows,
        "explained_evidence": left, "unknown": unknown, "missing": dict(ctx.facts.missing), "warnings": ctx.warnings,
    }


_KEYS = {
    "organisation": ("org_id",), "person": ("person_id",), "appointment": ("person_id",), "institution": ("institution_id",),
    "clause": ("institution_id",), "carrier": ("carrier_id",), "activity": ("activity_id",), "idea": ("idea_id",),
}
