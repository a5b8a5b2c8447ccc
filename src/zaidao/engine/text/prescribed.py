"""Prescribed text: runs that many organisations share, or that one organisation puts into most of its own records."""

# ruff: noqa: PLR0917, PLR0912  # kernels take plain arrays side by side and are loops

import numpy as np

from zaidao.engine.text.align import blocks
from zaidao.engine.text.grams import kernel, mixed, sampled
from zaidao.engine.text.jit import even_cuts, spread, threads
from zaidao.engine.text.residues import Residues


def strip(
    residues: Residues, order: np.ndarray, orgs: np.ndarray, *,
    run: int, quoted: int, every: int, many: int, own: int, own_share: float, alike: float,
) -> int:
    """Takes prescribed text out of the residues (in place): runs of >= `run` letters that occur in at least `own` and more than
    `own_share` of the records of an organisation (forms), and stretches of >= `quoted` letters made of runs that occur in more than
    `many` organisations (circulars; shorter ones are commonplaces, which every office writes and which say nothing either way).
    Runs whose texts are `alike` as a whole stay: those are copies of one text, not fillings of one form. `orgs` is the organisation
    number per text in `order`. Returns how many sampled runs were found.
    """
    starts, ends = residues.starts[order], residues.ends[order]
    records = np.bincount(orgs, minlength=int(orgs.max()) + 1 if orgs.size else 1)
    found = [np.zeros(0, np.uint64)]
    for packed in sampled(residues.codes, starts, ends, run, every):
        def look(low: int, high: int, packed: np.ndarray = packed) -> np.ndarray:
            return _formal(packed[low:high], orgs, records, many, own, own_share, alike, residues.codes, starts, ends)

        edges = np.arange(4 * threads(), dtype=np.uint64) * np.uint64(2**64 // (4 * threads()))
        found += spread(look, [*np.searchsorted(packed, edges >> np.uint64(24) << np.uint64(24)), packed.size])
    hashes = np.sort(np.concatenate(found))
    if hashes.size:
        def work(low: int, high: int) -> np.ndarray:
            sizes = np.zeros(high - low, dtype=np.int64)
            _strike(residues.codes, residues.starts[low:high], residues.ends[low:high], hashes, run, quoted, every, sizes)
            return sizes

        residues.starts = residues.ends - np.concatenate(spread(work, even_cuts(residues.starts.size)))
    return hashes.size


@kernel
def _alike(docs, used, alike, codes, starts, ends):  # type: ignore[no-untyped-def]
    """Whether most of the texts equal their neighbour in the list by at least `alike`; looks at no more than four pairs."""
    pairs = min(4, used - 1)
    close = 0
    for i in range(pairs):
        one, other = docs[i * (used - 1) // pairs], docs[i * (used - 1) // pairs + 1]
        shorter = min(ends[one] - starts[one], ends[other] - starts[other])
        if blocks(codes[starts[one]:ends[one]], codes[starts[other]:ends[other]], 2) >= alike * shorter:
            close += 1
    return 2 * close > pairs


@kernel
def _formal(packed, orgs, records, many, own, own_share, alike, codes, starts, ends):  # type: ignore[no-untyped-def]
    stamp, count = np.zeros(records.size, dtype=np.int64), np.zeros(records.size, dtype=np.int64)
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
            out[made] = (packed[begun] >> np.uint64(24)) << np.uint64(1) | np.uint64(most)
            made += 1
    return out[:made].copy()


@kernel
def _strike(codes, starts, ends, hashes, gram, quoted, every, sizes):  # type: ignore[no-untyped-def]
    """Moves each text's remaining letters to its end and notes how many they are. Hashes: 40 bits, then 1 for a form, 0 for a circular."""
    base = np.uint64(0x100000001B3)
    lead = np.uint64(1)
    for _ in range(gram - 1):
        lead *= base
    widest = 0
    for doc in range(starts.size):
        widest = max(widest, ends[doc] - starts[doc])
    formal = np.zeros(widest + 1, dtype=np.uint8)  # letter is in a form (2), in a run that may be a circular (1)
    for doc in range(starts.size):
        rolling = np.uint64(0)
        low, size = starts[doc], ends[doc] - starts[doc]
        formal[:size + 1] = 0
        for i in range(size):
            if i >= gram:
                rolling -= np.uint64(codes[low + i - gram] + 1) * lead
            rolling = rolling * base + np.uint64(codes[low + i] + 1)
            if i < gram - 1:
                continue
            value = mixed(rolling)
            if value & np.uint64(every - 1) == 0:
                wanted = (value >> np.uint64(24)) << np.uint64(1)
                slot = np.searchsorted(hashes, wanted)
                if slot < hashes.size and hashes[slot] >> np.uint64(1) == wanted >> np.uint64(1):
                    for j in range(i - gram + 1, i + 1):
                        formal[j] = max(formal[j], np.uint8(1 + (hashes[slot] & np.uint64(1))))
        left = low + size
        right = size - 1
        while right >= 0:
            first = right
            while first >= 0 and (formal[first] > 0) == (formal[right] > 0):
                first -= 1
            for i in range(right, first, -1):
                if formal[i] == 0 or (formal[i] == 1 and right - first < quoted):
                    left -= 1
                    codes[left] = codes[low + i]
            right = first
        sizes[doc] = low + size - left
