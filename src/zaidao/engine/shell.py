"""架子齐、运行痕迹少: nearly everything on file, little borne out, and several independent families say so (SIGNALS 4.13)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from zaidao.engine import decide
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.indicators.base import Ruled
from zaidao.engine.words import FAMILY_NAMES

Chances = Mapping[str, Mapping[str, float]]
ELEMENTS = ("organisation", "institutions", "organisational_life")


def gather(tables: Iterable[pa.Table]) -> dict[str, dict[str, float]]:
    """Organisation -> family -> least tail chance, from tables (org_id, family, p)."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for table in tables:
        for org, family, p in zip(*(table[c].to_pylist() for c in ("org_id", "family", "p")), strict=True):
            if p is not None:
                found[org][family] = min(p, found[org].get(family, 1.0))
    return found


def shell(
    parts: pa.Table, elements: pa.Table, chances: Chances, codes: Mapping[str, list[str]], doubtful: Mapping[str, list[str]],
    catalogue: Catalogue,
) -> Ruled:
    """One row per organisation whose paper and trace are known.

    `codes`: findings decided in the same organisation, reported as its components. `doubtful`: records of the window that
    traces do not bear out; they are the evidence, `activity:<id>`.
    """
    papers = _papers(parts)
    rows, evidence = [], []
    for row in elements.to_pylist():
        if row["element"] == "organisational_life" and row["pulse"] is not None and row["org_id"] in papers:
            verdict = _verdict(row, papers[row["org_id"]], chances.get(row["org_id"], {}), catalogue)
            rows.append(verdict | {"components": "、".join(codes.get(row["org_id"], []))})
            if verdict["severity"]:
                records = enumerate(doubtful.get(row["org_id"], []))
                evidence += [{"org_id": row["org_id"], "key": f"activity:{a}", "ord": i} for i, a in records]
    return Ruled(pa.Table.from_pylist(rows) if rows else _EMPTY, pa.Table.from_pylist(evidence, _EVIDENCE))


_EVIDENCE = pa.schema([("org_id", pa.string()), ("key", pa.string()), ("ord", pa.int32())])
_EMPTY = pa.schema([
    ("org_id", pa.string()), ("score", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("severity", pa.int32()),
]).empty_table()


def _papers(parts: pa.Table) -> dict[str, float]:
    """Pooled paper over the three elements: numerators and denominators apart."""
    good: dict[str, float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for row in parts.to_pylist():
        if row["role"] == "paper" and row["element"] in ELEMENTS:
            good[row["org_id"]] += row["good"]
            total[row["org_id"]] += row["total"] - row["unknown"]
    return {org: good[org] / total[org] for org in total if total[org]}


def _verdict(life: Mapping[str, float], paper: float, families: Mapping[str, float], catalogue: Catalogue) -> dict[str, object]:
    param = catalogue.param
    trace, low, high = (life[f"pulse{bound}"] / life[f"paper{bound}"] for bound in ("", "_low", "_high"))
    striking = sorted(f for f, p in families.items() if p < param("shell.family_p"))
    combined = decide.cauchy(np.array(list(families.values()))) if families else 1.0
    full = paper >= param("shell.paper")
    decided = full and high < param("shell.trace") and len(striking) >= param("shell.families") and combined < param("shell.p")
    marked = decided and high < param("shell.trace_plain")
    hinted = full and trace < param("shell.trace_hint") and len(striking) >= param("shell.families") - 1
    return {
        "org_id": life["org_id"], "score": 1 - trace, "low": 1 - high, "high": 1 - low,
        "severity": 3 if marked else 2 if decided else int(hinted),
        "paper": paper, "trace": trace, "trace_high": high, "families": len(striking),
        "family_names": "、".join(FAMILY_NAMES[f] for f in striking), "p": combined, "n": life["n"],
    }
