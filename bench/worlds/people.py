"""Rosters and posts: members with their dates, officers in and out, line jobs, cross-appointments, acting and full-time posts."""

import random
from datetime import date, timedelta

from bench.worlds.model import Org, month_add, some_day
from bench.worlds.settings import Settings
from bench.worlds.words import ADMIN_POSTS, EDUCATION, ETHNICITIES, GIVEN, INDUSTRIES, MASS_POSTS, SURNAMES


class Registry:
    """Writes persons and appointments of one organisation after the other; person ids count up through the world."""

    def __init__(self, settings: Settings):
        self.settings, self.count = settings, 0
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends

    def staff(self, org: Org, rng: random.Random) -> None:
        self.roster(org, rng)
        if org.kind == "group":
            self.post(org, org.people[0], "党小组组长", "party", org.established + timedelta(days=30))
            return
        self.officers(org, rng)
        self.line_jobs(org, rng)

    # -- roster -------------------------------------------------------------------------------------------------------------------
    def roster(self, org: Org, rng: random.Random) -> None:
        for _i in range(org.size):
            self.person(org, rng, "full")
        if org.alike("grew_recently"):  # the seventh full member came two months ago
            org.people[-1]["moved_in_on"] = self.ends - timedelta(days=rng.randint(40, 75))
        if org.kind not in ("branch", "group") or org.alike("uniform_small") or org.alike("small_honest"):
            return
        for category, rate in (("probationary", 0.05), ("activist", 0.1), ("candidate", 0.05), ("employee", 0.15)):
            for _ in range(sum(rng.random() < rate for _ in range(org.size))):
                self.person(org, rng, category)
        movers = sum(rng.random() < self.settings.turn_over for _ in range(org.size)) if org.size > 8 else 0
        for _ in range(movers):
            left = self.person(org, rng, "full")
            left["moved_out_on"] = some_day(rng, month_add(self.start, 2), month_add(self.ends, -1))

    def person(self, org: Org, rng: random.Random, category: str) -> dict:
        self.count += 1
        born = some_day(rng, date(1964, 1, 1), date(2001, 12, 31))
        joined = born + timedelta(days=int(365.25 * rng.uniform(19, 24 if born.year > 1995 else 34)))
        joined = min(joined, date(2023, 6, 1))
        member = category in ("full", "probationary")
        if category == "probationary":
            joined = self.ends - timedelta(days=rng.randint(20, 330))
        arrived = some_day(rng, max(org.established, joined - timedelta(days=900)), max(org.established, self.start - timedelta(days=60)))
        if org.established > self.start:
            arrived = org.established
        row = {
            "person_id": f"R{self.count:06d}",
            "name": rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2, 2)))),
            "org_id": org.org_id,
            "category": category,
            "gender": rng.choice("男男女"),
            "ethnicity": rng.choice(ETHNICITIES),
            "born_on": born,
            "education": rng.choice(EDUCATION),
            "occupation": rng.choice(INDUSTRIES[org.industry][6].split()),
            "joined_on": joined if member else None,
            "full_since": joined + timedelta(days=365) if category == "full" else None,
            "moved_in_on": arrived,
            "moved_out_on": None,
        }
        org.people.append(row)
        return row

    # -- posts --------------------------------------------------------------------------------------------------------------------
    def officers(self, org: Org, rng: random.Random) -> None:
        pool = [p for p in org.people if p["category"] == "full" and p["moved_out_on"] is None]
        full = len(pool) + sum(g.size for g in org.groups)
        rng.shuffle(pool)
        pool.sort(key=lambda p: p["moved_in_on"] > self.start)  # nobody who has just come is elected
        posts = ["书记"]
        if org.alike("temporary_branch") or org.alike("grew_recently"):
            pass
        elif full >= 7 or org.kind != "branch":
            posts += ["组织委员", "宣传委员", *["纪检委员"] * (full >= 9 or org.kind == "committee"), *["副书记"] * (rng.random() < 0.2)]
        since = max(org.term_started or org.established, org.established)
        for post, person in zip(posts, pool, strict=False):
            self.seat(org, person, post, since, rng)
        current = {p["post"]: p["holder"] for p in org.posts if p["until"] is None}
        org.secretary = current.get("书记")
        org.committee = list({p["person_id"]: p for p in current.values()}.values()) if len(posts) >= 3 else []

    def seat(self, org: Org, person: dict, post: str, since: date, rng: random.Random) -> None:
        """A post from the election on; one in twelve changed hands since, with a vacancy of some weeks (acting or empty)."""
        window = (self.ends - max(since, self.start)).days
        if rng.random() < 0.08 and window > 250 and not org.labels:
            left = max(since, self.start) + timedelta(days=rng.randint(90, window - 130))
            former = self.person(org, rng, "full")
            former["moved_in_on"], former["moved_out_on"] = min(former["moved_in_on"], since), left + timedelta(days=rng.randint(3, 20))
            self.post(org, former, post, "party", since, until=left)
            since = left + timedelta(days=rng.randint(14, 80))
        person["moved_in_on"] = min(person["moved_in_on"], since)
        self.post(org, person, post, "party", since)

    def line_jobs(self, org: Org, rng: random.Random) -> None:
        """Line posts beside the Party post, as is usual: three secretaries in four head their unit."""
        for row in [p for p in org.posts if p["until"] is None]:
            share = 0.75 if row["post"] == "书记" else 0.25
            if rng.random() < share:
                self.post(org, row["holder"], rng.choice(ADMIN_POSTS), "administrative", row["since"])
            if rng.random() < 0.1 and row["post"] != "书记":
                self.post(org, row["holder"], rng.choice(MASS_POSTS[:4]), "mass", row["since"])

    def post(
        self,
        org: Org,
        person: dict,
        post: str,
        domain: str,
        since: date,
        until: date | None = None,
        full_time: str = "no",
        tenure: str = "正式",
    ) -> dict:
        mark = {"party": "党", "administrative": "人", "mass": "工"}[domain]
        row = {
            "person_id": person["person_id"],
            "org_id": org.org_id,
            "post": post,
            "domain": domain,
            "full_time": full_time,
            "since": since,
            "until": until,
            "basis": f"{self.settings.group[:2]}{mark}〔{since.year}〕{(self.count * 7 + len(org.posts)) % 97 + 1}号",
            "tenure": tenure,
            "holder": person,
        }
        org.posts.append(row)
        return row


def special_posts(org: Org, registry: Registry, rng: random.Random) -> None:
    """Look-alikes of overload: cross-appointment by rule, a full-time officer of many branches."""
    if org.alike("cross_appointed_secretary") and org.secretary:
        head = org.secretary
        for row in [p for p in org.posts if p["holder"] is head and p["post"] != "书记"]:
            org.posts.remove(row)
        since = org.term_started
        registry.post(org, head, "总经理", "administrative", since)
        registry.post(org, head, "执行董事", "administrative", since)
        registry.post(org.parent, head, "党委委员" if org.parent.kind == "committee" else "总支委员", "party", since)
    if org.alike("full_time_officer"):
        clerk = registry.person(org, rng, "full")
        since = registry.start - timedelta(days=rng.randint(200, 700))
        clerk["moved_in_on"] = min(clerk["moved_in_on"], since)
        near = [o for o in org.parent.children if o.kind == "branch" and o is not org and not o.fault("multi_hat")][:4]
        for place in [org, *near]:
            registry.post(place, clerk, "党务干事", "party", max(since, place.established), full_time="yes")
    part_time_clerk(org, registry, rng)


def part_time_clerk(org: Org, registry: Registry, rng: random.Random) -> None:
    """One general branch in five has a member who keeps the books of a sister branch for some months (acting)."""
    if org.kind == "general_branch" and rng.random() < 0.2:
        branches = [o for o in org.children if o.kind == "branch" and o.secretary and not o.labels]
        if len(branches) >= 2:
            helper = rng.choice(branches[0].people)
            if helper["category"] == "full" and helper["moved_out_on"] is None and branches[1].established < registry.start:
                since = month_add(registry.ends, -rng.randint(9, 14))
                registry.post(
                    branches[1], helper, "党务干事", "party", since, until=since + timedelta(days=rng.randint(60, 85)), tenure="代理"
                )
