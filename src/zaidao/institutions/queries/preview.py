"""What adopting an edition would ask of whom, before it is done."""

from dataclasses import dataclass
from datetime import date

from zaidao.institutions.models import Edition


@dataclass(frozen=True)
class Asked:
    """One clause: `times` a year for `organisations` organisations of these kinds (kind -> number), `hours` each a year (None: not told).
    `decorative`: why no duty comes of it, or "". `conflict`: what of a firm rule it asks less than, or "". `displaces`: (title or rule,
    article) that held before for some of them."""

    article: str
    subject: str
    times: int
    organisations: int
    kinds: dict[str, int]
    hours: float | None
    decorative: str
    conflict: str
    displaces: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Preview:
    """`duties`: how many a year in all for `organisations`; `hours` a year and organisation at most (None: not told). `token` names
    exactly this preview."""

    since: date
    clauses: tuple[Asked, ...]
    organisations: int
    duties: int
    hours: float | None
    refusals: tuple[str, ...]
    token: str


def preview(edition: Edition, since: date) -> Preview:
    """What the draft would ask if it held from `since` on, against what holds now. Eight queries at most."""
    raise NotImplementedError
