"""Answers that the office accepted: explained evidence leaves the next run, and the run says how many (issue: answers)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.indicators.base import Ruled, Trials

Answer = tuple[str, str, str]  # org_id, finding code, evidence key
SAID = (("missed", "k"), ("due", "n"))  # k and n under the names that a sentence uses
PAIRED = ("copied_minutes", "reused_photos")
FAMILY = {"backfill": "time", "copied_minutes": "text", "reused_photos": "picture"}


def leave_out(code: str, counted: Trials | Ruled, answers: Collection[Answer], least: float = 0) -> tuple[Trials | Ruled, int]:
    """The counts without explained evidence, and how many pieces of evidence left. `least`: bad trials that a decision needs."""
    wanted = {(org, key.split("~")[0]) for org, answered, key in answers if answered == code}
    if not wanted:
        return counted, 0
    keys = [key.split("~")[0] for key in counted.evidence["key"].to_pylist()]
    rows = list(zip(counted.evidence["org_id"].to_pylist(), keys, strict=True))
    gone = np.array([row in wanted for row in rows], dtype=bool)
    kept = counted.evidence.filter(pa.array(~gone))
    left = Counter(org for org, _ in {row for row, explained in zip(rows, gone, strict=True) if explained})
    if isinstance(counted, Ruled):
        table = _settled(counted.table, left, set(kept["org_id"].to_pylist()))
    else:
        table = _fewer_trials(counted.table, _weighed(code, counted, left), least)
    return replace(counted, table=table, evidence=kept), left.total()


def _weighed(code: str, counted: Trials, left: Counter[str]) -> Mapping[str, float]:
    """Trials that leave with the explained evidence: one each; a carrier stands for its average share of the activities."""
    if code != "single_carrier":
        return left
    pieces = Counter(counted.evidence["org_id"].to_pylist())
    bad = dict(zip(counted.table["org_id"].to_pylist(), counted.table["k"].to_pylist(), strict=True))
    return {org: bad.get(org, 0.0) * count / pieces[org] for org, count in left.items()}


def _fewer_trials(table: pa.Table, left: Mapping[str, float], least: float) -> pa.Table:
    """k and n without the explained trials; the halves of the year shrink in proportion; fewer than `least` decide nothing."""
    gone = np.array([left.get(org, 0) for org in table["org_id"].to_pylist()], dtype=float)
    k, n = table["k"].to_numpy(), table["n"].to_numpy()
    fewer = np.minimum(gone, k)
    share = np.divide(k - fewer, k, out=np.ones_like(k), where=k > 0)
    enough = table["enough"].to_numpy(zero_copy_only=False) & ((fewer == 0) | (k - fewer >= least))
    columns = {name: table[name] for name in table.column_names} | {"k": k - fewer, "n": n - fewer, "enough": enough}
    columns |= {name: columns[same] for name, same in SAID if name in columns}
    for half in ("odd", "even"):
        lost = table[f"k_{half}"].to_numpy() * (1 - share)
        columns |= {f"k_{half}": table[f"k_{half}"].to_numpy() - lost, f"n_{half}": table[f"n_{half}"].to_numpy() - lost}
    return pa.table(columns).filter(pc.greater(pa.array(columns["n"]), 0))


def _settled(table: pa.Table, left: Counter[str], still_open: Collection[str]) -> pa.Table:
    """A rule's verdict falls where no evidence for it is left."""
    severity = [
        0 if left[org] and org not in still_open else s
        for org, s in zip(table["org_id"].to_pylist(), table["severity"].to_pylist(), strict=True)
    ]
    return table.set_column(table.column_names.index("severity"), "severity", pa.array(severity, pa.int32()))


def unmark(marks: Iterable[pa.Table], answers: Collection[Answer]) -> list[pa.Table]:
    """Marks without those whose record was explained."""
    gone = {(FAMILY[code], key.split("~")[0].removeprefix("activity:")) for _, code, key in answers if code in FAMILY}
    if not gone:
        return list(marks)
    return [t.filter(pa.array([(m["family"], m["activity_id"]) not in gone for m in t.to_pylist()], pa.bool_())) for t in marks]
