"""What parsers of cells share: the flaw of a cell, what they must know of the workbook, one normal form of text."""

import unicodedata
from dataclasses import dataclass

from zaidao.sheets.problem import Severity


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
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "").split())
