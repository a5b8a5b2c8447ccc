"""Institutions and clauses, and what they ask of an organisation: the generator's own reading, written apart from the engine."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from bench.worlds.model import Org, some_day
from bench.worlds.settings import Settings

KIND_NAMES = {"committee": "党委", "general_branch": "党总支", "branch": "党支部", "group": "党小组"}
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ARTICLES = "一二三四五六七八九十"

# what the statutes ask of everybody, rule of the office or not (domain/rules.toml: 党员大会 … 谈心谈话)
STATUTE = [
    ("党员大会", "branch", "quarter"),
    ("支委会", "board", "month"),
    ("主题党日", "branch", "month"),
    ("组织生活会", "branch", "year"),
    ("民主评议", "branch", "year"),
    ("谈心谈话", "branch", "year"),
    ("党小组会", "group", "month"),
    ("党课", "committee", "year"),
]

ROOT_RULES = [
    (
        "“三会一课”实施细则",
        "superior",
        [
            ("党员大会", "党支部", "quarter", 1, 10),
            ("支委会", "党支部且设支委会", "month", 1, 7),
            ("党小组会", "党小组", "month", 1, 7),
            ("党课", "党支部", "quarter", 1, 15),
            ("党课", "党委、党总支", "year", 1, 20),
        ],
    ),
    (
        "组织生活制度",
        "superior",
        [
            ("主题党日", "党支部", "month", 1, 10),
            ("组织生活会", "党支部", "year", 1, 15),
            ("民主评议", "党支部", "year", 1, 15),
            ("谈心谈话", "党支部", "year", 1, 20),
            ("换届选举", "党委、党总支、党支部", "term", 1, 30),
        ],
    ),
    (
        "联系服务职工办法",
        "own",
        [
            ("走访", "党委、党总支", "quarter", 1, 15),
            ("志愿服务", "党支部", "half", 1, 15),
            ("倾听一线声音", "党委、党总支、党支部", "none", None, None),
        ],
    ),
]
# stricter or further clauses of single divisions: with and without conditions
DIVISION_RULES = [
    ("走访慰问规定", [("走访", "党支部且正式党员数≥8", "quarter", 1, 15)]),
    ("教育培训计划管理办法", [("培训", "党支部", "quarter", 1, 20)]),
    ("志愿服务常态化办法", [("志愿服务", "党支部且设支委会", "quarter", 1, 15)]),
    ("小支部会议规定", [("党员大会", "党支部且不设支委会", "month", 1, 10)]),
    ("党小组工作规定", [("培训", "党支部且设党小组", "half", 1, 20)]),
    ("作风建设意见", [("密切联系群众", "党支部", "none", None, None)]),
]
OWN_SUBJECTS = [
    ("走访", "困难职工联系办法"),
    ("培训", "岗位练兵约定"),
    ("志愿服务", "志愿排班办法"),
    ("其他", "班组恳谈办法"),
    ("党课", "微党课轮讲办法"),
]
VAGUE = ["发挥党员带头作用", "营造清朗氛围", "加强沟通协调", "注重工作实效", "弘扬工匠精神"]


@dataclass(frozen=True)
class Asked:
    """One requirement on an organisation: `times` in every period of `months` calendar months, from `since` until `until`."""

    subject: str
    months: int
    times: int
    since: date
    until: date | None


class Rulebook:
    """Writes institutions and clauses; numbers count up through the world."""

    def __init__(self, settings: Settings, start: date):
        self.settings, self.start, self.count = settings, start, 0

    def rule(
        self, org: Org, title: str, origin: str, clauses: list[tuple], adopted: date, repealed: date | None = None, idea: str | None = None
    ) -> dict:
        self.count += 1
        row = {
            "institution_id": f"GZ{self.count:05d}",
            "title": title,
            "org_id": org.org_id,
            "origin": origin,
            "adopted_on": adopted,
            "repealed_on": repealed,
            "document_no": f"{self.settings.group[:2]}党制〔{adopted.year}〕{self.count % 120 + 1}号",
            "idea_id": idea,
        }
        org.rules.append(row)
        for i, (subject, applies, every, times, grace) in enumerate(clauses):
            org.clauses.append(
                {
                    "institution_id": row["institution_id"],
                    "article": f"第{ARTICLES[i]}条",
                    "subject": subject,
                    "applies_to": applies,
                    "every": every,
                    "at_least": times,
                    "evidence": "会议记录" if every != "none" else "文件",
                    "grace_days": grace,
                }
            )
        return row

    def write(self, org: Org, rng: random.Random) -> None:
        adopted = some_day(rng, date(2021, 1, 1), date(2023, 12, 31))
        if org.parent is None:
            for title, origin, clauses in ROOT_RULES:
                self.rule(org, f"{org.unit}{title}", origin, clauses, adopted)
        elif org.parent.parent is None and org.kind == "committee":
            for title, clauses in rng.sample(DIVISION_RULES, 2):
                self.rule(org, f"{org.unit}{title}", "own", clauses, adopted)
        elif org.kind != "group" and not org.alike("temporary_branch"):
            self.own(org, rng, max(adopted, org.established + timedelta(days=40)))

    def own(self, org: Org, rng: random.Random, adopted: date) -> None:
        """A branch's own rule with a duty, often a vague one beside it; one in twenty was renewed with a short gap."""
        if rng.random() >= self.settings.own_rules or adopted > self.settings.ends - timedelta(days=30):
            return
        subject, title = rng.choice(OWN_SUBJECTS)
        every = "half" if subject in ("走访", "党课", "其他") else rng.choice(("half", "quarter"))
        scope = KIND_NAMES[org.kind] + ("、党小组" if org.groups and subject == "其他" else "")
        if org.kind != "branch":
            scope = f"{KIND_NAMES[org.kind]}、党支部" if rng.random() < 0.5 else KIND_NAMES[org.kind]
            subject, every = "走访", "half"
        elif org.committee and rng.random() < 0.25:
            scope = "党支部且设支委会"
        clauses = [(subject, scope, every, 1, 15)] + (
            [(rng.choice(VAGUE), KIND_NAMES[org.kind], "none", None, None)] if rng.random() < 0.4 else []
        )
        if rng.random() < 0.05 and adopted < self.start:
            ended = some_day(rng, self.start + timedelta(days=100), self.settings.ends - timedelta(days=150))
            self.rule(org, f"{org.unit}{title}(试行)", "own", clauses, adopted, repealed=ended)
            adopted = ended + timedelta(days=rng.randint(0, 25))
        self.rule(org, f"{org.unit}{title}", "own", clauses, adopted)


def applies(text: str, org: Org) -> bool:
    """Whether a clause's 适用对象 names this organisation (kinds, and one condition)."""
    kinds, _, condition = text.partition("且")
    if KIND_NAMES[org.kind] not in kinds.split("、"):
        return False
    if condition.startswith("正式党员数≥"):
        return sum(p["category"] == "full" and p["moved_out_on"] is None for p in org.people) >= int(condition[6:])
    return {"": True, "设支委会": bool(org.committee), "不设支委会": not org.committee, "设党小组": bool(org.groups)}[condition]


def asked(org: Org) -> list[Asked]:
    """All dated requirements on an organisation: statutes, its own clauses and those of every superior."""
    old = date(2000, 1, 1)
    found = [
        Asked(s, MONTHS[every], 1, old, None)
        for s, kind, every in STATUTE
        if kind == org.kind or (kind == "board" and org.kind == "branch" and org.committee)
    ]
    node: Org | None = org
    while node is not None:
        rules = {r["institution_id"]: r for r in node.rules}
        for c in node.clauses:
            if c["every"] in MONTHS and applies(c["applies_to"], org):
                rule = rules[c["institution_id"]]
                found.append(Asked(c["subject"], MONTHS[c["every"]], c["at_least"] or 1, rule["adopted_on"], rule["repealed_on"]))
        node = node.parent
    return found
