"""Who really began a carrier: declared own, but ordered by trace (SIGNALS 4.9). Source: docs/reference/signals.md.

Traces of an order: a document number on the carrier; a like title and kind begun at the same time as carriers openly ordered
in several other organisations; a wave of like titles too dense for chance. First movers and own yearly traditions are silent.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.special import gammainc

from zaidao.engine import titles
from zaidao.engine.context import Context
from zaidao.engine.window import add_months

TRACE = pa.schema([
    ("carrier_id", pa.string()), ("org_id", pa.string()), ("kind", pa.string()), ("stem", pa.string()), ("declared", pa.string()),
    ("by_trace", pa.string()), ("why", pa.string()), ("numbered", pa.bool_()), ("running", pa.bool_()), ("started_on", pa.date32()),
    ("ended_on", pa.date32()),
])
Row = dict[str, Any]
EXACT = 64  # up to so many like starts, organisations are told apart one by one; beyond, a few organisations cannot have made them all


def traced(ctx: Context) -> pa.Table:
    """Every carrier begun by the day of judgement with what the traces say; shape `TRACE`, computed once per run.

    `by_trace`: own or ordered, null where origin and number are unknown. `why`: number, like_ordered, wave (declared own only).
    `running`: ran at any time in the last `mandate_only.months` months.
    """
    if "carrier_trace" not in ctx.engine.names():
        ctx.engine.put("carrier_trace", pa.Table.from_pylist(_rows(ctx), TRACE))
    return ctx.run(ctx.t("carrier_trace").order_by("org_id", "started_on", "carrier_id"))


def has_number(directive_no: str | None) -> bool:
    """A document number has a digit in it; 无 and / are no numbers."""
    return any(c.isdigit() for c in directive_no or "")


def _rows(ctx: Context) -> list[Row]:
    rows = [r for r in ctx.facts.table("carrier").to_pylist() if r["started_on"] is None or r["started_on"] <= ctx.as_of]
    rows.sort(key=lambda r: (r["org_id"], r["started_on"] or date.min, r["carrier_id"]))
    parts, padding = _name_parts(ctx), ctx.param("relabelled.padding")
    for row in rows:
        row["numbered"] = has_number(row["directive_no"])
        row["stem"] = titles.stem(row["name"], parts.get(row["org_id"], ()), padding)
        row["declared"] = row["origin"]
    why = _silence(ctx, rows, _orders(ctx, rows))
    since = add_months(ctx.window.end, -ctx.param("mandate_only.months"))
    ends_known = not ctx.facts.lacks("carrier", "ended_on")
    for row in rows:
        row["why"] = "number" if row["declared"] == "own" and row["numbered"] else why.get(row["carrier_id"])
        row["by_trace"] = "ordered" if row["numbered"] or row["why"] or row["declared"] == "mandated" else row["declared"]
        row["running"] = _ran_since(row, since, ends_known=ends_known)
    return rows


def _ran_since(row: Row, since: date, *, ends_known: bool) -> bool:
    """Whether a carrier is known to have run on that day or later: no end on file means that it still runs, if ends are kept at all."""
    if row["ended_on"]:
        return bool(row["ended_on"] >= since)
    return row["started_on"] is not None and (ends_known or row["started_on"] >= since)


def _name_parts(ctx: Context) -> dict[str, tuple[str, ...]]:
    """Organisation -> the parts of its own name, its unit and its superior's name."""
    orgs = {r["org_id"]: r for r in ctx.orgs.select(["org_id", "name", "unit", "parent_id"]).to_pylist()}
    above = {org: orgs.get(r["parent_id"], {}).get("name") for org, r in orgs.items()}
    return {org: titles.name_parts([r["name"], r["unit"], above[org]]) for org, r in orgs.items()}


def _orders(ctx: Context, rows: Sequence[Row]) -> dict[str, str]:
    """carrier_id -> why (like_ordered, wave) for carriers declared own without a number, before silence."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] and row["started_on"] and not titles.commonplace(row["stem"], row["kind"]):
            kinds[row["kind"]].append(row)
    days = [r["started_on"].toordinal() for group in kinds.values() for r in group]
    piloted = _from_ideas(ctx)
    found: dict[str, str] = {}
    for kind in sorted(kinds):
        found |= _Starts(kinds[kind], min(days), ctx.as_of.toordinal(), ctx.catalogue.params).orders(piloted)
    return found


def _from_ideas(ctx: Context) -> set[str]:
    """Carriers on which an organisation tries an idea that was proposed before: its own, whatever others do."""
    ideas = ctx.facts.table("idea", ["carrier_id", "proposed_on"]).to_pylist()
    return {r["carrier_id"] for r in ideas if r["carrier_id"] and r["proposed_on"]}


class _Starts:
    """The starts of all carriers of one kind, by stem and day (`first` to `last`, ordinals)."""

    def __init__(self, rows: Sequence[Row], first: int, last: int, params: Mapping[str, Any]) -> None:
        self.rows, self.first, self.days, self.params = rows, first, last - first + 1, params
        stems = sorted({r["stem"] for r in rows})
        place = {s: i for i, s in enumerate(stems)}
        self.stems = stems
        self.stem = np.array([place[r["stem"]] for r in rows])
        self.day = np.array([r["started_on"].toordinal() for r in rows]) - first
        self.org = np.unique([r["org_id"] for r in rows], return_inverse=True)[1]
        self.open = np.array([r["numbered"] or r["origin"] == "mandated" for r in rows])
        self.by_stem = np.argsort(self.stem, kind="stable")
        self.bounds = np.searchsorted(self.stem[self.by_stem], np.arange(len(stems) + 1))

    def orders(self, piloted: set[str]) -> dict[str, str]:
        candidate = np.array([r["origin"] == "own" and not r["numbered"] and r["carrier_id"] not in piloted for r in self.rows])
        wanted = np.unique(self.stem[candidate])
        found: dict[str, str] = {}
        for stems, like in titles.like_rows(self.stems, wanted, self.params["relabelled.likeness"]):
            every, openly = (self._cumulated(like, only) for only in (np.ones(len(self.rows), bool), self.open))
            for j, stem in enumerate(stems):
                near = like.indices[like.indptr[j]:like.indptr[j + 1]]
                for i in self.by_stem[self.bounds[stem]:self.bounds[stem + 1]]:
                    if candidate[i] and (why := self._why(int(i), near, every[j], openly[j])):
                        found[self.rows[i]["carrier_id"]] = why
        return found

    def _cumulated(self, like: Any, only: np.ndarray) -> np.ndarray:
        """(rows of `like`) x (days + 1): like starts before each day."""
        ones = np.ones(int(only.sum()), np.int32)
        starts = sparse.csr_matrix((ones, (self.stem[only], self.day[only])), shape=(len(self.stems), self.days))
        counts = np.zeros((like.shape[0], self.days + 1), np.int32)
        np.cumsum((like @ starts).toarray(), axis=1, out=counts[:, 1:])
        return counts

    def _why(self, i: int, near: np.ndarray, every: np.ndarray, openly: np.ndarray) -> str | None:
        """like_ordered or wave, from counts first, then with organisations told apart."""
        param = self.params
        span, lead, half = (param[f"relabelled.{name}"] for name in ("span_days", "lead_days", "wave_half_days"))
        day = int(self.day[i])
        others = param["relabelled.ordered_others"]
        if self._between(openly, day - span, day + span) >= others:
            where = self._others(i, near, day - span, day + span, openly=True)
            if (where is None or len(where) >= others) and self._between(openly, day - span, day + lead):
                return "like_ordered"
        count = self._between(every, day - half, day + half)
        if count < param["relabelled.wave_orgs"] or not self._dense(count, day, every):
            return None
        where = self._others(i, near, day - half, day + half)
        before = self._others(i, near, day - span, day)
        follows = bool(before) if before is not None else True
        return "wave" if follows and (where is None or len(where) + 1 >= param["relabelled.wave_orgs"]) else None

    def _between(self, counts: np.ndarray, low: int, high: int) -> int:
        """Starts from day `low` to day `high`, both included."""
        return int(counts[min(max(high + 1, 0), self.days)] - counts[min(max(low, 0), self.days)])

    def _others(self, i: int, near: np.ndarray, low: int, high: int, *, openly: bool = False) -> set[int] | None:
        """Other organisations with a like start in those days; None where they are too many to be few."""
        near_rows = np.concatenate([self.by_stem[self.bounds[s]:self.bounds[s + 1]] for s in near])
        day = self.day[near_rows]
        hit = near_rows[(day >= low) & (day <= high) & (self.open[near_rows] | (not openly))]
        return None if len(hit) > EXACT else set(self.org[hit].tolist()) - {int(self.org[i])}

    def _dense(self, count: int, day: int, every: np.ndarray) -> bool:
        """Too many for chance against the months next to the window and the same season of other years.

        The reference lies before the window as far as the ledger goes, the rest after it.
        """
        param = self.params
        half, reference = param["relabelled.wave_half_days"], param["relabelled.reference_days"]
        low, high = day - half, day + half
        before = min(low, reference) if low > 0 else 0
        after = min(max(self.days - 1 - high, 0), reference - before)
        if before + after < param["relabelled.reference_least"]:
            return False
        seen = self._between(every, low - before, low - 1) + self._between(every, high + 1, high + after)
        length = 2 * half + 1
        expected = max((seen + 0.5) / (before + after) * length, *(self._between(every, low + d, high + d) for d in (-365, 365)))
        return bool(gammainc(count, expected) < param["relabelled.wave_p"] and count >= param["relabelled.wave_factor"] * expected)


def _silence(ctx: Context, rows: Sequence[Row], why: dict[str, str]) -> dict[str, str]:
    """Without those that carry on the organisation's own tradition of the year before, itself not ordered."""
    kept = dict(why)
    own: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        own[row["org_id"], row["kind"]].append(row)
    for row in sorted((r for r in rows if r["carrier_id"] in why), key=lambda r: (r["started_on"], r["carrier_id"])):
        if any(is_anniversary(ctx, before, row) and before["carrier_id"] not in kept for before in own[row["org_id"], row["kind"]]):
            del kept[row["carrier_id"]]
    return kept


def is_anniversary(ctx: Context, before: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether `before`, declared own without a number, is the same carrier a year earlier."""
    if before["started_on"] is None or before["numbered"] or before["declared"] != "own":
        return False
    days = (row["started_on"] - before["started_on"]).days
    yearly = abs(days - 365) <= ctx.param("relabelled.anniversary_days")
    return yearly and titles.likeness(before["stem"], row["stem"]) >= ctx.param("relabelled.likeness")
