"""Planted faults on structure, posts, rules, carriers and ideas: applied before an organisation's meetings are planned."""

import random
from datetime import timedelta

from bench.worlds.carriers import Workshop
from bench.worlds.minutes import Scribe
from bench.worlds.model import Label, Org, month_add, some_day
from bench.worlds.people import Registry
from bench.worlds.rules import VAGUE
from bench.worlds.settings import Settings

# (post, domain, where): what an overloaded officer collects beside the first two posts, in this order
HATS = [
    ("工会主席", "mass", "home"),
    ("组织委员", "party", "sister"),
    ("第二室主任", "administrative", "home"),
    ("团支部书记", "mass", "sister"),
    ("党务干事", "party", "sister2"),
    ("纪检委员", "party", "sister3"),
    ("女工委员", "mass", "sister2"),
]
POSTS_HELD = {1: (4, 4), 2: (5, 6), 3: (7, 8)}


class Shapes:
    """One method per label; each leaves the rows that show the fault in the label's evidence."""

    def __init__(self, settings: Settings, registry: Registry, shop: Workshop, scribe: Scribe):
        self.settings, self.registry, self.shop, self.scribe = settings, registry, shop, scribe
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends

    def before_staff(self, org: Org, rng: random.Random) -> None:
        label = org.fault("structure_gap")
        if not label:
            return
        label.variant = {
            1: ["over_term", "oversize"],
            2: ["over_term", "vacant_post", "oversize"],
            3: ["no_secretary", "no_committee", "no_secretary_over_term"],
        }[label.severity][rng.randrange(3 if label.severity > 1 else 2)]
        if label.variant == "oversize":
            org.size = rng.randint(51, 54) if label.severity == 1 else rng.randint(59, 78)
        late = rng.randint(25, 80) if label.severity == 1 else rng.randint(120, 420)
        if "over_term" in label.variant:
            org.term_started = self.ends - timedelta(days=round(3 * 365.25) + late)
            org.established = min(org.established, org.term_started - timedelta(days=300))
        elif label.severity > 1:
            org.term_started = min(org.term_started, self.ends - timedelta(days=rng.randint(500, 900)))
            org.established = min(org.established, org.term_started - timedelta(days=300))
        label.show("organisation", org.org_id, label.variant)

    def after_staff(self, org: Org, rng: random.Random) -> None:
        for label in org.labels:
            step = getattr(self, label.label, None)
            if step:
                step(org, label, rng)

    def structure_gap(self, org: Org, label: Label, rng: random.Random) -> None:
        party = [p for p in org.posts if p["domain"] == "party" and p["until"] is None]
        gone = [
            p
            for p in party
            if (label.variant.startswith("no_secretary") and p["post"] == "书记")
            or (label.variant == "vacant_post" and p["post"] == "组织委员")
            or (label.variant == "no_committee" and p["post"] != "书记")
        ]
        left = self.ends - timedelta(days=rng.randint(130, 175) if label.variant == "vacant_post" else rng.randint(230, 420))
        for row in gone:
            if label.variant != "vacant_post" and rng.random() < 0.4:
                org.posts.remove(row)  # nobody was ever put on file
            else:
                row["until"] = max(left, row["since"] + timedelta(days=20))
                label.show("appointment", f"{row['person_id']}|{org.org_id}|{row['post']}", "left, not replaced")
        if label.variant.startswith("no_secretary"):
            org.secretary = None
        if label.variant == "no_committee":
            org.committee = []

    def multi_hat(self, org: Org, label: Label, rng: random.Random) -> None:
        holders = [p for p in org.posts if p["domain"] == "party" and p["until"] is None and p["full_time"] == "no"]
        head = next((p for p in holders if p["post"] == "书记"), holders[0])
        row = head if rng.random() < 0.75 else next((p for p in holders if p["post"] == "组织委员"), head)
        holder, since = row["holder"], min(row["since"], self.ends - timedelta(days=rng.randint(220, 500)))
        row["since"] = since
        holder["moved_in_on"] = min(holder["moved_in_on"], since)
        if not any(p["holder"] is holder and p["domain"] == "administrative" for p in org.posts):
            self.registry.post(org, holder, "车间主任", "administrative", since)
        mine = [p for p in org.posts if p["holder"] is holder and p["until"] is None]
        wanted = rng.randint(*POSTS_HELD[label.severity])
        sisters = [
            o
            for o in org.parent.children
            if o.committee
            and o.kind == "branch"
            and o is not org
            and not o.labels
            and o.established < since
            and not o.alikes & {"full_time_officer"}
        ] or [org.parent]
        for post, domain, where in HATS:
            place = org if where == "home" else sisters[int(where[6:] or 1) % len(sisters)]
            if len(mine) < wanted and not any(p["post"] == post for p in mine):
                mine.append(self.registry.post(place, holder, post, domain, max(since, place.established)))
                if place is not org:
                    place.tolerated.add("multi_hat")
        label.variant = f"{len(mine)}_posts"
        label.show("person", holder["person_id"], f"{len(mine)} posts")
        for p in mine:
            label.show("appointment", f"{p['person_id']}|{p['org_id']}|{p['post']}")

    def institution_gap(self, org: Org, label: Label, rng: random.Random) -> None:
        label.variant = {3: "no_own_rules", 2: rng.choice(("decorative_only", "condition_never_met")), 1: "repealed_not_replaced"}[
            label.severity
        ]
        label.show("organisation", org.org_id, label.variant)
        if label.severity == 3:
            org.rules.clear()
            org.clauses.clear()
        for clause in org.clauses:
            if label.variant == "decorative_only":
                clause |= {"subject": rng.choice(VAGUE), "every": "none", "at_least": None, "grace_days": None, "evidence": "文件"}
            elif label.variant == "condition_never_met":
                clause["applies_to"] = "党支部且正式党员数≥60"
        for rule in org.rules:
            if label.severity == 1:
                rule["repealed_on"] = self.ends - timedelta(days=rng.randint(110, 300))
            label.show("institution", rule["institution_id"], label.variant)

    def mandate_only(self, org: Org, label: Label, rng: random.Random) -> None:
        least = {1: 3, 2: 4, 3: 6}[label.severity]
        self.drop(org, [c for c in org.carriers if c["origin"] == "own"])
        have = {c["name"] for c in org.carriers}
        missing = [d for d in self.shop.directives if d["title"] not in have and d["day"] < self.ends - timedelta(days=60)]
        for d in rng.sample(missing, min(len(missing), max(0, least - len(org.carriers)))):
            started = d["day"] + timedelta(days=rng.randint(5, 40))
            self.shop.carrier(
                org, d["title"], d["kind"], "mandated", started, started + timedelta(days=rng.randint(120, 400)), d["no"], rng
            )
        for row in org.carriers:
            label.show("carrier", row["carrier_id"], row["directive_no"] or "")

    def relabelled(self, org: Org, label: Label, rng: random.Random) -> None:
        wanted = {1: 1, 2: 2, 3: rng.randint(3, 4)}[label.severity]
        if label.severity > 1 and rng.random() < 0.35:
            return self.renewed(org, label, wanted, rng)
        label.variant = "title_of_directive"
        chosen = [
            d for d in self.shop.directives if d["day"] > self.start - timedelta(days=100) and d["day"] < self.ends - timedelta(days=40)
        ]
        for d in rng.sample(chosen, wanted):
            self.drop(org, [c for c in org.carriers if c["name"] == d["title"]])
            started = d["day"] + timedelta(days=rng.randint(1, 9))
            name = rng.choice(("{t}", "{t}行动", "“{t}”活动", "我们的{t}")).format(t=d["title"])
            if self.settings.dressed_titles and rng.random() < self.settings.dressed_titles:
                name = self.scribe.fill_for(org, "{地}" + name, rng)
            row = self.shop.carrier(org, name, d["kind"], "own", started, started + timedelta(days=rng.randint(100, 350)), None, rng)
            label.show("carrier", row["carrier_id"], d["no"])
        return None

    def renewed(self, org: Org, label: Label, wanted: int, rng: random.Random) -> None:
        """The same initiative under a new label, some weeks after the old one was closed."""
        label.variant = "renewed"
        for _ in range(wanted):
            first = some_day(rng, self.start - timedelta(days=60), self.ends - timedelta(days=420))
            kind, stem = rng.choice((("责任区", "{机}认领"), ("技能攻关", "{活}提速课题"), ("先锋岗", "{活}攻坚岗")))
            title = self.scribe.fill_for(org, stem, rng)
            ended = first + timedelta(days=rng.randint(120, 300))
            self.shop.carrier(org, title, kind, "own", first, ended, None, rng, reason="阶段结束")
            row = self.shop.carrier(
                org,
                rng.choice(("新" + title, title + "升级版", title)),
                kind,
                "own",
                ended + timedelta(days=rng.randint(8, 50)),
                None,
                None,
                rng,
            )
            label.show("carrier", row["carrier_id"], "continues the one before")

    def one_carrier(self, org: Org, label: Label, rng: random.Random) -> None:
        kind = rng.choice(("学习教育", "主题党日", "志愿服务", "文体活动"))
        label.variant = kind
        title = {"学习教育": "夜读接力", "主题党日": "党日课堂", "志愿服务": "清扫小分队", "文体活动": "歌咏排练"}[kind]
        self.drop(org, [c for c in org.carriers if c["origin"] == "own" or label.severity > 1])
        for i in range(2):
            row = self.shop.carrier(
                org,
                f"{title}第{i + 1}季",
                kind,
                "own",
                month_add(self.start, i * 12 - 1),
                None if i else month_add(self.start, 11),
                None,
                rng,
            )
            label.show("carrier", row["carrier_id"], kind)
        org.traits["one_carrier"] = {1: 0.86, 2: 0.94, 3: 1.0}[label.severity]

    def dead_ideas(self, org: Org, label: Label, rng: random.Random) -> None:
        org.ideas.clear()
        total = rng.randint(4, 6)
        dead = {1: -(-total // 2), 2: -(-total * 7 // 10), 3: total}[label.severity]
        for i in range(total):
            if i >= dead:
                self.settled(org, rng)
                continue
            variant = rng.choice(("never_answered", "never_piloted", "never_concluded", "carrier_died"))
            row = self.shop.idea(org, rng, self.scribe, self.ends - timedelta(days=rng.randint(560, 760)))
            self.bury(org, row, variant, rng)
            label.show("idea", row["idea_id"], variant)

    def settled(self, org: Org, rng: random.Random) -> None:
        row = self.shop.idea(org, rng, self.scribe, self.ends - timedelta(days=rng.randint(300, 600)))
        row["closing_note"] = "已向本人说明,现场条件不具备"

    def bury(self, org: Org, row: dict, variant: str, rng: random.Random) -> None:
        if variant == "never_answered":
            return
        row["adopted_on"] = row["proposed_on"] + timedelta(days=rng.randint(10, 60))
        if variant == "never_piloted":
            return
        row["pilot_from"] = row["adopted_on"] + timedelta(days=rng.randint(20, 90))
        if variant == "never_concluded":
            row["pilot_to"] = row["pilot_from"] + timedelta(days=rng.randint(40, 100)) if rng.random() < 0.6 else None
            return
        row["pilot_to"] = row["pilot_from"] + timedelta(days=rng.randint(20, 45))
        row |= {"verdict": "adopt", "closing_note": "效果好", "result": round(row["baseline"] * 0.8, 1)}
        row["carrier_id"] = self.shop.carrier(
            org, row["title"], "技能攻关", "own", row["pilot_from"], row["pilot_from"] + timedelta(days=rng.randint(15, 55)), None, rng
        )["carrier_id"]

    def drop(self, org: Org, rows: list[dict]) -> None:
        gone = {c["carrier_id"] for c in rows}
        org.carriers[:] = [c for c in org.carriers if c["carrier_id"] not in gone]
        for idea in org.ideas:
            if idea["carrier_id"] in gone:
                idea["carrier_id"] = None
