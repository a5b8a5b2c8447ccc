"""What leaves a text before comparison: punctuation, numbers, dates, and the names of people, organisations and places."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np

from zaidao.engine.text.jit import kernel

DROP, KEEP, NUMBER, UNIT = 0, 1, 2, 3
NUMERALS = "〇零一二两三四五六七八九十百"
DATE_UNITS = "年月日号时点分"
FOLDED = [(0x0000, 0x3400), (0xA000, 0xAC00), (0xF900, 0x10000)]  # beyond these ranges a character folds to itself


class Alphabet(NamedTuple):
    """Per UTF-16 code: the folded code (NFKC, lower case) and its class (DROP, KEEP, NUMBER, UNIT)."""

    fold: np.ndarray
    kind: np.ndarray


@cache
def alphabet() -> Alphabet:
    """NFKC of single characters. Those that become several (㈠, ℃) take the first letter or digit of them; surrogates are dropped."""
    fold = np.arange(65536, dtype=np.uint16)
    kind = np.full(65536, KEEP, dtype=np.uint8)
    kind[0xD800:0xE000] = DROP
    for low, high in FOLDED:
        for code in range(low, high):
            kept = next((c for c in unicodedata.normalize("NFKC", chr(code)).lower() if c.isalnum() and ord(c) < 65536), "")
            fold[code] = ord(kept) if kept else 0
            kind[code] = _kind(kept)
    for char in NUMERALS + DATE_UNITS:
        kind[ord(char)] = _kind(char)
    return Alphabet(fold, kind)


def _kind(char: str) -> int:
    if not char:
        return DROP
    if char in NUMERALS or char.isdigit():
        return NUMBER
    return UNIT if char in DATE_UNITS else KEEP


class Trie(NamedTuple):
    """All names to mask: open-addressed edges (node << 16 | code) -> node; `first` leads from the root without hashing."""

    keys: np.ndarray
    nodes: np.ndarray
    first: np.ndarray
    ends: np.ndarray


def trie(names: Iterable[str], shortest: int = 2, longest: int = 40) -> Trie:
    """The trie of the folded names between the two lengths; their order does not matter."""
    letters = alphabet()
    folded = set()
    for name in set(names):
        codes = np.frombuffer(name.encode("utf-16-le", "ignore"), dtype=np.uint16)
        kept = letters.fold[codes[letters.kind[codes] != DROP]]
        if shortest <= kept.size <= longest and (letters.kind[kept] == KEEP).any():
            folded.add(kept.tobytes())
    flat = sorted(folded)
    codes = np.frombuffer(b"".join(flat), dtype=np.uint16)
    offsets = np.cumsum([0] + [len(f) // 2 for f in flat], dtype=np.int64)
    size = 1 << max(4, int(2 * codes.size + 1).bit_length())
    made = Trie(np.zeros(size, np.uint64), np.zeros(size, np.int32), np.zeros(65536, np.int32), np.zeros(codes.size + 1, np.bool_))
    _insert(codes, offsets, made.keys, made.nodes, made.first, made.ends)
    return made


@kernel
def step(keys, nodes, node, code):  # type: ignore[no-untyped-def]
    """The slot of the edge (node, code): its own if the edge exists, else the free one where it would go."""
    key = (np.uint64(node) << np.uint64(16)) | np.uint64(code)
    mask = np.uint64(keys.size - 1)
    slot = ((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    while keys[slot] != key and nodes[slot] != 0:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _insert(codes, offsets, keys, nodes, first, ends):  # type: ignore[no-untyped-def]
    made = 0
    for i in range(offsets.size - 1):
        node = 0
        for j in range(offsets[i], offsets[i + 1]):
            if node == 0:
                if first[codes[j]] == 0:
                    made += 1
                    first[codes[j]] = made
                node = first[codes[j]]
                continue
            slot = step(keys, nodes, node, codes[j])
            if nodes[slot] == 0:
                made += 1
                keys[slot] = (np.uint64(node) << np.uint64(16)) | np.uint64(codes[j])
                nodes[slot] = made
            node = nodes[slot]
        ends[node] = True
