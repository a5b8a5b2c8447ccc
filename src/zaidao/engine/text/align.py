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
def _confirm(codes, starts, ends, one, other, run, share, margin, out):  # type: ignore[no-untyped-def]
    slots = np.zeros(65536, dtype=np.int32)
    widest = 0
    for i in range(one.size):
        widest = max(widest, ends[one[i]] - starts[one[i]])
    masks = np.zeros((widest + 1, widest // 64 + 1), dtype=np.uint64)
    state = np.zeros(widest // 64 + 1, dtype=np.uint64)
    begun = -1
    words = 0
    for i in range(one.size):
        low, high = starts[one[i]], ends[one[i]]
        if begun < 0 or one[i] != one[begun]:
            if begun >= 0:
                for j in range(starts[one[begun]], ends[one[begun]]):
                    slots[codes[j]] = 0
            begun = i
            words = (high - low + 63) // 64
            used = 0
            for j in range(low, high):
                if slots[codes[j]] == 0:
                    used += 1
                    slots[codes[j]] = used
                    masks[used, :] = 0
                masks[slots[codes[j]], (j - low) // 64] |= np.uint64(1) << np.uint64((j - low) % 64)
        least = margin + share * min(high - low, ends[other[i]] - starts[other[i]])
        if _common(codes, starts[other[i]], ends[other[i]], slots, masks, words, state) >= least:
            got = blocks(codes[low:high], codes[starts[other[i]]:ends[other[i]]], run)
            if got >= least:
                out[i] = got
