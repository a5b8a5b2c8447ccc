"""What parsers of cells share: the flaw of a cell, what they must know of the workbook, one normal form of text."""

import re
import unicodedata
from dataclasses import dataclass

from zaidao.sheets.problem import Severity

# Signs that nobody sees and that copying from web pages and chats brings along: soft hyphens, zero widths, marks of direction; and NUL,
# which not every database keeps.
UNSEEN = re.compile("[\x00\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Flaw:
    """Why a cell is unusable (error) or worth a look: code, severity, reason and remedy in Chinese."""

    code: str
    reason: str
    remedy: str
    severity: Severity = "error"


@dataclass(frozen=True)
class Mode:
    """What the parsers must know about the workbook: whether serial dates count from 1904, and a factor for numbers."""

    date1904: bool = False
    scale: float = 1.0


def normal(text: str) -> str:
    """Full-width to half-width, outer and inner runs of white space to one space, invisible characters out."""
    return " ".join(unicodedata.normalize("NFKC", seen(text)).split())


def tight(text: str) -> str:
    """Chinese words that were spaced out to fill a column (张　三, 书  记) without the spaces; other text as it is."""
    parts = text.split()
    spaced = len(parts) > 1 and all(len(p) == 1 and "\u3400" <= p <= "\u9fff" for p in parts)
    return "".join(parts) if spaced else text


def seen(text: str) -> str:
    """`text` without signs that nobody sees."""
    return text if text.isprintable() else UNSEEN.sub("", text)
