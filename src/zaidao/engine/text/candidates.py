"""Candidate pairs: texts that share sampled rare n-grams at about the same distance, ranked and cut to the likeliest per text.

A copy, however edited, keeps its letters in order: the grams that survive stand on one diagonal (place in the later text minus
place in the earlier). Two records of one genre share as many grams, but strewn over all diagonals. So a pair's score is the number
of different stretches (16 letters) of the earlier text that have a shared gram on the best band of diagonals (24 letters wide).
"""


from collections.abc import Iterator

import numpy as np

from zaidao.engine.text.grams import MOST, sampled
from zaidao.engine.text.jit import kernel, spread, threads

FAR = 2          # a gram of more documents than FAR times the rare is of no use
BLOCK = 200_000  # later documents ranked at once


def candidates(
    codes: np.ndarray, starts: np.ndarray, ends: np.ndarray, *, gram: int, every: int, common: int, per_text: int, most: int,
) -> np.ndarray:
    """Pairs (later, earlier) of document numbers, int64 of shape (n, 2), sorted; document numbers must run in order of time.

    All pairs of documents under a gram that at most `common` documents share, fewer where that would exceed `per_text` pairs a
    text on average; a gram of up to twice `common` documents joins neighbours in time, which still links a large family of copies.
    Kept: per later document the `most` likeliest.
    """
    cap, found = 0, []
    for packed in sampled(codes, starts, ends, gram, every, places=True):
        if not cap:
            passes = max(1.0, float((ends - starts).sum()) / every / max(1, packed.size))
            cap = _cap(_spectrum(packed, common), per_text * starts.size / passes)
        found.append(_linked(packed, cap, FAR * common))
        found[-1].sort()
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *_by_block(found, starts.size, most)])


def _by_block(found: list[np.ndarray], texts: int, most: int) -> Iterator[np.ndarray]:
    """The likeliest pairs, block by block of later documents: only one block's items are held twice."""
    edges = np.arange(0, texts + BLOCK, BLOCK).astype(np.uint64) << np.uint64(40)
    cuts = [np.searchsorted(part, edges) for part in found]
    for i in range(edges.size - 1):
        items = np.concatenate([part[cut[i]:cut[i + 1]] for part, cut in zip(found, cuts, strict=True)])
        items.sort()
        yield _likeliest(_scored(items), most)


def _cap(spectrum: np.ndarray, budget: float) -> int:
    """The largest document frequency up to which all pairs stay within the budget, at least 2."""
    sizes = np.arange(spectrum.size, dtype=np.int64)
    total = np.cumsum(spectrum * (sizes * (sizes - 1) // 2))
    return max(2, int(np.searchsorted(total, budget, side="right")) - 1)


def _linked(packed: np.ndarray, cap: int, far: int) -> np.ndarray:
    size = _link(packed, cap, far, np.zeros(0, np.uint64))
    out = np.empty(size, dtype=np.uint64)
    _link(packed, cap, far, out)
    return out


def _scored(items: np.ndarray) -> np.ndarray:
    """Pairs as later (24 bits), 255 - score (8), earlier counted from above (24): sorted, so that the likeliest of each come first."""
    marks = np.linspace(0, items.size, 4 * threads() + 1, dtype=np.int64)
    pairs = items >> np.uint64(16)
    cuts = [0, *(int(np.searchsorted(pairs, pairs[m])) for m in marks[1:-1] if m < items.size), items.size]
    parts = spread(lambda low, high: _score(items[low:high]), cuts)
    out = np.concatenate([np.zeros(0, np.uint64), *parts])
    out.sort()
    return out


def _likeliest(order: np.ndarray, most: int) -> np.ndarray:
    """Per later document its `most` pairs with the highest scores; of equal ones the later partner."""
    later = order >> np.uint64(32)
    begun = np.searchsorted(later, later, side="left")
    kept = order[np.arange(order.size) - begun < most]
    out = np.empty((kept.size, 2), dtype=np.int64)
    out[:, 0] = kept >> np.uint64(32)
    out[:, 1] = np.int64(MOST - 1) - (kept & np.uint64(MOST - 1)).astype(np.int64)
    return out


@kernel
def _group(packed, at, docs, places):  # type: ignore[no-untyped-def]
    """The documents of the hash that begins at `at`, each once with its first place, while `docs` has room: (how many, the next hash)."""
    used = 0
    i = at
    last = -1
    while i < packed.size and packed[i] >> np.uint64(32) == packed[at] >> np.uint64(32):
        doc = int((packed[i] >> np.uint64(8)) & np.uint64(0xFFFFFF))
        if doc != last:
            if used < docs.size:
                docs[used] = doc
                places[used] = np.int64(packed[i] & np.uint64(0xFF))
            used += 1
            last = doc
        i += 1
    return used, i


@kernel
def _spectrum(packed, common):  # type: ignore[no-untyped-def]
    """How many hashes occur in d documents, d = 0..common."""
    out = np.zeros(common + 1, dtype=np.int64)
    docs, places = np.empty(1, dtype=np.int64), np.empty(1, dtype=np.int64)
    at = 0
    while at < packed.size:
        used, at = _group(packed, at, docs, places)
        if used <= common:
            out[used] += 1
    return out


@kernel
def _link(packed, cap, far, out):  # type: ignore[no-untyped-def]
    """One item per pair and shared gram: later (24 bits), earlier (24), diagonal (8), place in the earlier text (8). Returns the count."""
    docs, places = np.empty(far, dtype=np.int64), np.empty(far, dtype=np.int64)
    total = 0
    at = 0
    while at < packed.size:
        used, at = _group(packed, at, docs, places)
        if used < 2 or used > far:
            continue
        for i in range(1, used):
            for j in range(0 if used <= cap else i - 1, i):
                if out.size:
                    diagonal = min(max(places[i] - places[j] + 128, 0), 255)
                    pair = (np.uint64(docs[i]) << np.uint64(40)) | (np.uint64(docs[j]) << np.uint64(16))
                    out[total] = pair | (np.uint64(diagonal) << np.uint64(8)) | np.uint64(places[j])
                total += 1
    return total


@kernel
def _band(items):  # type: ignore[no-untyped-def]
    """The score of one pair's items: most different stretches on three neighbouring diagonals (128 stretches at most, as bits)."""
    best = 0
    for i in range(items.size):
        diagonal = (items[i] >> np.uint64(8)) & np.uint64(0xFF)
        if i > 0 and (items[i - 1] >> np.uint64(8)) & np.uint64(0xFF) == diagonal:
            continue
        low, high = np.uint64(0), np.uint64(0)
        j = i
        while j < items.size and (items[j] >> np.uint64(8)) & np.uint64(0xFF) <= diagonal + np.uint64(2):
            stretch = (items[j] & np.uint64(0xFF)) >> np.uint64(1)
            if stretch < np.uint64(64):
                low |= np.uint64(1) << stretch
            else:
                high |= np.uint64(1) << (stretch - np.uint64(64))
            j += 1
        count = 0
        while low != np.uint64(0):
            low &= low - np.uint64(1)
            count += 1
        while high != np.uint64(0):
            high &= high - np.uint64(1)
            count += 1
        best = max(best, count)
    return best


@kernel
def _score(items):  # type: ignore[no-untyped-def]
    out = np.empty(items.size, dtype=np.uint64)
    made = 0
    begun = 0
    while begun < items.size:
        end = begun + 1
        while end < items.size and items[end] >> np.uint64(16) == items[begun] >> np.uint64(16):
            end += 1
        best = _band(items[begun:end])
        later, earlier = items[begun] >> np.uint64(40), (items[begun] >> np.uint64(16)) & np.uint64(0xFFFFFF)
        out[made] = (later << np.uint64(32)) | (np.uint64(255 - best) << np.uint64(24)) | (np.uint64(0xFFFFFF) - earlier)
        made += 1
        begun = end
    return out[:made].copy()
