"""Confirmation: how much of the shorter residue stands, in order and in runs, in the longer one."""

# ruff: noqa: PLR0917  # kernels take plain arrays side by side and are loops

import numpy as np

from zaidao.engine.text.jit import kernel, spread, threads


def aligned(
    codes: np.ndarray, starts: np.ndarray, ends: np.ndarray, one: np.ndarray, other: np.ndarray, run: int, share: float, margin: float,
) -> np.ndarray:
    """Per pair (one[i], other[i]): letters of the best common sequence made of runs of >= `run` letters; 0 where it is less than
    `share` of the shorter text plus `margin` letters.

    `one` must be sorted (its mask of letters is built once per text). The plain longest common subsequence, 64 letters a word
    (Crochemore et al. 2001; Hyyrö 2004), is an upper bound and spares most pairs the quadratic pass.
    """
    out = np.zeros(one.size, dtype=np.int32)

    def work(low: int, high: int) -> None:
        _confirm(codes, starts, ends, one[low:high], other[low:high], run, share, margin, out[low:high])

    parts = 1 if one.size < 200 else 8 * threads()
    spread(work, [one.size * i // parts for i in range(parts + 1)])
    return out


@kernel
def _common(codes, start, end, slots, masks, words, state):  # type: ignore[no-untyped-def]
    """Length of the longest common subsequence of the masked text (words of 64 letters) and codes[start:end]."""
    for w in range(words):
        state[w] = ~np.uint64(0)
    for i in range(start, end):
        slot = slots[codes[i]]
        if slot == 0:
            continue
        carry = np.uint64(0)
        for w in range(words):
            seen = state[w]
            hit = seen & masks[slot, w]
            total = seen + hit
            first = np.uint64(1) if total < seen else np.uint64(0)
            total += carry
            carry = first | (np.uint64(1) if total < carry else np.uint64(0))
            state[w] = total | (seen & ~hit)
    zeros = 0
    for w in range(words):
        rest = ~state[w]
        while rest != np.uint64(0):
            rest &= rest - np.uint64(1)
            zeros += 1
    return zeros


@kernel
def blocks(a, b, run):  # type: ignore[no-untyped-def]
    """Most letters of a and b that align in order in common runs of at least `run` letters; `run` = 1 is the plain common subsequence."""
    m = b.size
    best = np.zeros((run + 1, m + 1), dtype=np.int32)  # the last run + 1 rows
    length = np.zeros((2, m + 1), dtype=np.int32)      # run of equal letters that ends here
    ended = np.zeros((2, m + 1), dtype=np.int32)       # best that ends in a run here, 0: none
    for i in range(1, a.size + 1):
        now, was = i % 2, (i - 1) % 2
        row, above, far = i % (run + 1), (i - 1) % (run + 1), (i - run) % (run + 1)
        for j in range(1, m + 1):
            ending = 0
            if a[i - 1] == b[j - 1]:
                length[now, j] = length[was, j - 1] + 1
                if length[now, j] >= run:
                    ending = best[far, j - run] + run
                    if ended[was, j - 1] > 0:
                        ending = max(ending, ended[was, j - 1] + 1)
            else:
                length[now, j] = 0
            ended[now, j] = ending
            best[row, j] = max(ending, best[above, j], best[row, j - 1])
    return best[a.size % (run + 1), m]


@kernel
def _mask(codes, start, end, slots, masks):  # type: ignore[no-untyped-def]
    """Writes where each letter of codes[start:end] stands, 64 places a word; slots must be clear."""
    used = 0
    for i in range(start, end):
        if slots[codes[i]] == 0:
            used += 1
            slots[codes[i]] = used
            masks[used, :] = 0
        masks[slots[codes[i]], (i - start) // 64] |= np.uint64(1) << np.uint64((i - start) % 64)


@kernel
def _clear(codes, start, end, slots):  # type: ignore[no-untyped-def]
    for i in range(start, end):
        slots[codes[i]] = 0


@kernel
def room(longest):  # type: ignore[no-untyped-def]
    """Working arrays (slots, masks, state) for texts of up to `longest` letters."""
    words = longest // 64 + 1
    return np.zeros(65536, dtype=np.int32), np.zeros((longest + 1, words), dtype=np.uint64), np.zeros(words, dtype=np.uint64)


@kernel
def subsequence(codes, start, end, start_other, end_other, slots, masks, state):  # type: ignore[no-untyped-def]
    """Length of the longest common subsequence of two texts."""
    _mask(codes, start, end, slots, masks)
    found = _common(codes, start_other, end_other, slots, masks, (end - start + 63) // 64, state)
    _clear(codes, start, end, slots)
    return found


@kernel
def _confirm(codes, starts, ends, one, other, run, share, margin, out):  # type: ignore[no-untyped-def]
    longest = 0
    for i in range(one.size):
        longest = max(longest, ends[one[i]] - starts[one[i]])
    slots, masks, state = room(longest)
    for i in range(one.size):
        low, high = starts[one[i]], ends[one[i]]
        if i == 0 or one[i] != one[i - 1]:
            if i > 0:
                _clear(codes, starts[one[i - 1]], ends[one[i - 1]], slots)
            _mask(codes, low, high, slots, masks)
        start, end = starts[other[i]], ends[other[i]]
        least = margin + share * min(high - low, end - start)
        if _common(codes, start, end, slots, masks, (high - low + 63) // 64, state) >= least:
            got = blocks(codes[low:high], codes[start:end], run)
            if got >= least:
                out[i] = got
