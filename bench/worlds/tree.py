"""The tree of a world: root, divisions, sites (general branches and committees), branches, groups; three to five levels."""

import math
import random
from datetime import date, timedelta

from bench.worlds.model import Org, month_add, some_day
from bench.worlds.settings import Settings
from bench.worlds.words import DOUBLES, INDUSTRIES, PLACE_PREFIX

NAMES = {"committee": "党委", "general_branch": "党总支", "branch": "党支部", "group": "党小组"}


class Grower:
    """Grows the tree in tree order (parents before children); ids count up in that order."""

    def __init__(self, settings: Settings, rng: random.Random):
        self.settings, self.rng = settings, rng
        self.orgs: list[Org] = []
        self.start = month_add(settings.ends, 1 - settings.months)

    def grow(self) -> list[Org]:
        root = self.add("committee", None, self.settings.group, "rail", f"中共{self.settings.group}委员会")
        divisions = max(2, round(self.settings.organisations / 45))
        for d in range(divisions):
            self.division(root, d, round(self.settings.organisations * (d + 1) / divisions))
        return self.orgs

    def division(self, root: Org, number: int, until: int) -> None:
        rng = self.rng
        industry = list(INDUSTRIES)[number % len(INDUSTRIES)] if number < 12 else rng.choice(list(INDUSTRIES))
        prefix = PLACE_PREFIX[number % len(PLACE_PREFIX)] + ("" if number < len(PLACE_PREFIX) else f"第{number // len(PLACE_PREFIX) + 1}")
        unit = prefix + INDUSTRIES[industry][0]
        head = self.add("committee", root, unit, industry, division=number)
        site = 0
        while len(self.orgs) < until:
            site += 1
            self.site(head, f"{unit}{self.site_name(site)}", industry, until, deep=rng.random() < 0.15)

    def site_name(self, number: int) -> str:
        return f"{PLACE_PREFIX[(number * 7) % len(PLACE_PREFIX)]}片区" if number % 3 else f"第{number}事业部"

    def site(self, head: Org, unit: str, industry: str, until: int, deep: bool) -> None:
        rng, parent = self.rng, head
        if deep:  # a committee under a committee: the fourth and fifth level
            parent = self.add("committee", head, unit, industry)
            unit += "作业区"
        parent = self.add("general_branch" if rng.random() < 0.75 or deep else "committee", parent, unit, industry)
        wanted = max(4, round(math.exp(rng.gauss(2.0, 0.35))))  # 4-15 branches a site, median 7
        departments = [
            d + n for n in ("", *DOUBLES) for d in rng.sample(INDUSTRIES[industry][1].split(), len(INDUSTRIES[industry][1].split()))
        ]
        for i in range(wanted):
            if len(self.orgs) >= until and i >= 4:
                return
            self.branch(parent, unit, departments[i])

    def branch(self, parent: Org, unit: str, department: str) -> None:
        rng, odd = self.rng, self.rng.random()
        size = min(46, max(3, round(math.exp(rng.gauss(2.35, 0.55)))))
        form, name = "固定", f"{unit}{department}"
        if odd < 0.025:
            form, name = "联合", f"{unit}{department}与机关联合"
        elif odd < 0.055:
            form, name = "项目", f"{unit}{department}技改项目"
        org = self.add("branch", parent, f"{unit}{department}", parent.industry, f"{name}党支部", size=size, form=form)
        if rng.random() < 0.012:
            org.dissolved = some_day(rng, month_add(self.start, 14), month_add(self.start, 21))
        if size >= 14 and rng.random() < 0.5:
            inside = round(size * 0.7)
            parts = max(2, round(inside / 8))
            org.size = size - inside + 3  # officers stay with the branch, the others are listed by group
            for g in range(parts):
                self.add("group", org, org.unit, org.industry, f"{name}党支部第{'一二三四五六'[g]}党小组", size=max(3, inside // parts))

    def add(
        self,
        kind: str,
        parent: Org | None,
        unit: str,
        industry: str,
        name: str = "",
        size: int = 0,
        form: str | None = None,
        division: int = 0,
    ) -> Org:
        rng = self.rng
        established = (
            some_day(rng, date(2006, 1, 1), date(2022, 12, 31))
            if parent is None or parent.established < date(2022, 1, 1)
            else date(2023, 3, 1)
        )
        if parent is not None:
            established = max(established, parent.established)
        org = Org(
            f"{self.settings.prefix}{len(self.orgs) + 1:05d}",
            name or unit + NAMES[kind],
            kind,
            parent,
            unit,
            industry,
            established,
            size=size or rng.randint(4, 6),
            form=form,
            division=parent.division if parent and parent.parent else division,
        )
        if kind != "group":
            org.term_years = 5.0 if kind == "committee" else 3.0
            age = rng.uniform(0.1, 0.93) * org.term_years * 365  # elections are spread over the term; none is overdue
            org.term_started = max(established, self.settings.ends - timedelta(days=int(age)))
        org.headcount = int(org.size * rng.uniform(2, 7))
        if parent is not None:
            parent.children.append(org)
        self.orgs.append(org)
        return org
