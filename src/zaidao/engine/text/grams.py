"""Hash-sampled n-grams of residues, sorted by hash: what prescribed text and candidates are found with.

A gram is packed into one word: its hash (40 bits, or 32), 24 bits of its document and, if asked for, 8 bits of its place in the
text (in steps of 8 letters). Documents are numbered by the caller; at most 2^24 of them. The hash decides which grams are looked
at, so every common run is sampled alike in both texts.
"""

# ruff: noqa: PLR0917  # kernels take plain arrays side by side and are loops

from collections.abc import Iterator

import numpy as np

from zaidao.engine.text.jit import even_cuts, kernel, spread

DOC_BITS, PLACE_BITS = 24, 8
MOST = 1 << DOC_BITS
HELD = 24_000_000  # grams sorted at once: bounds the memory of a pass (8 bytes each)


def sampled(codes: np.ndarray, starts: np.ndarray, ends: np.ndarray, gram: int, every: int, places: bool = False) -> Iterator[np.ndarray]:
    """Sorted packed grams of length `gram`, about one in `every` (a power of two), in passes over disjoint ranges of the hash."""
    if starts.size > MOST:
        raise ValueError(f"at most {MOST} texts in one comparison, got {starts.size}")
    expected = int(np.maximum(ends - starts - gram + 1, 0).sum()) / every
    passes = 1
    while expected / passes > HELD:
        passes *= 2
    cuts = even_cuts(starts.size)
    for part in range(passes):
        def work(low: int, high: int, part: int = part) -> np.ndarray:
            size = int((ends[low:high] - starts[low:high]).sum() / (every * passes) * 1.1) + 1000
            while True:
                out = np.empty(size, dtype=np.uint64)
                used = _emit(codes, starts, ends, low, high, gram, every, passes, part, PLACE_BITS if places else 0, out)
                if used <= size:
                    return out[:used]
                size = used
        packed = np.concatenate([np.zeros(0, np.uint64), *spread(work, cuts)])
        packed.sort()
        yield packed


@kernel
def mixed(value):  # type: ignore[no-untyped-def]
    """splitmix64's finaliser: spreads a polynomial hash over all 64 bits."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@kernel
def _emit(codes, starts, ends, low, high, gram, every, passes, part, place_bits, out):  # type: ignore[no-untyped-def]
    base = np.uint64(0x100000001B3)
    lead = np.uint64(1)
    for _ in range(gram - 1):
        lead *= base
    used = 0
    bits = np.uint64(24 + place_bits)
    for doc in range(low, high):
        rolling = np.uint64(0)
        for i in range(starts[doc], ends[doc]):
            if i - starts[doc] >= gram:
                rolling -= np.uint64(codes[i - gram] + 1) * lead
            rolling = rolling * base + np.uint64(codes[i] + 1)
            if i - starts[doc] < gram - 1:
                continue
            value = mixed(rolling)
            if value & np.uint64(every - 1) == 0 and (value >> np.uint64(8)) & np.uint64(passes - 1) == part:
                if used < out.size:
                    out[used] = (value >> bits << bits) | np.uint64(doc)
                    if place_bits:
                        place = min((i - starts[doc]) >> 3, 255)
                        out[used] = (value >> bits << bits) | (np.uint64(doc) << np.uint64(8)) | np.uint64(place)
                used += 1
    return used
