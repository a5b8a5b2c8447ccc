"""When a record was put on file: lognormal daily filing, weekly and monthly uploads, remote quarters, a dead line, a migration."""

import random
from datetime import date, datetime, time, timedelta

import numpy as np

from bench.worlds.model import Org, month_add
from bench.worlds.settings import Settings

WEEKLY, MONTHLY = 0.15, 0.12  # shares of branches that file by the week or by the month although they could daily


class Filing:
    """Sets recorded_at, first in, first out. The export is taken three weeks after the world ends."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends
        self.dead_from = month_add(self.ends, -7)  # the line of the offline site is dead for 62 days
        self.migrated = month_add(self.ends, -9) + timedelta(days=17)
        self.paper_until = month_add(self.ends, -10)  # records held before were kept on paper until the migration

    def fill(self, org: Org, rng: random.Random, gen: np.random.Generator) -> None:
        acts = sorted((a for a in org.acts if not a.get("_missed")), key=lambda a: a["held_at"])
        lags = gen.lognormal(np.log(org.traits["median"]), self.settings.lag_sigma, len(acts))
        way = self.way(org, rng)
        for act, lag in zip(acts, lags.tolist(), strict=False):
            act["recorded_at"] = office_hours(act["held_at"] + timedelta(hours=2, days=lag), rng)
            act["_way"] = way
        if way != "daily":
            self.sessions(acts, way, rng)
        if org.alike("offline_two_months"):
            self.sessions(
                [a for a in acts if self.dead_from <= a["recorded_at"].date() < self.dead_from + timedelta(days=62)], "offline", rng
            )
        if org.alike("migration_day"):
            self.sessions([a for a in acts if a["held_at"].date() < self.paper_until], "migration", rng)
        elif way in ("daily", "weekly") and not org.site_alikes:
            for act in acts:
                found = act["held_at"] + timedelta(days=rng.randint(20, 70))
                if rng.random() < self.settings.straggler and found.date() <= self.ends + timedelta(days=20):
                    act["recorded_at"] = office_hours(found, rng)

    def way(self, org: Org, rng: random.Random) -> str:
        if org.alike("remote_quarterly_upload"):
            return "quarterly"
        if org.alike("late_but_real"):
            return "monthly"
        if org.labels or org.site_alikes:
            return "daily"
        u = rng.random()
        return "weekly" if u < WEEKLY else "monthly" if u < WEEKLY + MONTHLY else "daily"

    def sessions(self, acts: list[dict], way: str, rng: random.Random) -> None:
        """Groups records into uploads; each clears all that is open, in the order held, 3-15 minutes apart."""
        clock: dict[date, datetime] = {}
        for act in acts:
            day = self.session_day(act["held_at"].date(), way)
            if day not in clock:
                clock[day] = datetime.combine(day, time(rng.randint(8, 15), rng.randint(0, 59)))
            clock[day] += timedelta(minutes=rng.randint(3, 15), seconds=rng.randint(0, 59))
            act["recorded_at"] = max(clock[day], act["held_at"] + timedelta(hours=1))

    def session_day(self, held: date, way: str) -> date:
        if way == "weekly":
            return held + timedelta(days=(4 - held.weekday()) % 7)
        if way == "monthly":
            return month_add(held, 1) + timedelta(days=2)
        if way == "quarterly":
            return month_add(date(held.year, (held.month - 1) // 3 * 3 + 1, 1), 3) + timedelta(days=3)
        if way == "offline":
            return self.dead_from + timedelta(days=63)
        return self.migrated


def office_hours(at: datetime, rng: random.Random) -> datetime:
    """Somewhere between half past seven and ten in the evening, mostly by day."""
    hour = rng.choice((8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 16, 17, 19, 20, 21))
    moved = at.replace(hour=hour, minute=rng.randint(0, 59), second=rng.randint(0, 59))
    return moved if moved > at else moved + timedelta(days=1)
