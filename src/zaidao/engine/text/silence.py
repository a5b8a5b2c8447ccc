"""The innocent explanation of equal texts and pictures: two organisations met together and both filed it."""

import numpy as np
import pyarrow as pa

HOUR = 3_600_000_000  # microseconds


def met_together(acts: pa.Table, pairs: np.ndarray, held: np.ndarray, hours: float) -> np.ndarray:
    """Per pair (rows of acts): held within `hours` of each other, by two organisations, and at the same place, for the same carrier
    or with at least one participant in common; where neither places nor participants are known on both sides, that may be so and
    is believed. `held` in microseconds; an unknown time explains nothing.
    """
    unknown = np.iinfo(np.int64).max
    one, other = held[pairs[:, 0]], held[pairs[:, 1]]
    known = (one != unknown) & (other != unknown)
    close = known & (np.abs(np.where(known, one - other, 0)) <= hours * HOUR)
    out = np.zeros(len(pairs), dtype=bool)
    rows = np.flatnonzero(close)
    if rows.size:
        left, right = (acts.take(pa.array(pairs[rows, side])) for side in (0, 1))
        out[rows] = [_shared(a, b) for a, b in zip(_sides(left), _sides(right), strict=True)]
    return out


def _sides(part: pa.Table) -> list[tuple[str, str | None, str | None, frozenset[str]]]:
    columns = (part[name].to_pylist() for name in ("org_id", "place", "carrier_id", "participants"))
    return [(org, place, carrier, frozenset(people or ())) for org, place, carrier, people in zip(*columns, strict=True)]


def _shared(one: tuple[str, str | None, str | None, frozenset[str]], other: tuple[str, str | None, str | None, frozenset[str]]) -> bool:
    if one[0] == other[0]:
        return False
    same = any(a is not None and a == b for a, b in zip(one[1:3], other[1:3], strict=True))
    silent_on_place, silent_on_people = one[1] is None or other[1] is None, not one[3] or not other[3]
    return same or bool(one[3] & other[3]) or (silent_on_place and silent_on_people)
