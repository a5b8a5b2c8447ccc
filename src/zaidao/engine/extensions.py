"""Approved extensions of a term that only the records tell: a sentence with words of approval, election and delay (SIGNALS 5)."""

import re
from collections.abc import Collection
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context

SENTENCE = re.compile(r"[^。;;!!\n]+")
DAY = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?")


def told(ctx: Context, orgs: Collection[str]) -> dict[str, date | None]:
    """Organisation -> the day up to which its own titles, remarks or minutes say the term was extended; None where no day is said.

    Only sentences that hold an approval word, an election word and a delay word count (catalogue, structure_gap.extension_*).
    """
    act = ctx.t("act")
    own = ctx.run(act.filter(act.held, act.org_id.isin(sorted(orgs))).select("activity_id", "org_id", "title", "remark")) if orgs else None
    if own is None or not own.num_rows:
        return {}
    owner = dict(zip(own["activity_id"].to_pylist(), own["org_id"].to_pylist(), strict=True))
    texts = [(o, t) for c in ("title", "remark") for o, t in zip(own["org_id"].to_pylist(), own[c].to_pylist(), strict=True) if t]
    found: dict[str, date | None] = {}
    for org, text in [*texts, *_minutes(ctx, owner)]:
        for until in _extensions(text, ctx):
            known = [d for d in (found.get(org), until) if d is not None]
            found[org] = max(known, default=None)
    return found


def _minutes(ctx: Context, owner: dict[str, str]) -> list[tuple[str, str]]:
    """Minutes of the named records that mention a delay at all."""
    if not ctx.facts.has("activity", "minutes"):
        return []
    wanted, delay = pa.array(sorted(owner)), "|".join(ctx.param("structure_gap.extension_delay"))
    rows: list[tuple[str, str]] = []
    for batch in ctx.facts.minutes():
        chosen = batch.filter(pc.is_in(batch["activity_id"], value_set=wanted))
        hits = chosen.filter(pc.match_substring_regex(chosen["minutes"], delay))
        rows += [(owner[a], t) for a, t in zip(hits["activity_id"].to_pylist(), hits["minutes"].to_pylist(), strict=True)]
    return rows


def _extensions(text: str, ctx: Context) -> list[date | None]:
    words = [ctx.param(f"structure_gap.extension_{part}") for part in ("delay", "election", "approval")]
    sentences = [s for s in SENTENCE.findall(text) if all(any(w in s for w in group) for group in words)]
    return [_last_day(s) for s in sentences]


def _last_day(sentence: str) -> date | None:
    """The last day named in a sentence; the last of the month where only the month is."""
    days = []
    for year, month, day in DAY.findall(sentence):
        try:
            days.append(date(int(year), int(month), int(day or 28)))
        except ValueError:
            continue
    return max(days, default=None)
