"""What is wrong with an input, said so that a clerk can find the cell and correct it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal

Severity = Literal["error", "warning", "note"]
RISKY = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # what a cell must not begin with: a spreadsheet might run it
LONGEST_VALUE = 60  # characters of an offending value that a problem repeats: enough to recognise it, too few to leak minutes


@dataclass(frozen=True, order=True)
class Problem:
    """One thing found while reading. `cell` is like "I14" (Parquet: "第 14 行"); `reason` and `remedy` are Chinese sentences.

    error: something was not used (a value, a row, a sheet, a file); warning: used, but look at it; note: for information.
    """

    file: str
    sheet: str
    cell: str
    field: str
    code: str
    severity: Severity
    value: str
    reason: str
    remedy: str


COLUMNS = tuple(f.name for f in fields(Problem))


def shown(value: object, *, sensitive: bool = False) -> str:
    """A value as a problem repeats it: on one line, cut to 60 characters, masked where sensitive."""
    text = " ".join(str("" if value is None else value).split())
    if sensitive:
        return masked(text)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def masked(text: str) -> str:
    """First 3 and last 2 characters with stars between; too short for that: stars only."""
    return text[:3] + "*" * (len(text) - 5) + text[-2:] if len(text) > 5 else "*" * len(text)


def to_csv(problems: Iterable[Problem]) -> bytes:
    """`problems.csv`: UTF-8 with BOM, so that Excel and WPS open it; cells that would run as formulas are escaped."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([escaped(str(v)) for v in asdict(p).values()] for p in problems)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def escaped(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + text if text[:1] in RISKY else text
