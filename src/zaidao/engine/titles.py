"""Titles compared for likeness: organisation names, years and ordinals out, then shared pairs of characters (SIGNALS 4.9)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from scipy import sparse

_UNITS = (
    "有限责任公司|有限公司|分公司|子公司|公司|集团|项目部|经理部|指挥部|办公室|党支部|党总支|党委|党小组|支部|小组"
    "|车间|工段|班组|中心|部门|部|站|队|厂|院|所|科|室|处|局|库|港|区|班|组"
)
_DIGITS = "0-9〇零一二两三四五六七八九十百"
_PART = re.compile(f".+?(?:{_UNITS})")
_ORDINAL = re.compile(f"第?[{_DIGITS}]+(?:年度|学年|年|季度|季|届|期|批|轮|次|月份|月|号)|第[{_DIGITS}]+")
_SERIES = re.compile(f"第?[{_DIGITS}]+(?:年度|学年|年|季度|季|届|期|批|轮)")
_LEADING = re.compile(f"^第?[{_DIGITS}]+")


def name_parts(names: Iterable[str | None]) -> tuple[str, ...]:
    """What of organisation names may stand in a title: the parts ending in 公司, 车间, 党支部, … with and without their ordinal.

    Longest first. `建设工程公司第一钢构车间党支部` gives 建设工程公司, 第一钢构车间, 钢构车间, 党支部.
    """
    found: set[str] = set()
    for name in names:
        whole = unicodedata.normalize("NFKC", name or "")
        for part in (whole, *_PART.findall(whole)):
            found |= {part, _LEADING.sub("", part)}
    return tuple(sorted((p for p in found if len(p) >= 2), key=lambda p: (-len(p), p)))


def stem(title: str | None, parts: Sequence[str], padding: Sequence[str]) -> str:
    """A title without organisation names, years, ordinals, punctuation and padding words such as 活动."""
    text = unicodedata.normalize("NFKC", title or "")
    for part in parts:
        text = text.replace(part, "")
    text = "".join(c for c in _ORDINAL.sub("", text) if c.isalnum()).lower()
    for word in padding:
        text = text.replace(word, "")
    return text


def in_series(title: str | None) -> bool:
    """Whether a title says itself that it is one of a series: 第二期, 2026年度."""
    return bool(_SERIES.search(unicodedata.normalize("NFKC", title or "")))


def commonplace(stem: str, kind: str | None) -> bool:
    """A stem that says no more than its kind (志愿服务活动) is like every other of the kind and proves nothing."""
    return len(stem.replace(kind or "\0", "")) < 2


def pairs(stem: str) -> frozenset[str]:
    """The pairs of neighbouring characters."""
    return frozenset(stem[i:i + 2] for i in range(len(stem) - 1))


def likeness(a: str, b: str) -> float:
    """Dice's share of common pairs in two stems, in [0, 1]; 0 where one is too short to have any."""
    left, right = pairs(a), pairs(b)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def like_rows(stems: Sequence[str], wanted: np.ndarray, least: float, chunk: int = 256) -> Iterator[tuple[np.ndarray, sparse.csr_matrix]]:
    """For the stems at `wanted`, in chunks: their positions and a 0/1 matrix (chunk x stems) of those with likeness >= `least`.

    Products of sparse rows of pairs: the work grows with shared pairs, not with the square of the titles.
    """
    bags = [sorted(pairs(s)) for s in stems]
    lengths = np.array([len(b) for b in bags], dtype=np.int64)
    codes = pa.array([p for bag in bags for p in bag], pa.string()).dictionary_encode()
    columns = codes.indices.to_numpy(zero_copy_only=False)
    shape = (len(stems), max(1, len(codes.dictionary)))
    matrix = sparse.csr_matrix((np.ones(len(columns), np.int32), columns, np.concatenate([[0], np.cumsum(lengths)])), shape=shape)
    turned = matrix.T.tocsr()
    for start in range(0, len(wanted), chunk):
        rows = wanted[start:start + chunk]
        shared = (matrix[rows] @ turned).tocoo()
        near = 2 * shared.data >= least * (lengths[rows][shared.row] + lengths[shared.col]) - 1e-9
        ones = np.ones(int(near.sum()), np.int32)
        yield rows, sparse.csr_matrix((ones, (shared.row[near], shared.col[near])), shape=(len(rows), len(stems)))
