"""Who came: beta-binomial attendance, shifts, volunteers, marks, sign-in lists, pictures, recorders. Drawn per organisation in arrays."""

import random

import numpy as np

from bench.worlds.model import Org
from bench.worlds.settings import Settings

VOLUNTARY = {"志愿服务", "走访", "培训", "其他"}
UNRATED = {"谈心谈话", "支委会"}
PRECISION = 25.0  # c of the beta-binomial between meetings of one branch


class Presence:
    """Fills present, eligible, participants, volunteers, marks, pictures and hands of the activities that were held."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.banner = (
            int(np.random.default_rng(settings.seed + 77).integers(2**62, dtype=np.uint64)) | 1
        )  # one banner photo in the whole group

    def fill(self, org: Org, rng: random.Random, gen: np.random.Generator) -> None:
        acts = [a for a in org.acts if not a.get("_missed")]
        if not acts:
            return
        self.attendance(org, acts, rng, gen)
        self.appeal(org, acts, gen)
        self.pictures(org, acts, rng, gen)
        self.hands(org, acts, rng)

    def attendance(self, org: Org, acts: list[dict], rng: random.Random, gen: np.random.Generator) -> None:
        a, b = self.settings.attendance
        mean = gen.beta(a, b) if not org.alike("shift_site") else gen.uniform(0.5, 0.68)  # one shift in three is always on duty
        org.traits["attendance"] = mean
        rates = gen.beta(mean * PRECISION, (1 - mean) * PRECISION, len(acts))
        whole = org.alike("uniform_small")
        signed = org.traits["signed"]
        months: dict[tuple, list[dict]] = {}
        for act, rate in zip(acts, rates.tolist(), strict=False):
            day = act["held_at"].date()
            key = (day.year, day.month)
            if key not in months:
                months[key] = org.members(day.replace(day=15)) or org.people[:1]
            pool = org.committee if act["kind"] == "支委会" and org.committee else months[key]
            came = pool if whole else [p for p in pool if rng.random() < rate]
            if len(came) * 2 < len(pool) and not org.alike("shift_site"):
                came = rng.sample(pool, (len(pool) + 1) // 2)  # no quorum, no meeting
            came = came or pool[:1]
            act["eligible"], act["present"] = len(pool), len(came)
            act["_came"], act["_pool"] = came, pool
            act["participants"] = [p["person_id"] for p in came] if signed and rng.random() < 0.95 else []

    def appeal(self, org: Org, acts: list[dict], gen: np.random.Generator) -> None:
        n = len(acts)
        eager = gen.beta(6, 7) if not org.alike("shift_site") else gen.beta(4, 9)
        mark = gen.normal(4.4, 0.14)
        share = gen.beta(eager * 12, (1 - eager) * 12, n)
        rated = gen.random(n) < self.settings.rated_share
        answer = gen.beta(5, 4, n)
        marks = np.clip(gen.normal(mark, 0.22, n), 1, 5)
        noted = gen.random(n)
        for i, act in enumerate(acts):
            voluntary = act["kind"] in VOLUNTARY
            act["volunteers"] = int(gen.binomial(act["eligible"], share[i])) if voluntary and noted[i] < 0.94 else None
            act["ratings"] = act["rating"] = None
            if rated[i] and act["kind"] not in UNRATED:
                act["ratings"] = max(1, round(act["present"] * answer[i]))
                act["rating"] = round(float(marks[i]), 1)

    def pictures(self, org: Org, acts: list[dict], rng: random.Random, gen: np.random.Generator) -> None:
        n = len(acts)
        any_ = (gen.random(n) < self.settings.photo_share) & org.traits["pictures"]
        count = gen.integers(1, 4, n)
        hashes = gen.integers(0, 2**64, (n, 3), dtype=np.uint64).tolist()
        for i, act in enumerate(acts):
            act["photos"] = hashes[i][: count[i]] if any_[i] and act["kind"] != "谈心谈话" else []
            if act["photos"] and rng.random() < (0.6 if org.alike("banner_photo") else 0.02):
                act["photos"].append(self.banner ^ (1 << rng.randint(0, 63)) if rng.random() < 0.5 else self.banner)

    def hands(self, org: Org, acts: list[dict], rng: random.Random) -> None:
        pool = org.members(self.settings.ends) or org.people[:1]
        writers = rng.sample(pool, min(len(pool), 1 if len(pool) < 7 else rng.choice((1, 2, 2, 3))))
        for act in acts:
            writer = writers[0] if rng.random() < 0.6 else rng.choice(writers)
            act["recorder_id"] = writer["person_id"]
            act["_brief"] = rng.random() < self.settings.brief and act["kind"] in ("支委会", "党小组会", "主题党日")
