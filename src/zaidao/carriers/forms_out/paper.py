"""One filed record as plain texts: what Word and PDF set in type. No database, no markup: everything here is data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True)
class Section:
    """A part with its heading; each text is a paragraph."""

    heading: str
    texts: Sequence[str]


@dataclass(frozen=True)
class Paper:
    """A record. `head`: name and value, "—" where unknown; `notes`: what is to be known of this version; `signed`: who signs by hand."""

    title: str
    head: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    notes: Sequence[str]
    signed: Sequence[str] = ("主持人", "记录人")

    @property
    def data(self) -> dict[str, Any]:
        """As plain lists and texts that any writer can hold."""
        told = asdict(self)
        told["head"] = [[name, clean(value)] for name, value in self.head]
        told["title"], told["notes"] = clean(self.title), [clean(n) for n in self.notes]
        told["sections"] = [
            {"heading": f"{NUMERALS[n]}、{s.heading}", "texts": [clean(t) for text in s.texts for t in text.splitlines() if t.strip()]}
            for n, s in enumerate(section for section in self.sections if any(t.strip() for t in section.texts))
        ]
        return told


def clean(text: str) -> str:
    """A text without signs that neither XML nor a page can hold."""
    return "".join(c if c >= " " else " " for c in text if not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff\x7f").strip()
