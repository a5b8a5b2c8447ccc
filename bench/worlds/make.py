"""Puts a world together, one division after the other, and writes it: bounded memory, deterministic by seed."""

import random
from datetime import timedelta
from pathlib import Path

import numpy as np

from bench.worlds.agenda import Agenda, habits
from bench.worlds.carriers import Workshop
from bench.worlds.faults import Faults
from bench.worlds.filing import Filing
from bench.worlds.minutes import Scribe, rework
from bench.worlds.model import Org
from bench.worlds.people import Registry, special_posts
from bench.worlds.plan import deal
from bench.worlds.presence import Presence
from bench.worlds.rules import Rulebook
from bench.worlds.settings import Settings
from bench.worlds.shapes import Shapes
from bench.worlds.tree import Grower
from bench.worlds.words import INDUSTRIES
from bench.worlds.write import Writer

FOREIGN = 400  # activities of earlier divisions kept as copying sources


class Maker:
    """Makes the rows of a world division by division."""

    def __init__(self, settings: Settings):
        self.settings = settings
        rng = random.Random(settings.seed)
        grower = Grower(settings, rng)
        self.orgs = grower.grow()
        deal(self.orgs, settings, rng)
        self.scribe, self.shop, self.registry = Scribe(), Workshop(settings, rng), Registry(settings)
        self.rulebook = Rulebook(settings, grower.start)
        self.shapes = Shapes(settings, self.registry, self.shop, self.scribe)
        self.agenda, self.presence, self.filing, self.faults = Agenda(settings), Presence(settings), Filing(settings), Faults(settings)
        self.foreign: list[tuple[Org, dict]] = []

    def divisions(self) -> list[list[Org]]:
        """Organisations by division, in tree order; the root alone comes first."""
        out: dict[int, list[Org]] = {}
        for org in self.orgs[1:]:
            out.setdefault(org.division, []).append(org)
        return [self.orgs[:1], *out.values()]

    def make(self, number: int, orgs: list[Org]) -> None:
        """Everything about one division, from rosters to filed minutes."""
        rng, gen = random.Random(self.settings.seed * 100003 + number), np.random.default_rng([self.settings.seed, number])
        for org in orgs:
            habits(org, self.settings, rng)
            self.shapes.before_staff(org, rng)
            self.registry.staff(org, rng)
            self.rulebook.write(org, rng)
            self.shop.equip(org, rng, self.scribe)
            self.shop.think(org, rng, self.scribe)
        for org in orgs:
            special_posts(org, self.registry, rng)
            self.shapes.after_staff(org, rng)
            self.fix_ideas(org, rng)
        for org in orgs:
            self.meet(org, rng, gen)
        for org in orgs:
            self.join(org, rng)
        if self.settings.text:
            for org in orgs:
                self.note(org, rng)
        pool = self.sources(orgs, rng)
        for org in orgs:
            self.faults.after_text(org, pool, rng)
        self.foreign = rng.sample(pool, min(FOREIGN, len(pool)))

    def fix_ideas(self, org: Org, rng: random.Random) -> None:
        """Ideas that proved themselves become a rule, where time allowed."""
        for idea in org.ideas:
            day = idea.pop("fix", None)
            if day and day < self.settings.ends:
                every = rng.choice(("none", "half"))
                clause = ("培训", "党支部", "half", 1, 30) if every == "half" else (idea["title"], "党支部", "none", None, None)
                if org.fault("institution_gap"):
                    continue
                idea["institution_id"] = self.rulebook.rule(org, idea["title"], "solidified", [clause], day, idea=idea["idea_id"])[
                    "institution_id"
                ]

    def meet(self, org: Org, rng: random.Random, gen: np.random.Generator) -> None:
        self.agenda.plan(org, rng, INDUSTRIES[org.industry][2].split())
        self.concentrate(org, rng)
        self.faults.before_presence(org, rng)
        self.presence.fill(org, rng, gen)
        self.filing.fill(org, rng, gen)
        self.faults.before_text(org, rng)

    def concentrate(self, org: Org, rng: random.Random) -> None:
        """One kind of carrier only: free meetings are booked on it, the others fall away."""
        share = org.traits.get("one_carrier")
        if share is None:
            return
        kind = org.fault("one_carrier").variant
        main = sorted((c for c in org.carriers if c["kind"] == kind), key=lambda c: c["started_on"])
        for act in org.acts:
            running = [c for c in main if c["started_on"] <= act["planned_for"]]
            free = act["carrier_id"] is not None or "_period" not in act or (act["kind"] == "主题党日" and rng.random() < 0.4)
            if free and running:
                act["carrier_id"] = running[-1]["carrier_id"] if rng.random() < share or act["carrier_id"] is None else act["carrier_id"]

    def join(self, org: Org, rng: random.Random) -> None:
        """Two branches meet together now and then; both file it, with the same pictures and nearly the same text."""
        sister = org.traits.get("sister")
        if not sister or sister.org_id < org.org_id:
            return
        mine = [a for a in org.acts if not a.get("_missed") and a["kind"] in ("主题党日", "党课", "培训")]
        for act in rng.sample(mine, min(len(mine), 10)):
            other = next(
                (
                    b
                    for b in sister.acts
                    if b["kind"] == act["kind"]
                    and not b.get("_missed")
                    and "_joint" not in b
                    and abs((b["held_at"] - act["held_at"]).days) < 25
                ),
                None,
            )
            if other:
                other["held_at"], other["planned_for"], other["place"], other["_joint"] = (
                    act["held_at"],
                    act["planned_for"],
                    act["place"],
                    act,
                )
                other["photos"] = list(act["photos"])
                other["recorded_at"] = act["recorded_at"] + timedelta(hours=rng.randint(1, 60))
                if other["_way"] != "daily":               # who files by the week or month does so here too
                    self.filing.sessions([other], other["_way"], rng)

    def note(self, org: Org, rng: random.Random) -> None:
        for act in org.acts:
            if act.get("_missed"):
                continue
            names = [p["name"] for p in act["_came"]] + ([org.people[-1]["name"]] if act["present"] < 2 else [])
            day = act["held_at"]
            if act["kind"] == "主题党日" and day.month % 3 == 2 and org.traits["week"] > 0:
                act["_campaign"] = (day.year * 4 + day.month // 3) % 4
            act["minutes"] = self.scribe.write(act, org, names, rng)
        if org.alike("extension_on_file"):  # without a column for it, the approval stands in the minutes of the members' meeting
            meeting = [a for a in org.acts if a["kind"] == "党员大会" and a.get("minutes")][-2:]
            for act in meeting[:1]:
                act["minutes"] += (
                    f"会上宣读了上级党组织的批复:同意本届支部委员会换届延期至{org.extended_to.year}年{org.extended_to.month}月{org.extended_to.day}日。"
                )
        for act in org.acts:
            source = act.get("_joint")
            if source is not None and source.get("minutes"):
                act["minutes"] = rework(
                    source["minutes"],
                    0.04,
                    [p["name"] for p in source["_came"]],
                    [p["name"] for p in act["_came"]],
                    act["held_at"].date(),
                    rng,
                )

    def sources(self, orgs: list[Org], rng: random.Random) -> list[tuple[Org, dict]]:
        """Honest minutes that somebody else may copy: those of at most eight branches here and of earlier divisions."""
        plain = [
            o for o in orgs if o.kind == "branch" and not o.labels and not o.site_alikes & {"shared_template"} and "sister" not in o.traits
        ]
        chosen = rng.sample(plain, min(8, len(plain)))
        return [(o, a) for o in chosen for a in o.acts if a.get("minutes") and not a.get("_brief") and not a.get("_missed")] + self.foreign


def make_world(settings: Settings, folder: Path) -> dict:
    """Writes a world's fact tables, key.json and key-evidence.csv into a folder; returns the key.

    Rows are sorted by organisation in tree order; memory holds one division and one row group a table.
    """
    maker = Maker(settings)
    with Writer(folder, settings) as writer:
        for number, orgs in enumerate(maker.divisions()):
            maker.make(number, orgs)
            writer.add(orgs)
        return writer.finish(maker.orgs)
