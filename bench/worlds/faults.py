"""Planted faults on records: what each label changes among an organisation's honest rows, and the rows that show it.

Severity 1 lies near the code's floor, 2 is clearly above it (two to three times), 3 is nearly everything.
"""

import random
from datetime import datetime, time, timedelta

from bench.worlds.minutes import reorder, rework
from bench.worlds.model import Label, Org, month_add
from bench.worlds.settings import Settings

SHARE = {
    "backfill": (0.22, 0.45, 0.8),
    "copycat": (0.25, 0.45, 0.7),
    "photo_reuse": (0.16, 0.35, 0.65),
    "obligations_missed": (0.22, 0.38, 0.62),
    "shell": (0.35, 0.65, 0.9),
}
EDITED = {1: 0.30, 2: 0.15, 3: 0.05}  # share of characters changed in a copy: the subtler the fault, the more is changed
NIGHTS = (19, 20, 21, 22)


class Faults:
    """Applies the labels of an organisation to its activities. `pool` holds honest activities of other organisations as copying sources."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.start, self.ends = month_add(settings.ends, 1 - settings.months), settings.ends

    def before_presence(self, org: Org, rng: random.Random) -> None:
        label = org.fault("obligations_missed")
        if label:
            self.obligations_missed(org, label, rng)
        if org.fault("shell"):  # on paper nothing is ever missed
            for act in org.acts:
                act.pop("_missed", None)

    def before_text(self, org: Org, rng: random.Random) -> None:
        for label in org.labels:
            if label.label in ("backfill", "low_appeal", "shell"):
                getattr(self, label.label)(org, label, rng)

    def after_text(self, org: Org, pool: list[tuple[Org, dict]], rng: random.Random) -> None:
        for label in org.labels:
            if label.label == "copycat":
                self.copycat(org, label, pool, rng)
            elif label.label == "photo_reuse":
                self.photo_reuse(org, label, SHARE["photo_reuse"][label.severity - 1], pool, rng)
            elif label.label == "shell":
                self.copy_rows(org, label, SHARE["shell"][label.severity - 1] * 0.8, pool, rng, EDITED[label.severity], own=True)
                self.photo_reuse(org, label, 0.3, [], rng)

    # -- meetings not held ----------------------------------------------------------------------------------------------------------
    def obligations_missed(self, org: Org, label: Label, rng: random.Random) -> None:
        share = SHARE["obligations_missed"][label.severity - 1]
        for act in [a for a in org.acts if "_period" in a]:
            if rng.random() < share:
                act["_missed"] = True
                act.pop("_moved", None)
        for act in org.acts:
            if act.get("_missed"):
                begin, months = act["_period"], act["_months"]
                # a period may be named by its first, last or planned month
                for month in sorted({begin, month_add(begin, months - 1), month_add(act["planned_for"], 0)}):
                    label.show(
                        "duty", f"{org.org_id}|{act['kind']}|{month:%Y-%m}", "not held"
                    )  # a period by its first, last or planned month

    # -- filed in bursts, long after --------------------------------------------------------------------------------------------------
    def backfill(self, org: Org, label: Label, rng: random.Random) -> None:
        self.bursts(org, label, SHARE["backfill"][label.severity - 1], rng, note="filed in a burst long after")

    def bursts(self, org: Org, label: Label, share: float, rng: random.Random, note: str) -> None:
        """Before an inspection (every 10 to 17 weeks) what was left undone is filed in one evening; the rest was filed at once."""
        day, sessions = self.start + timedelta(days=rng.randint(60, 110)), []
        while day < self.ends:
            sessions.append(day)
            day += timedelta(days=rng.randint(70, 120))
        sessions.append(self.ends + timedelta(days=rng.randint(3, 12)))
        acts = [a for a in org.acts if not a.get("_missed")]
        late = [a for a in acts if rng.random() < share]
        clock: dict[datetime, datetime] = {}
        rng.shuffle(late)  # typed in no particular order
        for act in late:
            held = act["held_at"].date()
            after = [s for s in sessions if (s - held).days >= 32]
            if not after:
                continue
            session = datetime.combine(after[0], time(NIGHTS[after[0].day % 4], 5))
            clock[session] = clock.get(session, session) + timedelta(minutes=rng.randint(2, 11), seconds=rng.randint(0, 59))
            act["recorded_at"] = clock[session]
            label.show("activity", act["activity_id"], note)

    # -- nobody volunteers -------------------------------------------------------------------------------------------------------------
    def low_appeal(self, org: Org, label: Label, rng: random.Random) -> None:
        fewer, lower = ((0.45, 0.55), (0.2, 0.85), (0.05, 1.3))[label.severity - 1]
        span = max(1, (self.ends - self.start).days)
        onset = month_add(self.start, 5 if label.severity < 3 else 0)
        for act in org.acts:
            if act.get("_missed") or act["held_at"].date() < onset:
                continue
            decay = 1 - (0.1 + 0.12 * label.severity) * (act["held_at"].date() - self.start).days / span
            keep = max((act["eligible"] + 1) // 2, round(act["present"] * decay))
            act["present"], act["_came"] = keep, act["_came"][:keep]
            act["participants"] = act["participants"][:keep]
            if act["volunteers"] is not None:
                act["volunteers"] = sum(rng.random() < fewer for _ in range(act["volunteers"]))
                label.show("activity", act["activity_id"], "few volunteers")
            if act["rating"] is not None:
                act["rating"] = round(max(1.0, act["rating"] - lower - rng.uniform(-0.1, 0.1)), 1)
                act["ratings"] = max(1, min(act["ratings"], keep))
                label.show("activity", act["activity_id"], "low marks")

    # -- everything on file, nothing alive -----------------------------------------------------------------------------------------------
    def shell(self, org: Org, label: Label, rng: random.Random) -> None:
        share = SHARE["shell"][label.severity - 1]
        self.bursts(org, label, share * 0.75, rng, note="filed in a burst")
        hand = org.secretary["person_id"] if org.secretary else org.people[0]["person_id"]
        for act in org.acts:
            if rng.random() < share + 0.15:
                everybody = act["_pool"]
                act["present"], act["eligible"], act["_came"] = len(everybody), len(everybody), everybody
                act["participants"] = [p["person_id"] for p in everybody] if act["participants"] else []
            act["recorder_id"] = hand
            act["volunteers"] = 0 if act["volunteers"] is not None and rng.random() < share + 0.1 else act["volunteers"]
            if act["rating"] is not None:  # no marks at all, or flat ones
                act["rating"], act["ratings"] = (None, None) if rng.random() < 0.7 else (5.0, act["present"])

    # -- copies -------------------------------------------------------------------------------------------------------------------------
    def copycat(self, org: Org, label: Label, pool: list[tuple[Org, dict]], rng: random.Random) -> None:
        label.variant = "own_earlier" if rng.random() < 0.45 or not pool else "other_organisation"
        own = label.variant == "own_earlier"
        if not own:  # one or two sources, as a model ledger gets about
            models = rng.sample(sorted({o.org_id for o, _ in pool}), min(2, len({o.org_id for o, _ in pool})))
            pool = [(o, a) for o, a in pool if o.org_id in models]
        self.copy_rows(org, label, SHARE["copycat"][label.severity - 1], pool, rng, EDITED[label.severity], own)

    def copy_rows(self, org: Org, label: Label, share: float, pool: list, rng: random.Random, rate: float, own: bool) -> None:
        originals: list[dict] = []
        done = {a["activity_id"] for _, a in pool} if not own else set()
        for act in sorted((a for a in org.acts if a.get("minutes") and not a.get("_brief")), key=lambda a: a["recorded_at"]):
            if own:
                sources = [(org, a) for a in originals if (act["held_at"] - a["held_at"]).days >= 20]
            else:
                sources = [(o, a) for o, a in pool if a["recorded_at"] < act["recorded_at"] and a["held_at"] < act["held_at"]]
            if not sources or rng.random() >= share:
                originals.append(act)
                continue
            like = [s for s in sources if s[1]["kind"] == act["kind"]] or sources
            owner, source = rng.choice(like)
            theirs = [p["name"] for p in owner.people]
            ours = [p["name"] for p in act["_came"]]
            turned = self.settings.reordered > 0 and rng.random() < self.settings.reordered
            original = reorder(source["minutes"], rng) if turned else source["minutes"]
            act["minutes"] = rework(original, rate, theirs, ours if not own else theirs, act["held_at"].date(), rng)
            act["_copy"] = True
            label.show("activity", act["activity_id"], source["activity_id"])
            label.evidence[-1]["edit"] = rate
            if not own and not owner.labels and source["activity_id"] in done:
                owner.alikes.add("copied_from")

    # -- pictures -----------------------------------------------------------------------------------------------------------------------
    def photo_reuse(self, org: Org, label: Label, share: float, pool: list[tuple[Org, dict]], rng: random.Random) -> None:
        """Own earlier pictures; in a world with `foreign_photos` some come from other branches, at most three bits apart."""
        seen: list[dict] = []
        others = [a for _, a in pool if a.get("photos")]
        for act in sorted((a for a in org.acts if a.get("photos") and not a.get("_missed")), key=lambda a: a["held_at"]):
            old = [a for a in seen if (act["held_at"] - a["held_at"]).days >= 9]
            foreign = rng.random() < self.settings.foreign_photos if self.settings.foreign_photos else False
            if foreign:
                old = [a for a in others if (act["held_at"] - a["held_at"]).days >= 9]
            if old and rng.random() < share:
                source = rng.choice(old)
                act["photos"] = [blur(source["photos"][0], rng, most=3 if foreign else 4), *act["photos"][1:]]
                label.show("activity", act["activity_id"], source["activity_id"])
            else:
                seen.append(act)


def blur(picture: int, rng: random.Random, most: int) -> int:
    """The same picture saved again: a few bits of its hash differ."""
    for bit in rng.sample(range(64), rng.choice((0, 0, 1, 2, 3, 4)[: most + 2])):
        picture ^= 1 << bit
    return picture
