"""Prints the bench's tables: plain text, fixed width."""

from typing import Any

from bench.judging import Interval, Report, Tally, wilson

WIDTH = 17


def rate(value: Interval | None) -> str:
    return "-".center(WIDTH) if value is None else f"{value[0]:.2f} [{value[1]:.2f}-{value[2]:.2f}]".ljust(WIDTH)


def number(value: float | None) -> str:
    return "  - " if value is None else f"{value:.2f}"


def world(name: str, whole: Report, halves: dict[str, Report], copies: dict[str, tuple[int, int]], timing: dict[str, Any]) -> None:
    """One world: a line per code, the sum, look-alikes with an alarm, copied rows by edit rate, seconds and memory."""
    codes(whole)
    for title, report in halves.items():
        print(f"  {title}: {line(report.overall)}")
        weak = {c: number(t.f1) for c, t in report.codes.items() if t.planted >= 3 and (t.f1 or 0) < 0.85}
        print(f"    weaker codes (F1): {weak or 'none'}")
    alarmed = sorted({o for n, by in whole.lookalikes.values() for orgs in by.values() for o in orgs})
    print(f"  look-alike organisations with any alarm: {len(alarmed)} of {sum(n for n, _ in whole.lookalikes.values())}")
    for kind, (n, by) in whole.lookalikes.items():
        if by:
            print(f"    {kind} ({n}): " + "; ".join(f"{c} {' '.join(orgs[:6])}" for c, orgs in by.items()))
    if copies:
        print(
            "  copied rows marked, by share of characters changed: "
            + ", ".join(f"{r}: {h}/{n} = {h / n:.3f}" for r, (h, n) in copies.items())
        )
    parts = ", ".join(f"{k} {v:.1f}" for k, v in timing["parts"].items())
    judged = f"judged {timing['judged']} of {whole.organisations}"
    print(f"  seconds: {timing['total']:.1f} (read {timing['read']:.1f}, {parts}); peak {timing['peak_gib']} GiB; {judged}", flush=True)


def codes(report: Report) -> None:
    print(
        f"{'code':17}{'n':>4}{'tol':>5}{'TP':>4}{'FP':>4}{'FN':>4}  {'precision':{WIDTH}} {'recall':{WIDTH}} F1   sev1 sev2 sev3  evidence"
    )
    for code, t in report.codes.items():
        by = " ".join(number(h / n) if n else "  - " for h, n in t.by_severity.values())
        evidence = number(t.evidence_true / t.evidence_found if t.evidence_found else None)
        precision, recall = rate(wilson(t.tp, t.tp + t.fp)), rate(wilson(t.tp, t.tp + t.fn))
        print(
            f"{code:17}{t.planted:4}{t.tolerated:5}{t.tp:4}{t.fp:4}{t.fn:4}  {precision} {recall} {number(t.f1)} {by}  {evidence}"
            + (f"  FP {' '.join(t.alarms[:5])}" if t.alarms else "")
            + (f"  FN {' '.join(t.missed[:5])}" if t.missed else "")
        )
    print("  " + line(report.overall))


def line(t: Tally) -> str:
    evidence = number(t.evidence_true / t.evidence_found if t.evidence_found else None)
    return (
        f"all codes: n {t.planted}, precision {rate(wilson(t.tp, t.tp + t.fp)).strip()}, recall {rate(wilson(t.tp, t.tp + t.fn)).strip()}, "
        f"F1 {number(t.f1)}, evidence precision {evidence}"
    )


def null_rates(figures: dict[str, dict[str, Any]]) -> None:
    """Worlds where nothing is planted: organisations flagged at severity 2-3, of those judged, by code; 0.5 % is the limit."""
    null = {
        n: f
        for n, f in figures.items()
        if "report" in f
        and not any(t["planted"] or t["tolerated"] for t in f["report"]["codes"].values())
        and not f["report"]["lookalikes"]
    }
    if not null:
        return
    print("\n== worlds without planted faults: flagged per judged organisation ==")
    for name, f in null.items():
        judged = f["timing"]["judged"]
        rates = {c: n / judged for c, n in f["report"]["flagged"].items() if n and judged}
        over = [c for c, r in rates.items() if r > 0.005]
        print(
            f"{name:18} n {judged:5}  "
            + (", ".join(f"{c} {r:.2%}" for c, r in rates.items()) or "none flagged")
            + (f"  OVER 0.5 %: {', '.join(over)}" if over else "")
        )


def lookalikes(figures: dict[str, dict[str, Any]]) -> None:
    """Each look-alike alone: how many of its organisations and of the others got any alarm, by code."""
    alone = {n: f for n, f in figures.items() if n.startswith("only-") and "report" in f}
    if not alone:
        return
    print("\n== each look-alike alone ==")
    for f in alone.values():
        for kind, (n, by) in f["report"]["lookalikes"].items():
            flagged = {o for orgs in by.values() for o in orgs}
            others = {c: len(set(t["alarms"]) - flagged) for c, t in f["report"]["codes"].items() if set(t["alarms"]) - flagged}
            alarms = ", ".join(f"{c} {len(o)}" for c, o in by.items()) or "none"
            print(f"{kind:27} {len(flagged):3} of {n:3} flagged: {alarms}" + (f"   others: {others}" if others else ""))
