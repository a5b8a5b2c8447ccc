"""Posts: those the rules require, with a holder in office who is on the roster; and the quarters in which holders left a trace."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.elements.parts import part
from zaidao.engine.structure import role

Row = dict[str, Any]
# One member may hold both portfolios (组织宣传委员).
PORTFOLIOS = ("组织委员", "宣传委员")


def required(org: Mapping[str, Any], committee_from: int, small: tuple[str, ...], large: tuple[str, ...]) -> tuple[str, ...]:
    """The posts that the rules require of an organisation: a secretary; from seven full members 组织委员 and 宣传委员 too."""
    if org["kind"] == "group" or not org["judged"]:
        return ()
    full = org["full_members"]
    if org["kind"] == "branch" and full is not None and full >= committee_from:
        return large
    return small


def paper(ctx: Context) -> Iterator[Row]:
    """One row per organisation with required posts: on file, required, and holders nobody can check without a roster."""
    if not ctx.facts.has("appointment", "post"):
        return
    param = ctx.catalogue.param
    held, roster = holders(ctx), _roster(ctx)
    committee_from = ctx.catalogue.rule("branch.committee_required_from").value
    for org in ctx.orgs.to_pylist():
        posts = required(org, committee_from, tuple(param("elements.posts_small")), tuple(param("elements.posts_large")))
        if posts:
            on_file = sum(bool(_present(held[org["org_id"], post], roster)) for post in posts)
            unknown = 0 if roster is not None else on_file
            yield {"org_id": org["org_id"], "element": "posts", "component": "required", "role": "paper",
                   "good": float(on_file - unknown), "total": float(len(posts)), "unknown": float(unknown), "records": float(len(posts))}


def _present(people: set[str], roster: set[str] | None) -> set[str]:
    return people if roster is None else people & roster


def _roster(ctx: Context) -> set[str] | None:
    """Persons on any roster on the day of judgement; None without a roster."""
    if not ctx.facts.has("person", "person_id"):
        return None
    came = ctx.facts.table("person", ["person_id", "moved_in_on", "moved_out_on"]).to_pylist()
    here = [r for r in came if r["moved_in_on"] is None or r["moved_in_on"] <= ctx.as_of]
    return {r["person_id"] for r in here if r["moved_out_on"] is None or r["moved_out_on"] > ctx.as_of}


def holders(ctx: Context) -> dict[tuple[str, str], set[str]]:
    """(organisation, required post) -> persons in it on the day of judgement, by whatever title names that post."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ctx.facts.table("appointment").to_pylist():
        filled = role(row["post"])
        if filled and (row["since"] is None or row["since"] <= ctx.as_of) and (row["until"] is None or row["until"] > ctx.as_of):
            for post in {filled, *(p for p in PORTFOLIOS if p[:2] in filled)}:
                found[row["org_id"], post].add(row["person_id"])
    return found


def trace(ctx: Context) -> list[ir.Table]:
    """Post-quarters of Party-post holders; good where the holder took part, recorded or chaired in that quarter.

    A quarter counts only where someone's presence is on record at all: unknown attendance is no absence.
    """
    if not (ctx.facts.has("appointment", "post") and ctx.facts.has("activity", "participants")):
        return []
    act = ctx.t("act").filter(lambda t: t.held & t.m.notnull())
    quarter = (act.m // 3).cast("int32")
    seen = act.select(act.org_id, person_id=act.participants.unnest(), quarter=quarter)
    wrote = act.select(act.org_id, person_id=act.recorder_id, quarter=quarter)
    chaired = act.select(act.org_id, person_id=act.host_id, quarter=quarter)
    active = ibis.union(seen, wrote, chaired, distinct=True).filter(lambda t: t.person_id.notnull()).mutate(active=True)
    known = act.filter(act.participants.length() > 0).group_by("org_id", quarter=quarter).agg(attended=ibis._.count())
    post, day = ctx.t("appointment"), ibis.literal(ctx.window.start)
    to_the_end = post.until.isnull() | (post.until > ibis.literal(ctx.as_of))
    sitting = post.filter(post.domain == "party", (post.since <= day).fill_null(True), to_the_end)
    holder = sitting.select("org_id", "person_id").distinct()
    quarters = holder.inner_join(known, "org_id").select("org_id", "person_id", "quarter", "attended")
    joined = quarters.left_join(active, ["org_id", "person_id", "quarter"]).select("org_id", "active", "attended")
    good = joined.active.fill_null(False).cast("int64").sum()
    return [part(joined, "posts", "holder_quarters", "trace", good=good, total=joined.count(), records=joined.attended.sum())]


def table(ctx: Context) -> pa.Table:
    return pa.Table.from_pylist(list(paper(ctx)))
