"""Reused photos: which later event carries a picture that an earlier event already had (64-bit perceptual hashes)."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.text.jit import kernel, spread, threads
from zaidao.engine.text.silence import met_together

PAIRS = pa.schema([
    ("later_id", pa.string()), ("earlier_id", pa.string()), ("later_org", pa.string()), ("earlier_org", pa.string()),
    ("distance", pa.int32()), ("within", pa.bool_()),
])
LOOKED = pa.schema([("activity_id", pa.string())])
DAY = 86_400_000_000  # microseconds
UNKNOWN = np.iinfo(np.int64).max
BANDS = 4  # of 16 bits: hashes that differ in fewer than four bits agree in at least one band


@dataclass(frozen=True)
class PhotoParams:
    """Values and reasons: catalogue, card reused_photos."""

    bits_within: int       # most differing bits of one picture inside an organisation
    bits_across: int       # … in two organisations, at most 3
    apart_days: float      # events closer than this may share a picture
    banner_orgs: int       # a picture in so many organisations is a banner or a blank
    least_bits: int        # fewer set bits: a blank
    most_bits: int         # more set bits: a blank
    together_hours: float  # events held so close to each other may be one meeting


@dataclass(frozen=True)
class Reused:
    """`pairs` (PAIRS): per later event its nearest earlier one. `looked` (LOOKED): events with at least one telling picture, the n."""

    pairs: pa.Table
    looked: pa.Table


def find_reused(acts: pa.Table, params: PhotoParams) -> Reused:
    """Finds events with a picture of an earlier event, in the same organisation or another.

    `acts`: activity_id, org_id, place, held_at, carrier_id, participants, photos. Events without time or pictures are left out.
    Independent of row order and threads.
    """
    if params.bits_across >= BANDS:
        raise ValueError(f"bits_across must be below {BANDS}: hashes are joined on {BANDS} bands")
    held = pc.fill_null(acts["held_at"].cast(pa.timestamp("us")).cast(pa.int64()), UNKNOWN).to_numpy().astype(np.int64)
    orgs = pc.dictionary_encode(acts["org_id"].combine_chunks()).indices.to_numpy(zero_copy_only=False).astype(np.int64)
    hashes, row = _pictures(acts, held, params)
    telling = ~_in_many(hashes, orgs[row], params.banner_orgs)
    hashes, row = hashes[telling], row[telling]
    across = _across(hashes, orgs[row], params.bits_across)
    banner = _neighbourly(hashes, orgs[row], across, params.banner_orgs)
    across = across[~(banner[across[:, 0]] | banner[across[:, 1]])]
    keep = np.flatnonzero(~banner)
    within = keep[_within(hashes[keep], orgs[row[keep]], row[keep], params.bits_within)]
    pairs = np.concatenate([across, within])
    distance = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]]).astype(np.int64)
    looked = pa.table([acts["activity_id"].take(pa.array(np.unique(row[keep])))], schema=LOOKED)
    return Reused(_nearest(acts, held, row[pairs], distance, params), looked)


def _pictures(acts: pa.Table, held: np.ndarray, params: PhotoParams) -> tuple[np.ndarray, np.ndarray]:
    """Every picture that is no blank, once per event: (hash, row of acts), in order of hash and row."""
    photos = acts["photos"].combine_chunks()
    hashes = pc.list_flatten(photos).cast(pa.uint64(), safe=False)  # an engine without unsigned integers gives the same bits, signed
    row = pc.list_parent_indices(photos).to_numpy(zero_copy_only=False).astype(np.int64)
    known = pc.is_valid(hashes).to_numpy(zero_copy_only=False)
    values = pc.fill_null(hashes, 0).to_numpy(zero_copy_only=False)
    bits = np.bitwise_count(values)
    known &= (bits >= params.least_bits) & (bits <= params.most_bits) & (held[row] != UNKNOWN)
    values, row = values[known], row[known]
    order = np.lexsort((row, values))
    values, row = values[order], row[order]
    new = np.ones(values.size, dtype=bool)
    new[1:] = (values[1:] != values[:-1]) | (row[1:] != row[:-1])
    return values[new], row[new]


def _in_many(hashes: np.ndarray, orgs: np.ndarray, many: int) -> np.ndarray:
    """Whether a hash (sorted) occurs in at least `many` organisations."""
    if not hashes.size:
        return np.zeros(0, dtype=bool)
    group = np.cumsum(np.concatenate([[0], hashes[1:] != hashes[:-1]])).astype(np.int64)
    places = np.unique(group * (orgs.max() + 1) + orgs) // (orgs.max() + 1)
    return np.bincount(places)[group] >= many


def _neighbourly(hashes: np.ndarray, orgs: np.ndarray, pairs: np.ndarray, many: int) -> np.ndarray:
    """Whether a picture has near ones in so many other organisations that, with its own, they are at least `many`."""
    if not pairs.size:
        return np.zeros(hashes.size, dtype=bool)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    width = orgs.max() + 1
    others = np.unique(both[:, 0] * width + orgs[both[:, 1]]) // width
    return np.bincount(others, minlength=hashes.size) + 1 >= many


def _across(hashes: np.ndarray, orgs: np.ndarray, bits: int) -> np.ndarray:
    """Pairs of pictures of different organisations at most `bits` apart, int64 (n, 2)."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for band in range(BANDS):
        order = np.argsort((hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF), kind="stable")
        codes, places = hashes[order], orgs[order]
        values = (codes >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        marks = [int(np.searchsorted(values, v)) for v in np.linspace(0, 65536, 4 * threads() + 1)]

        def work(low: int, high: int, codes: np.ndarray = codes, places: np.ndarray = places, band: int = band) -> np.ndarray:
            return _grown(lambda out: _join(codes[low:high], places[low:high], band, bits, out)) + low

        found += [order[part] for part in spread(work, marks)]
    return np.concatenate(found)


def _within(hashes: np.ndarray, orgs: np.ndarray, events: np.ndarray, bits: int) -> np.ndarray:
    """Pairs of pictures of different events of one organisation at most `bits` apart, int64 (n, 2)."""
    order = np.argsort(orgs, kind="stable")
    return order[_grown(lambda out: _match(hashes[order], orgs[order], events[order], bits, out))]


def _grown(fill) -> np.ndarray:  # type: ignore[no-untyped-def]
    """What `fill(out)` writes, into an array as large as it asks for."""
    out = np.empty((4096, 2), dtype=np.int64)
    used = fill(out)
    if used > len(out):
        out = np.empty((used, 2), dtype=np.int64)
        fill(out)
    return out[:used]


def _nearest(acts: pa.Table, held: np.ndarray, pairs: np.ndarray, distance: np.ndarray, params: PhotoParams) -> pa.Table:
    """Of the pairs of events (rows of acts) that are far enough apart and no joint meeting, the nearest picture per later event."""
    far = np.abs(held[pairs[:, 0]] - held[pairs[:, 1]]) >= params.apart_days * DAY
    pairs, distance = pairs[far], distance[far]
    turned = held[pairs[:, 0]] < held[pairs[:, 1]]
    pairs[turned] = pairs[turned][:, ::-1]
    speaking = ~met_together(acts, pairs, held, params.together_hours)
    (later, earlier), distance = pairs[speaking].T, distance[speaking]
    codes = np.array(acts["activity_id"].take(pa.array(earlier)).to_pylist(), dtype=str)  # decides between events of one moment only
    order = np.lexsort((codes, held[earlier], distance, later))
    order = order[np.concatenate([np.ones(min(1, order.size), bool), np.diff(later[order]) != 0])]
    one, other = (acts.select(["activity_id", "org_id"]).take(pa.array(side[order])) for side in (later, earlier))
    columns = [one["activity_id"], other["activity_id"], one["org_id"], other["org_id"], pa.array(distance[order], pa.int32())]
    return pa.table([*columns, pc.equal(one["org_id"], other["org_id"])], schema=PAIRS).sort_by("later_id")


@kernel
def _bits(value):  # type: ignore[no-untyped-def]
    """Set bits of a 64-bit word (Hacker's Delight, 5-1)."""
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + ((value >> np.uint64(2)) & np.uint64(0x3333333333333333))
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (value * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def _join(codes, orgs, band, bits, out):  # type: ignore[no-untyped-def]
    """Near pairs with an equal band, in no earlier band equal (each pair is written once). Returns how many there are."""
    used = 0
    shift = np.uint64(16 * band)
    for i in range(codes.size):
        j = i + 1
        while j < codes.size and (codes[j] ^ codes[i]) >> shift & np.uint64(0xFFFF) == 0:
            differ = codes[j] ^ codes[i]
            if orgs[i] != orgs[j] and _bits(differ) <= bits:
                before = False
                for earlier in range(band):
                    before |= (differ >> np.uint64(16 * earlier)) & np.uint64(0xFFFF) == 0
                if not before:
                    if used < len(out):
                        out[used, 0], out[used, 1] = i, j
                    used += 1
            j += 1
    return used


@kernel
def _match(codes, orgs, events, bits, out):  # type: ignore[no-untyped-def]
    used = 0
    for i in range(codes.size):
        j = i + 1
        while j < codes.size and orgs[j] == orgs[i]:
            if events[i] != events[j] and _bits(codes[i] ^ codes[j]) <= bits:
                if used < len(out):
                    out[used, 0], out[used, 1] = i, j
                used += 1
            j += 1
    return used
