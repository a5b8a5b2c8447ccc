"""Shared causes first: a month that most others of a site missed as well is a season or closure, not one organisation's affair."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.duties.calendar import Calendar
from zaidao.engine.duties.conditions import Ints
from zaidao.engine.duties.match import EXEMPT, KEPT

CELL = pa.schema([
    ("site_id", pa.string()), ("subject", pa.string()), ("period_start", pa.date32()), ("every_months", pa.int32()),
    ("bound", pa.int32()), ("off", pa.int32()),
])


def shared(ctx: Context, duties: Calendar, state: Ints, subjects: Sequence[str]) -> tuple[npt.NDArray[np.bool_], pa.Table]:
    """Which duties lie in a shared cell (site, subject, period), and `duty_cell`: those cells, to be reported once at the site.

    Shared for an organisation where more than the catalogue's share of its others (at least so many) missed, moved or were late.
    """
    sites, site = np.unique(np.asarray(ctx.orgs["site_id"].to_pylist(), dtype=str), return_inverse=True)
    due = np.nonzero(state != EXEMPT)[0]
    code = ((site[duties.org[due]] * len(subjects) + duties.subject[due]) * 100_000 + duties.month[due]) * 13 + duties.months[due]
    _, first, cell = np.unique(code, return_index=True, return_inverse=True)
    off = state[due] != KEPT
    bound, missing = np.bincount(cell, minlength=len(first)), np.bincount(cell[off], minlength=len(first))
    others, others_off = bound[cell] - 1, missing[cell] - off
    found = (others >= ctx.param("frame.cell_others")) & (others_off > ctx.param("frame.cell_share") * others)
    out = np.zeros(len(state), bool)
    out[due[found]] = True
    at = np.unique(cell[found])
    row = due[first[at]]
    columns = {
        "site_id": sites[site[duties.org[row]]].tolist(), "subject": [subjects[s] for s in duties.subject[row]],
        "period_start": duties.start[row], "every_months": duties.months[row], "bound": bound[at], "off": missing[at],
    }
    whole = {name: values.astype(np.int32) if isinstance(values, np.ndarray) else values for name, values in columns.items()}
    return out, pa.table({field.name: pa.array(whole[field.name]).cast(field.type) for field in CELL})
