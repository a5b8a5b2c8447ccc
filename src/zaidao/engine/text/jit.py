"""Numba kernels that release the GIL, cached on disk where a place for the cache can be written, else compiled anew."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba
import numpy as np


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled at its first call. A read-only machine without any cache folder still works, only slower to start."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # "no locator available": neither the package nor the user's cache folder is writable
        return numba.njit(nogil=True)(function)


def threads() -> int:
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


def spread(work: Callable[[int, int], Any], cuts: np.ndarray | list[int]) -> list[Any]:
    """`work(low, high)` for each pair of neighbouring cuts, on threads; answers in the order of the cuts, whatever finishes first."""
    spans = [(int(a), int(b)) for a, b in pairwise(cuts) if b > a]
    if len(spans) < 2:
        return [work(a, b) for a, b in spans]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda span: work(*span), spans))


def even_cuts(total: int, least: int = 2000) -> list[int]:
    """Cuts of 0..total into spans for the threads at hand; small work stays in one piece."""
    parts = 1 if total < least else 4 * threads()
    return [total * i // parts for i in range(parts + 1)]
