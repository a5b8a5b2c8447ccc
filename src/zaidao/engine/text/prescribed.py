"""Prescribed text: runs that many organisations share, or that one organisation puts into most of its own records."""

# ruff: noqa: PLR0917  # kernels take plain arrays side by side and are loops

from dataclasses import dataclass

import numpy as np

from zaidao.engine.text.align import room, subsequence
from zaidao.engine.text.grams import kernel, mixed, sampled
from zaidao.engine.text.jit import even_cuts, spread, threads
from zaidao.engine.text.residues import Residues


@dataclass(frozen=True)
class Formal:
    """When a run of `gram` letters is formal: in more than `orgs` organisations, or in at least `own` and more than `own_share` of
    the records of one; unless the texts which share it equal each other by `alike`: those are copies, not fillings of one form.
    """

    gram: int
    every: int
    orgs: int
    own: int
    own_share: float
    alike: float


def strip(residues: Residues, order: np.ndarray, orgs: np.ndarray, rule: Formal) -> int:
    """Takes formal runs out of the residues (in place). `orgs` is the organisation number per text in `order`. Returns how many
    different sampled runs were found.
    """
    starts, ends = residues.starts[order], residues.ends[order]
    records = np.bincount(orgs, minlength=int(orgs.max()) + 1 if orgs.size else 1)
    found = [np.zeros(0, np.uint64)]
    for packed in sampled(residues.codes, starts, ends, rule.gram, rule.every):
        def look(low: int, high: int, packed: np.ndarray = packed) -> np.ndarray:
            bounds = (rule.orgs, rule.own, rule.own_share, rule.alike)
            return _formal(packed[low:high], orgs, records, *bounds, residues.codes, starts, ends)

        edges = np.arange(4 * threads(), dtype=np.uint64) * np.uint64(2**64 // (4 * threads()))
        found += spread(look, [*np.searchsorted(packed, edges >> np.uint64(24) << np.uint64(24)), packed.size])
    hashes = np.sort(np.concatenate(found))
    if hashes.size:
        def work(low: int, high: int) -> np.ndarray:
            sizes = np.zeros(high - low, dtype=np.int64)
            _strike(residues.codes, residues.starts[low:high], residues.ends[low:high], hashes, rule.gram, rule.every, sizes)
            return sizes

        residues.starts = residues.ends - np.concatenate(spread(work, even_cuts(residues.starts.size)))
    return hashes.size


@kernel
def _alike(docs, used, alike, codes, starts, ends, slots, masks, state):  # type: ignore[no-untyped-def]
    """Whether most of the texts equal their neighbour in the list by at least `alike`; looks at no more than four pairs."""
    pairs = min(4, used - 1)
    close = 0
    for i in range(pairs):
        one, other = docs[i * (used - 1) // pairs], docs[i * (used - 1) // pairs + 1]
        shorter = min(ends[one] - starts[one], ends[other] - starts[other])
        if subsequence(codes, starts[one], ends[one], starts[other], ends[other], slots, masks, state) >= alike * shorter:
            close += 1
    return 2 * close > pairs


@kernel
def _formal(packed, orgs, records, many, own, own_share, alike, codes, starts, ends):  # type: ignore[no-untyped-def]
    stamp, count = np.zeros(records.size, dtype=np.int64), np.zeros(records.size, dtype=np.int64)
    longest = 0
    for doc in range(starts.size):
        longest = max(longest, ends[doc] - starts[doc])
    slots, masks, state = room(longest)
    out = np.empty(packed.size // max(2, min(many, own)) + 1, dtype=np.uint64)
    docs = np.empty(64, dtype=np.int64)
    made = 0
    at = 0
    groups = 0
    while at < packed.size:
        groups += 1
        begun = at
        used = 0
        different = 0
        most = False
        while at < packed.size and packed[at] >> np.uint64(24) == packed[begun] >> np.uint64(24):
            doc = int(packed[at] & np.uint64(0xFFFFFF))
            if at == begun or packed[at] != packed[at - 1]:
                org = orgs[doc]
                if stamp[org] != groups:
                    stamp[org] = groups
                    count[org] = 0
                    different += 1
                count[org] += 1
                if count[org] >= own and count[org] > own_share * records[org]:
                    most = True
                if used < docs.size:
                    docs[used] = doc
                    used += 1
            at += 1
        if (different > many or most) and not _alike(docs, used, alike, codes, starts, ends, slots, masks, state):
            out[made] = packed[begun] >> np.uint64(24)
            made += 1
    return out[:made].copy()


@kernel
def _strike(codes, starts, ends, hashes, gram, every, sizes):  # type: ignore[no-untyped-def]
    """Moves each text's remaining letters to its end and notes how many they are."""
    base = np.uint64(0x100000001B3)
    lead = np.uint64(1)
    for _ in range(gram - 1):
        lead *= base
    longest = 0
    for doc in range(starts.size):
        longest = max(longest, ends[doc] - starts[doc])
    last = np.zeros(longest + 1, dtype=np.bool_)  # a formal run ends with this letter
    for doc in range(starts.size):
        rolling = np.uint64(0)
        low, size = starts[doc], ends[doc] - starts[doc]
        for i in range(size):
            if i >= gram:
                rolling -= np.uint64(codes[low + i - gram] + 1) * lead
            rolling = rolling * base + np.uint64(codes[low + i] + 1)
            value = mixed(rolling)
            last[i] = False
            if i >= gram - 1 and value & np.uint64(every - 1) == 0:
                slot = np.searchsorted(hashes, value >> np.uint64(24))
                last[i] = slot < hashes.size and hashes[slot] == value >> np.uint64(24)
        left = ends[doc]
        inside = 0  # letters further left that belong to a run met
        for i in range(size - 1, -1, -1):
            if last[i]:
                inside = gram
            if inside == 0:
                left -= 1
                codes[left] = codes[low + i]
            else:
                inside -= 1
        sizes[doc] = ends[doc] - left
