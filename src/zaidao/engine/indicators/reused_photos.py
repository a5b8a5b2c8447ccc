"""同图多用: events with a picture that an earlier event already had (SIGNALS 4.6, family picture).

n = events of W with at least one telling picture; k = those with a picture of an event held at least a week earlier, by whomever.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS, Trials, nothing
from zaidao.engine.indicators.pairs import evidence, trials
from zaidao.engine.photos import PhotoParams, Reused, find_reused

ACTS = ("activity_id", "org_id", "place", "held_at", "carrier_id", "participants", "photos")


def reused_photos(ctx: Context) -> Trials:
    """k events with a reused picture of n with pictures in W. Adds the marks of family picture to the context."""
    for column, reason in (("photos", "活动记录没有照片指纹,无法比对照片"), ("held_at", "活动记录没有实际时间,分不出照片先后")):
        if not ctx.facts.has("activity", column):
            return nothing(Trials, reason)  # type: ignore[return-value]
    reused = compare(ctx)
    ctx.marks.append(picture_marks(reused))
    return Trials(trials(ctx, "reused_photos", reused.looked, hits(reused)), evidence(ctx, hits(reused)))


def compare(ctx: Context) -> Reused:
    """All pictures on file up to the day of judgement compared with one another."""
    return find_reused(ctx.run(ctx.t("act").select(*ACTS)), photo_params(ctx.param))


def photo_params(param: Callable[[str], Any]) -> PhotoParams:
    """The catalogue's parameters of the comparison."""
    return PhotoParams(**{f.name: param(f"reused_photos.{f.name}") for f in fields(PhotoParams)})


def picture_marks(reused: Reused) -> pa.Table:
    """MARKS `photo_reused`, in and before W; the same picture is the same picture: strength 1."""
    pairs = reused.pairs
    same = lambda value: pa.array([value] * pairs.num_rows, pa.string())  # noqa: E731
    kinds = [same("picture"), same("photo_reused"), pa.array(np.ones(pairs.num_rows))]
    return pa.table([pairs["later_id"], pairs["later_org"], *kinds, pairs["earlier_id"]], schema=MARKS)


def hits(reused: Reused) -> pa.Table:
    """One row per event that counts: activity_id, org_id, other_id, share (bits in common of 64), within."""
    pairs = reused.pairs
    share = pa.array(1 - pairs["distance"].to_numpy() / 64)
    columns = [pairs["later_id"], pairs["later_org"], pairs["earlier_id"], share, pairs["within"]]
    return pa.table(columns, names=["activity_id", "org_id", "other_id", "share", "within"])
