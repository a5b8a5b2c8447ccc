"""An organisation while its world is being made: what the generator knows beside the rows that it writes."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Label:
    """A planted fault: severity 1-3 and the rows that show it, as the sample's key has them."""

    label: str
    severity: int
    variant: str = ""
    evidence: list[dict] = field(default_factory=list)

    def show(self, table: str, key: str, note: str = "") -> None:
        self.evidence.append({"table": table, "key": key, "note": note})


@dataclass
class Org:
    """One organisation. `site` is the superior whose subordinates share timing habits; `traits` are its honest habits."""

    org_id: str
    name: str
    kind: str
    parent: "Org | None"
    unit: str
    industry: str
    established: date
    size: int = 0
    dissolved: date | None = None
    term_started: date | None = None
    term_years: float | None = None
    form: str | None = None
    extended_to: date | None = None
    headcount: int = 0
    division: int = 0
    children: list["Org"] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    alikes: set[str] = field(default_factory=set)
    site_alikes: set[str] = field(default_factory=set)
    tolerated: set[str] = field(default_factory=set)
    people: list[dict] = field(default_factory=list)
    committee: list[dict] = field(default_factory=list)
    secretary: dict | None = None
    posts: list[dict] = field(default_factory=list)
    rules: list[dict] = field(default_factory=list)
    clauses: list[dict] = field(default_factory=list)
    carriers: list[dict] = field(default_factory=list)
    ideas: list[dict] = field(default_factory=list)
    acts: list[dict] = field(default_factory=list)
    traits: dict = field(default_factory=dict)

    @property
    def groups(self) -> list["Org"]:
        return [c for c in self.children if c.kind == "group"]

    @property
    def steady(self) -> bool:
        """A branch of long standing: temporary, new and dissolved ones carry no planted faults."""
        return self.kind == "branch" and not self.dissolved and not self.alikes & {"new_org", "temporary_branch"}

    def fault(self, label: str) -> Label | None:
        return next((x for x in self.labels if x.label == label), None)

    def alike(self, name: str) -> bool:
        return name in self.alikes or name in self.site_alikes

    def members(self, day: date) -> list[dict]:
        """Full and probationary members on the roster of this organisation itself on a day."""
        return [
            p
            for p in self.people
            if p["category"] in ("full", "probationary")
            and p["moved_in_on"] <= day
            and (p["moved_out_on"] is None or p["moved_out_on"] > day)
        ]


def month_add(day: date, months: int) -> date:
    """First of the month `months` after the month of a day."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def weekday_of_month(first: date, week: int, weekday: int) -> date:
    """The week-th (0..3) given weekday of the month that begins on `first`."""
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * week)


def some_day(rng: random.Random, first: date, last: date) -> date:
    """A random day from first to last; first when last lies before it."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
