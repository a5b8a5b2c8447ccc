"""Carriers and ideas: directives that branches carry out, own initiatives of many kinds, ideas of all ages."""

import random
from datetime import date, timedelta

from bench.worlds.minutes import Scribe
from bench.worlds.model import Org, month_add, some_day
from bench.worlds.settings import Settings
from bench.worlds.words import AIMS, DIRECTIVES, IDEAS, MEASURES, OWN_CARRIERS

MANDATED_ENDS = ["上级总结收尾", "阶段任务完成", "活动期满"]
OWN_ENDS = ["问题已解决", "并入日常工作", "牵头人轮岗", "参加的人少了,暂停"]


class Workshop:
    """Deals directives, carriers and ideas; numbers count up through the world."""

    def __init__(self, settings: Settings, rng: random.Random):
        self.settings, self.carriers, self.ideas = settings, 0, 0
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends
        pool = [x.strip().rsplit(" ", 1) for x in DIRECTIVES.split("|")]
        rng.shuffle(pool)
        self.directives = []
        for i, (title, kind) in enumerate(pool[:9]):  # a directive every two or three months, the first some time before the records begin
            day = self.start + timedelta(days=-150 + i * 88 + rng.randint(0, 40))
            self.directives.append(
                {"title": title, "kind": kind, "day": day, "no": f"{settings.group[:2]}党发〔{day.year}〕{rng.randint(3, 90)}号"}
            )
        self.trend = self.ends - timedelta(days=560)  # when a first mover's idea began to spread
        self.trend_title = "钥匙交接本上墙"

    def carrier(
        self,
        org: Org,
        name: str,
        kind: str,
        origin: str,
        started: date,
        ended: date | None,
        number: str | None,
        rng: random.Random,
        reason: str = "",
    ) -> dict:
        self.carriers += 1
        if ended is not None and ended > self.ends:
            ended = None
        row = {
            "carrier_id": f"HD{self.carriers:06d}",
            "name": name,
            "org_id": org.org_id,
            "kind": kind,
            "origin": origin,
            "directive_no": number,
            "started_on": started,
            "ended_on": ended,
            "end_reason": (reason or rng.choice(OWN_ENDS if origin == "own" else MANDATED_ENDS)) if ended else None,
            "aim": rng.choice(AIMS),
        }
        org.carriers.append(row)
        return row

    def equip(self, org: Org, rng: random.Random, scribe: Scribe) -> None:
        if org.kind == "group":
            return
        first = max(self.start - timedelta(days=200), org.established + timedelta(days=20))
        if org.alike("temporary_branch") or org.alike("new_org"):
            if first < self.ends - timedelta(days=20):
                self.carrier(org, scribe.fill_for(org, "{机}抢修突击", rng), "先锋岗", "own", first + timedelta(days=10), None, None, rng)
            return
        self.mandated(org, first, rng)
        kinds = list(OWN_CARRIERS)
        for kind in rng.sample(kinds, rng.choice((2, 3, 3, 4))):
            started = some_day(rng, first, self.ends - timedelta(days=120))
            ended = started + timedelta(days=rng.randint(150, 600)) if rng.random() < 0.7 else None
            self.carrier(org, scribe.fill_for(org, rng.choice(OWN_CARRIERS[kind]), rng), kind, "own", started, ended, None, rng)
        self.alikes(org, rng)

    def mandated(self, org: Org, first: date, rng: random.Random, share: float = 0.5) -> None:
        for d in self.directives:
            if d["day"] >= first and rng.random() < share:
                started = d["day"] + timedelta(days=rng.randint(2, 35))
                if started < self.ends:
                    self.carrier(
                        org, d["title"], d["kind"], "mandated", started, started + timedelta(days=rng.randint(90, 400)), d["no"], rng
                    )

    def alikes(self, org: Org, rng: random.Random) -> None:
        if org.alike("first_mover"):
            self.carrier(org, self.trend_title, "责任区", "own", self.trend, None, None, rng)
        elif not org.labels and self.settings.alikes.get("first_mover") and rng.random() < 0.04:  # followers, one after the other
            self.carrier(org, self.trend_title, "责任区", "own", self.trend + timedelta(days=rng.randint(90, 480)), None, None, rng)
        if org.alike("yearly_anniversary"):
            for year in (self.ends.year - 2, self.ends.year - 1, self.ends.year):
                day = date(year, 5, 18)
                self.carrier(org, "开工纪念周", "文体活动", "own", day, day + timedelta(days=9), None, rng, reason="纪念周结束")
        if org.alike("single_carrier_site"):
            for row in org.carriers:
                row["kind"] = "技能攻关"

    # -- ideas --------------------------------------------------------------------------------------------------------------------
    def think(self, org: Org, rng: random.Random, scribe: Scribe) -> None:
        """Honest ideas: answered, piloted and judged, or refused or stopped with a reason; young ones still open."""
        if org.kind == "group" or org.established > self.start:
            return
        for _ in range(rng.choice((0, 1, 1, 2, 3, 4)) if org.kind == "branch" else rng.choice((0, 0, 1))):
            self.honest_idea(org, rng, scribe)

    def idea(self, org: Org, rng: random.Random, scribe: Scribe, proposed: date) -> dict:
        self.ideas += 1
        base = rng.randint(8, 60)
        row = dict.fromkeys(("adopted_on", "pilot_from", "pilot_to", "result", "verdict", "carrier_id", "institution_id", "closing_note"))
        row |= {
            "idea_id": f"JY{self.ideas:05d}",
            "org_id": org.org_id,
            "proposer_id": rng.choice(org.people)["person_id"] if rng.random() < 0.85 else None,
            "title": scribe.fill_for(org, rng.choice(IDEAS), rng),
            "proposed_on": proposed,
            "measure": rng.choice(MEASURES),
            "baseline": float(base),
            "target": float(round(base * rng.uniform(0.5, 0.85))),
        }
        org.ideas.append(row)
        return row

    def honest_idea(self, org: Org, rng: random.Random, scribe: Scribe) -> None:
        row = self.idea(org, rng, scribe, some_day(rng, self.start - timedelta(days=120), self.ends - timedelta(days=10)))
        answered = row["proposed_on"] + timedelta(days=rng.randint(5, 90))
        if answered > self.ends:
            return
        if rng.random() < 0.25:
            row["closing_note"] = rng.choice(["场地不允许,暂不采用", "与现行规程抵触,已向本人说明", "费用过高,列入明年再议"])
            return
        row["adopted_on"] = answered
        began = answered + timedelta(days=rng.randint(10, 120))
        if began > self.ends:
            return
        if rng.random() < 0.06 and not org.traits.get("idle_idea"):  # one adopted idea in sixteen lies about, never two
            org.traits["idle_idea"] = True
            return
        row["pilot_from"] = began
        over = began + timedelta(days=rng.randint(30, 130))
        if over > self.ends:
            return
        row["pilot_to"], row["result"] = over, round(row["baseline"] * rng.uniform(0.5, 1.02), 1)
        if over + timedelta(days=60) <= self.ends or rng.random() < 0.5:
            self.conclude(org, row, over, rng)

    def conclude(self, org: Org, row: dict, over: date, rng: random.Random) -> None:
        good = row["result"] <= row["baseline"] * 0.85
        row["verdict"] = "adopt" if good else rng.choice(("adjust", "stop"))
        row["closing_note"] = (
            rng.choice(["数字降下来了,照办", "班组愿意接着用", "留用"])
            if good
            else rng.choice(["差别不大,换个法子", "费事,不再做", "设备改型后不需要"])
        )
        if good:
            ended = over + timedelta(days=rng.randint(200, 500)) if rng.random() < 0.4 else None
            row["carrier_id"] = self.carrier(org, row["title"], "技能攻关", "own", row["pilot_from"], ended, None, rng)["carrier_id"]
            row["fix"] = over + timedelta(days=rng.randint(30, 150)) if over + timedelta(days=200) < self.ends else None
