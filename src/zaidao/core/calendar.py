"""Working days: the week, and the days on which the State Council or the office let it differ.

Years whose days are not on record yet (`known`) have weekends only; pages that show a deadline in such a year say so.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from importlib.resources import files
from itertools import count
from typing import Any

from django.db import transaction

from zaidao.core import audit, locks, written
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.core.models import Holiday

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Days that differ from their weekday: day -> whether it is a day of work."""

    differs: dict[date, bool]

    @cached_property
    def years(self) -> frozenset[int]:
        """The years on record: those whose National Day is, which no arrangement leaves out."""
        return frozenset(d.year for d, works in self.differs.items() if not works and (d.month, d.day) == (10, 1))

    def known(self, year: int) -> bool:
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        return self.differs.get(day, day.weekday() < SATURDAY)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`; the next day is the first that can count, and 0 is `day` itself. Raises ValueError below 0."""
        if n < 0:
            raise ValueError(f"{n} working days")
        for _ in range(n):
            day = next(d for i in count(1) if self.is_working_day(d := day + i * ONE_DAY))
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to `end`, that included: what `add_working_days` took. 0 where `end` is not later."""
        return sum(self.is_working_day(start + i * ONE_DAY) for i in range(1, (end - start).days + 1))


def load() -> Calendar:
    """The calendar on record, in one query: for whoever asks more than once."""
    return Calendar({day: kind == Holiday.Kind.WORK for day, kind in Holiday.objects.values_list("day", "kind")})


def known(year: int, *, calendar: Calendar | None = None) -> bool:
    """Whether the year's days of rest are on record."""
    return (calendar or load()).known(year)


def is_working_day(day: date, *, calendar: Calendar | None = None) -> bool:
    return (calendar or load()).is_working_day(day)


def add_working_days(day: date, n: int, *, calendar: Calendar | None = None) -> date:
    """See `Calendar.add_working_days`."""
    return (calendar or load()).add_working_days(day, n)


def working_days_between(start: date, end: date, *, calendar: Calendar | None = None) -> int:
    """See `Calendar.working_days_between`."""
    return (calendar or load()).working_days_between(start, end)


def on_record() -> list[Holiday]:
    """Every day on record, in order. One query."""
    return list(Holiday.objects.order_by("day"))


@dataclass(frozen=True)
class HolidayRow:
    """A day as a sheet gives it. `kind`: rest or work (休, 班)."""

    day: date
    kind: str
    name: str
    source: str = ""


@dataclass(frozen=True)
class Imported:
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@transaction.atomic
def import_holidays(rows: Iterable[HolidayRow], *, actor: Any, verb: str = "calendar.import", grant: Grant | None = None) -> Imported:
    """Put days on record, each over what stood there; importing the same again changes nothing.

    The caller has authorised it. Raises Refused, with nothing written, for a day that stands twice or a kind nobody knows.
    """
    wanted = _checked(rows)
    locks.hold("calendar")
    standing = {h.day: h for h in Holiday.objects.filter(day__in=wanted)}
    changes = {}
    for day, row in sorted(wanted.items()):
        before = standing.get(day)
        if before is None or _facts(before) != _facts(row):
            Holiday.objects.update_or_create(day=day, defaults=_facts(row))
            changes[str(day)] = [" ".join(_facts(before).values()) if before else None, " ".join(_facts(row).values())]
    if changes:
        audit.record(actor, verb, Holiday, changes=changes, grant=grant)
    new = len(set(wanted) - set(standing))
    return Imported(new, len(changes) - new, len(wanted) - len(changes))


@transaction.atomic
def remove_holiday(day: date, *, actor: Any, verb: str = "calendar.import", grant: Grant | None = None) -> bool:
    """Let a day follow its weekday again; whether it stood on record. The caller has authorised it."""
    locks.hold("calendar")
    row = Holiday.objects.filter(day=day).first()
    if row is None:
        return False
    audit.record(actor, verb, Holiday, changes={str(day): [" ".join(_facts(row).values()), None]}, grant=grant)
    row.delete()
    return True


def _checked(rows: Iterable[HolidayRow]) -> dict[date, HolidayRow]:
    wanted: dict[date, HolidayRow] = {}
    reasons = []
    for row in rows:
        if row.day in wanted:
            reasons.append(f"{written.day(row.day)}出现了两次。")
        if row.kind not in Holiday.Kind.values:
            reasons.append(f"{written.day(row.day)}的类别“{row.kind}”没有看懂,请写休或班。")
        wanted[row.day] = row
    if reasons:
        raise Refused(*reasons)
    return wanted


def _facts(row: Holiday | HolidayRow) -> dict[str, str]:
    return {"kind": str(row.kind), "name": row.name[:40], "source": row.source[:120]}


def packaged() -> list[HolidayRow]:
    """The days that come with the program, as the State Council published them."""
    text = (files("zaidao.core") / "data" / "holidays.csv").read_text(encoding="utf-8")
    return [HolidayRow(date.fromisoformat(r["day"]), r["kind"], r["name"], r["source"]) for r in csv.DictReader(text.splitlines())]


@transaction.atomic
def lay_out_holidays() -> int:
    """Put the packaged days on record for the years that are not; returns how many. What the office imported or removed stays so."""
    locks.hold("calendar")
    on_record = load()
    missing = [Holiday(**vars(row)) for row in packaged() if not on_record.known(row.day.year) and row.day not in on_record.differs]
    Holiday.objects.bulk_create(missing)
    return len(missing)
