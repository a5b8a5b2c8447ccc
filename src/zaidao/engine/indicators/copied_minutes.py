"""记录文本高度相近: minutes that repeat the text of an earlier filed record, edited or not (SIGNALS 4.5, family text).

n = records of W whose residue is long enough to be judged; k = those of them that repeat a text filed earlier, by whomever and
whenever; of two filed within a day both count.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS, Trials, nothing
from zaidao.engine.indicators.pairs import evidence, trials
from zaidao.engine.text import Copies, TextParams, find_copies

ACTS = ("activity_id", "org_id", "place", "held_at", "recorded_at", "carrier_id", "participants")


def copied_minutes(ctx: Context) -> Trials:
    """k copies of n judged records in W. Adds the marks of family text to the context."""
    if not ctx.facts.has("activity", "minutes"):
        return nothing(Trials, "活动记录没有记录正文,无法比对文本")  # type: ignore[return-value]
    copies = compare(ctx)
    ctx.marks.append(text_marks(copies))
    looked = copies.judged.select(["activity_id"])
    return Trials(trials(ctx, "copied_minutes", looked, hits(copies)), evidence(ctx, hits(copies)))


def compare(ctx: Context) -> Copies:
    """All minutes on file up to the day of judgement compared with one another."""
    acts = ctx.run(ctx.t("act").select(*ACTS))
    return find_copies(ctx.facts.minutes(), acts, _names(ctx), text_params(ctx.param))


def text_params(param: Callable[[str], Any], **changes: Any) -> TextParams:
    """The catalogue's parameters of the comparison, with `changes` for trials."""
    return TextParams(**({f.name: param(f"copied_minutes.{f.name}") for f in fields(TextParams)} | changes))


def text_marks(copies: Copies) -> pa.Table:
    """MARKS `copied`, in and before W; strength is the aligned share."""
    found = hits(copies)
    same = lambda value: pa.array([value] * found.num_rows, pa.string())  # noqa: E731
    columns = [found["activity_id"], found["org_id"], same("text"), same("copied"), found["share"], found["other_id"]]
    return pa.table(columns, schema=MARKS)


def hits(copies: Copies) -> pa.Table:
    """One row per record that counts: activity_id, org_id, other_id, share, within. Of two filed within a day both."""
    pairs = copies.pairs
    near = pairs.filter(pairs["both"])
    names = ["activity_id", "org_id", "other_id", "share", "within"]
    later = pairs.select(["later_id", "later_org", "earlier_id", "share", "within"]).rename_columns(names)
    earlier = near.select(["earlier_id", "earlier_org", "later_id", "share", "within"]).rename_columns(names)
    both = pa.concat_tables([later, earlier]).sort_by([("activity_id", "ascending"), ("share", "descending"), ("other_id", "ascending")])
    ids = both["activity_id"].to_pylist()
    first = [i == 0 or ids[i] != ids[i - 1] for i in range(len(ids))]
    return both.filter(pa.array(first, pa.bool_()))


def _names(ctx: Context) -> list[str]:
    """People, organisations and units of the snapshot."""
    people = pc.unique(ctx.facts.table("person", ["name"])["name"]).to_pylist()
    places = (name for column in ("name", "unit") for name in ctx.orgs[column].to_pylist())
    return [name for name in (*people, *places) if name]
