"""Prescribed text: runs that many organisations share, or that one organisation puts into most of its own records."""

import numpy as np

from zaidao.engine.text.align import blocks
from zaidao.engine.text.grams import kernel, mixed, sampled
from zaidao.engine.text.residues import Residues


def strip(residues: Residues, order: np.ndarray, orgs: np.ndarray, *, run: int, every: int, many: int, own: int, own_share: float, alike: float) -> int:
    """Takes runs of >= `run` letters out of the residues (in place) that occur in more than `many` organisations, or in at least
    `own` and more than `own_share` of the records of one; unless the texts which share them are `alike` as a whole: those are
    copies of one text, not fillings of one form. `orgs` is the organisation number per text in `order`. Returns the hashes found.
    """
    starts, ends = residues.starts[order], residues.ends[order]
    records = np.bincount(orgs, minlength=int(orgs.max()) + 1 if orgs.size else 1)
    found = [
        _formal(packed, orgs, records, many, own, own_share, alike, residues.codes, starts, ends, np.zeros(records.size, np.int64), np.zeros(records.size, np.int64))
        for packed in sampled(residues.codes, starts, ends, run, every)
    ]
    hashes = np.sort(np.concatenate([np.zeros(0, np.uint64), *found]))
    if hashes.size:
        sizes = np.zeros(residues.starts.size, dtype=np.int64)
        _strike(residues.codes, residues.starts, residues.ends, hashes, run, every, sizes)
        residues.starts = residues.ends - sizes
    return hashes.size


@kernel
def _alike(docs, used, alike, codes, starts, ends):  # type: ignore[no-untyped-def]
    """Whether most of the texts equal their neighbour in the list by at least `alike`; looks at no more than nine of them."""
    pairs = min(8, used - 1)
    close = 0
    for i in range(pairs):
        one, other = docs[i * (used - 1) // pairs], docs[i * (used - 1) // pairs + 1]
        shorter = min(ends[one] - starts[one], ends[other] - starts[other])
        if blocks(codes[starts[one]:ends[one]], codes[starts[other]:ends[other]], 2) >= alike * shorter:
            close += 1
    return 2 * close > pairs


@kernel
def _formal(packed, orgs, records, many, own, own_share, alike, codes, starts, ends, stamp, count):  # type: ignore[no-untyped-def]
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
            doc = np.int64(packed[at] & np.uint64(0xFFFFFF))
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
        if (different > many or most) and not _alike(docs, used, alike, codes, starts, ends):
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
    widest = 0
    for doc in range(starts.size):
        widest = max(widest, ends[doc] - starts[doc])
    formal = np.zeros(widest + 1, dtype=np.bool_)  # a found run ends with this letter
    for doc in range(starts.size):
        rolling = np.uint64(0)
        size = ends[doc] - starts[doc]
        for i in range(size):
            at = starts[doc] + i
            if i >= gram:
                rolling -= np.uint64(codes[at - gram] + 1) * lead
            rolling = rolling * base + np.uint64(codes[at] + 1)
            formal[i] = False
            if i >= gram - 1:
                value = mixed(rolling)
                if value & np.uint64(every - 1) == 0:
                    slot = np.searchsorted(hashes, value >> np.uint64(24))
                    formal[i] = slot < hashes.size and hashes[slot] == value >> np.uint64(24)
        left = starts[doc] + size
        reach = -1  # letters from here on are inside a run that ends further right
        for i in range(size - 1, -1, -1):
            if formal[i]:
                reach = gram
            if reach <= 0:
                left -= 1
                codes[left] = codes[starts[doc] + i]
            reach -= 1
        sizes[doc] = starts[doc] + size - left
