"""Candidate pairs: texts that share sampled rare n-grams, counted and cut to the likeliest per text."""

import numpy as np

from zaidao.engine.text.grams import MOST, kernel, sampled


def candidates(codes: np.ndarray, starts: np.ndarray, ends: np.ndarray, *, gram: int, every: int, common: int, per_text: int, shared: int, most: int) -> np.ndarray:
    """Pairs (later, earlier) of document numbers, int64 of shape (n, 2), sorted; document numbers must run in order of time.

    All pairs of documents under a gram that at most `common` documents share, fewer where that would exceed `per_text` pairs a
    text on average; a gram of up to 64 times as many documents joins neighbours only, which still links a large family of copies.
    Kept: pairs with >= `shared` such grams, per later document the `most` likeliest.
    """
    cap, found = 0, []
    for packed in sampled(codes, starts, ends, gram, every):
        if not cap:
            passes = max(1.0, float((ends - starts).sum()) / every / max(1, packed.size))
            cap = _cap(_spectrum(packed, common), per_text * starts.size / passes)
        found.append(_linked(packed, cap, 64 * common))
    pairs = np.concatenate([np.zeros(0, np.uint64), *found])
    found.clear()
    pairs.sort()
    new = np.flatnonzero(np.concatenate([np.ones(min(1, pairs.size), bool), pairs[1:] != pairs[:-1]]))
    counts = np.diff(np.append(new, pairs.size))
    kept = counts >= shared
    return _likeliest(pairs[new[kept]], counts[kept], most)


def _cap(spectrum: np.ndarray, budget: float) -> int:
    """The largest document frequency up to which all pairs stay within the budget, at least 2."""
    sizes = np.arange(spectrum.size, dtype=np.int64)
    total = np.cumsum(spectrum * (sizes * (sizes - 1) // 2))
    return max(2, int(np.searchsorted(total, budget, side="right")) - 1)


def _likeliest(pairs: np.ndarray, counts: np.ndarray, most: int) -> np.ndarray:
    """Per later document the `most` pairs with the highest counts; of equal ones the later partner."""
    later, earlier = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    rarity = np.uint64(255) - np.minimum(counts, 255).astype(np.uint64)
    order = (later << np.uint64(32)) | (rarity << np.uint64(24)) | (np.uint64(MOST - 1) - earlier)
    order.sort()
    later = order >> np.uint64(32)
    begun = np.searchsorted(later, later, side="left") if later.size else later
    kept = order[np.arange(order.size) - begun.astype(np.int64) < most]
    out = np.empty((kept.size, 2), dtype=np.int64)
    out[:, 0] = kept >> np.uint64(32)
    out[:, 1] = np.int64(MOST - 1) - (kept & np.uint64(MOST - 1)).astype(np.int64)
    return out


def _linked(packed: np.ndarray, cap: int, far: int) -> np.ndarray:
    size = _link(packed, cap, far, np.zeros(0, np.uint64))
    out = np.empty(size, dtype=np.uint64)
    _link(packed, cap, far, out)
    return out


@kernel
def group(packed, at, docs):  # type: ignore[no-untyped-def]
    """The documents of the hash that begins at `at`, each once, ascending, as far as `docs` reaches: (how many, where the next hash begins)."""
    used = 0
    i = at
    while i < packed.size and packed[i] >> np.uint64(24) == packed[at] >> np.uint64(24):
        doc = np.int64(packed[i] & np.uint64(0xFFFFFF))
        if i == at or packed[i] != packed[i - 1]:
            if used < docs.size:
                docs[used] = doc
            used += 1
        i += 1
    return used, i


@kernel
def _spectrum(packed, common):  # type: ignore[no-untyped-def]
    """How many hashes occur in d documents, d = 0..common."""
    out = np.zeros(common + 1, dtype=np.int64)
    docs = np.empty(1, dtype=np.int64)
    at = 0
    while at < packed.size:
        used, at = group(packed, at, docs)
        if used <= common:
            out[used] += 1
    return out


@kernel
def _link(packed, cap, far, out):  # type: ignore[no-untyped-def]
    docs = np.empty(far, dtype=np.int64)
    total = 0
    at = 0
    while at < packed.size:
        used, at = group(packed, at, docs)
        if used < 2 or used > far:
            continue
        for i in range(1, used):
            for j in range(0 if used <= cap else i - 1, i):
                if out.size:
                    out[total] = (np.uint64(docs[i]) << np.uint64(32)) | np.uint64(docs[j])
                total += 1
    return total
