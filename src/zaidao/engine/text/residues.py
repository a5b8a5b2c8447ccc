"""From minutes to residues: the letters that are left when names, numbers, dates and punctuation are out, as UTF-16 codes."""

# ruff: noqa: PLR0917  # kernels take plain arrays side by side and are loops

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.text.jit import even_cuts, kernel, spread
from zaidao.engine.text.masks import DROP, NUMBER, UNIT, Alphabet, Trie, alphabet, step, trie

GROWTH = 8_000_000  # letters of room made at once: 16 MB


@dataclass
class Residues:
    """Residues of n texts, end to end: text i is codes[starts[i]:ends[i]]; `ids` are the activities' codes."""

    ids: pa.Array
    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        return self.ends - self.starts

    def text(self, i: int) -> str:
        return self.codes[self.starts[i]:self.ends[i]].tobytes().decode("utf-16-le")


def read(minutes: Iterable[pa.RecordBatch], names: Iterable[str], longest: int) -> Residues:
    """Streams the batches (activity_id, minutes); residues alone stay in memory, two bytes a letter, at most `longest` letters a text."""
    letters, masked = alphabet(), trie(names)
    ids, lengths = [], [np.zeros(0, np.int64)]
    joined, used = np.empty(0, dtype=np.uint16), 0
    for batch in minutes:
        codes, sizes = reduce_batch(batch.column(1), letters, masked, longest)
        ids.append(batch.column(0).cast(pa.string()))
        lengths.append(sizes)
        if used + codes.size > joined.size:  # grown in place: no second copy of all text is ever held
            joined.resize(used + max(codes.size, GROWTH), refcheck=False)
        joined[used:used + codes.size] = codes
        used += codes.size
    joined.resize(used, refcheck=False)
    ends = np.cumsum(np.concatenate(lengths))
    return Residues(pa.concat_arrays(ids) if ids else pa.array([], pa.string()), joined, ends - np.concatenate(lengths), ends)


def reduce_batch(column: pa.Array, letters: Alphabet, masked: Trie, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """The residues of one column of texts, end to end, and their lengths; null is an empty text."""
    column = pc.fill_null(column.cast(pa.large_string()), "")
    rows = len(column)
    if not rows or column.buffers()[2] is None:
        return np.zeros(0, np.uint16), np.zeros(rows, np.int64)
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset:column.offset + rows + 1]
    data = np.frombuffer(column.buffers()[2], dtype=np.uint8)
    sizes = np.zeros(rows, np.int64)

    def work(low: int, high: int) -> np.ndarray:
        out = np.empty(int(offsets[high] - offsets[low]), dtype=np.uint16)
        used = _reduce(data, offsets[low:high + 1], letters.fold, letters.kind, *masked, longest, out, sizes[low:high])
        return out[:used].copy()

    return np.concatenate([np.zeros(0, np.uint16), *spread(work, even_cuts(rows))]), sizes


def fingerprints(texts: Residues) -> np.ndarray:
    """A number per text by its letters alone (FNV-1a over UTF-16 codes)."""
    return _fingerprints(texts.codes, texts.starts, texts.ends)


@kernel
def _fingerprints(codes, starts, ends):  # type: ignore[no-untyped-def]
    out = np.empty(starts.size, dtype=np.uint64)
    for i in range(starts.size):
        value = np.uint64(0xCBF29CE484222325)
        for j in range(starts[i], ends[i]):
            value = (value ^ np.uint64(codes[j])) * np.uint64(0x100000001B3)
        out[i] = value
    return out


@kernel
def _decode(data, low, high, fold, kind, out):  # type: ignore[no-untyped-def]
    """UTF-8 bytes to folded codes without dropped characters; beyond the basic plane nothing is kept. Returns the count."""
    used = 0
    i = low
    while i < high:
        byte = data[i]
        if byte < 0x80:
            code, width = int(byte), 1
        elif byte < 0xE0:
            code, width = ((int(byte) & 0x1F) << 6) | (int(data[i + 1]) & 0x3F), 2
        elif byte < 0xF0:
            code, width = ((int(byte) & 0x0F) << 12) | ((int(data[i + 1]) & 0x3F) << 6) | (int(data[i + 2]) & 0x3F), 3
        else:
            code, width = 0, 4
        i += width
        if kind[code] != DROP:
            out[used] = fold[code]
            used += 1
    return used


@kernel
def _named(letters, at, used, keys, nodes, first, ends):  # type: ignore[no-untyped-def]
    """The length of the longest name that begins at `at`, 0 if none."""
    node = first[letters[at]]
    longest = 0
    i = at
    while node != 0:
        i += 1
        if ends[node]:
            longest = i - at
        if i >= used:
            break
        node = nodes[step(keys, nodes, node, letters[i])]
    return longest


@kernel
def _reduce(data, offsets, fold, kind, keys, nodes, first, ends, longest, out, sizes):  # type: ignore[no-untyped-def]
    total = 0
    widest = 0
    for row in range(offsets.size - 1):
        widest = max(widest, offsets[row + 1] - offsets[row])
    letters = np.empty(widest + 1, dtype=np.uint16)
    for row in range(offsets.size - 1):
        used = _decode(data, offsets[row], offsets[row + 1], fold, kind, letters)
        begun = total
        number = False
        i = 0
        while i < used and total - begun < longest:
            name = _named(letters, i, used, keys, nodes, first, ends)
            what = kind[letters[i]]
            if name > 0:
                i += name
                number = False
                continue
            if what == NUMBER:
                number = True
            elif not (what == UNIT and number):
                out[total] = letters[i]
                total += 1
                number = False
            i += 1
        sizes[row] = total - begun
    return total
