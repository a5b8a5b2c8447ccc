"""When an organisation meets: its requirements dealt to months, its own rhythm of weekdays, what it adds beside duties, what falls out."""

import random
from datetime import date, datetime, time, timedelta

from bench.worlds.model import Org, month_add, some_day, weekday_of_month
from bench.worlds.rules import Asked, asked
from bench.worlds.settings import Settings

HOURS = [time(8, 30), time(9, 0), time(14, 0), time(14, 30), time(15, 0), time(16, 0), time(17, 15), time(18, 30), time(19, 0)]
CARRIER_ACTIVITY = {
    "志愿服务": "志愿服务",
    "学习教育": "培训",
    "技能攻关": "培训",
    "和谐创建": "走访",
    "主题党日": "主题党日",
    "结对共建": "其他",
}
FESTIVAL = {1: 20, 2: 8}  # little happens around the spring festival


def habits(org: Org, settings: Settings, rng: random.Random) -> None:
    """A branch's rhythm and ways, fixed for the whole world."""
    a, b = settings.miss
    org.traits |= {
        "weekday": rng.randint(0, 4),
        "week": rng.randint(0, 3),
        "slot": rng.choice(HOURS),
        "quarter_month": rng.randint(0, 2),
        "half_month": rng.randint(0, 5),
        "miss": rng.betavariate(a, b),
        "due": 0,
        "gone": 0,
        "style": rng.choice(("flow", "lines", "numbered", "dialogue")),
        "opener": rng.randint(0, 7),
        "signed": rng.random() < settings.signed_share,
        "pictures": rng.random() < 0.9 or bool(org.labels),
        "median": rng.uniform(*settings.lag_median),
    }


class Agenda:
    """Makes the meetings of one organisation; activity numbers count within the organisation."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends

    def plan(self, org: Org, rng: random.Random, places: list[str]) -> None:
        first = max(self.start, month_add(org.established, 1) if org.established > self.start else self.start)
        last = min(self.ends, org.dissolved or self.ends)
        for ask in strongest(asked(org)):
            for begin in periods(first, last, ask.months):
                for number in range(ask.times):
                    self.duty(org, ask, begin, number, first, last, rng)
        self.beside(org, first, last, rng)
        org.acts.sort(key=lambda a: (a["planned_for"], a["kind"]))
        home = rng.sample(places, 3)
        for i, act in enumerate(org.acts, 1):
            act["activity_id"] = f"{org.org_id}-{i:04d}"
            act["place"] = home[0] if rng.random() < 0.5 else rng.choice(home if rng.random() < 0.6 else places)

    def duty(self, org: Org, ask: Asked, begin: date, number: int, first: date, last: date, rng: random.Random) -> None:
        day = self.choose(org, ask, begin, number, rng)
        if not first <= day <= last or ask.since > day or (ask.until and ask.until <= day):
            return
        season = org.alike("season_site") and day.month in (7, 8) and ask.subject in ("主题党日", "支委会")
        busy = org.alike("busy_season") and day.month in (6, 7) and day.year >= self.ends.year - 1 and ask.months == 1
        missed = self.falls_out(org, rng) or (season and rng.random() < 0.85)
        act = self.act(org, ask.subject, day, rng)
        act["_period"], act["_months"] = begin, ask.months
        if missed:
            act["_missed"] = True
        elif busy or rng.random() < self.settings.moved:
            later = day + timedelta(days=rng.randint(8, 21))
            if later <= last:
                act["held_at"], act["_moved"] = datetime.combine(later, act["held_at"].time()), True

    def falls_out(self, org: Org, rng: random.Random) -> bool:
        """An honest miss; never more than about one duty in eleven, or the branch would not be honest."""
        due, gone = org.traits["due"] + 1, org.traits["gone"]
        miss = rng.random() < org.traits["miss"] and gone + 1 <= 0.09 * (due + 8)
        org.traits["due"], org.traits["gone"] = due, gone + miss
        return miss

    def choose(self, org: Org, ask: Asked, begin: date, number: int, rng: random.Random) -> date:
        """The day within the period: theme days on the fixed weekday, committees some days before, yearly reviews late in the year."""
        traits, months = org.traits, ask.months
        if months == 1:
            offset = 0
        elif months == 3:
            offset = traits["quarter_month"] if rng.random() < 0.85 else rng.randint(0, 2)
        elif months == 6:
            offset = traits["half_month"] if rng.random() < 0.8 else rng.randint(0, 5)
        else:
            offset = (
                rng.choice((10, 11))
                if ask.subject in ("组织生活会", "民主评议")
                else (rng.randint(8, 11) if begin.year < self.ends.year - 1 else rng.randint(2, 7))
            )
        first = month_add(begin, offset)
        fixed = weekday_of_month(first, traits["week"], traits["weekday"])
        if ask.subject == "主题党日" and number == 0:
            return fixed if rng.random() < 0.8 else some_day(rng, first, first + timedelta(days=26))
        if ask.subject == "支委会":
            return max(first, fixed - timedelta(days=rng.randint(1, 9)))
        return some_day(rng, first + timedelta(days=FESTIVAL.get(first.month, 0) // 2), first + timedelta(days=27))

    def beside(self, org: Org, first: date, last: date, rng: random.Random) -> None:
        """What carriers bring, and a free meeting now and then."""
        own_rate = {"branch": 0.16, "group": 0.0}.get(org.kind, 0.12)
        for carrier in org.carriers:
            begin, end = max(first, carrier["started_on"]), min(last, carrier["ended_on"] or last)
            months = max(0, (end - begin).days) / 30
            for i in range(min(12, int(rng.expovariate(1) * own_rate * months + 1.6)) if months > 0.3 else 0):
                day = begin + timedelta(days=rng.randint(0, 10)) if i == 0 else some_day(rng, begin, end)
                act = self.act(
                    org, CARRIER_ACTIVITY.get(carrier["kind"], rng.choice(("其他", "其他", "走访", "培训", "志愿服务"))), min(day, end), rng
                )
                act["carrier_id"] = carrier["carrier_id"]
        if org.kind != "group":
            for _ in range(int((last - first).days / 30 * 0.25 * rng.uniform(0.3, 1.7))):
                self.act(org, rng.choice(("其他", "走访", "培训", "志愿服务")), some_day(rng, first, last), rng)

    def act(self, org: Org, kind: str, day: date, rng: random.Random) -> dict:
        at = org.traits["slot"] if rng.random() < 0.5 else rng.choice(HOURS)
        row = {
            "activity_id": "",
            "org_id": org.org_id,
            "kind": kind,
            "carrier_id": None,
            "planned_for": day,
            "held_at": datetime.combine(day, at),
            "hours": rng.choice((1.0, 1.0, 1.5, 1.5, 2.0, 2.5)),
        }
        org.acts.append(row)
        return row


def strongest(asks: list[Asked]) -> list[Asked]:
    """One series of meetings per subject that satisfies all requirements on it: the shortest period wins."""
    out: list[Asked] = []
    for subject in dict.fromkeys(a.subject for a in asks):
        same = sorted((a for a in asks if a.subject == subject), key=lambda a: a.months)
        shortest = [a for a in same if a.months == same[0].months]
        out.append(Asked(subject, same[0].months, max(a.times for a in shortest), min(a.since for a in shortest), None))
        longer = [a for a in same if a.months > same[0].months and a.since < out[-1].since]
        if longer:  # an older, weaker rule held before the stronger one came into force
            out.append(Asked(subject, longer[0].months, longer[0].times, longer[0].since, out[-1].since))
    return out


def periods(first: date, last: date, months: int) -> list[date]:
    """Starts of the calendar periods of `months` months that overlap [first, last]."""
    begin = date(first.year, (first.month - 1) // months * months + 1, 1)
    out = []
    while begin <= last:
        out.append(begin)
        begin = month_add(begin, months)
    return out
