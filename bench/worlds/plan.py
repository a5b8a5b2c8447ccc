"""Who plays which part: look-alikes and planted faults are dealt before anything is written, so that shares are exact."""

import random
from datetime import date, timedelta

from bench.worlds.model import Label, Org, month_add
from bench.worlds.settings import CLASH, ORG_ALIKES, SITE_ALIKES, TOLERATED, Settings

# faults that a look-alike would make undecidable
BARRED = {
    "late_but_real": {"backfill", "shell"},
    "remote_quarterly_upload": {"backfill", "shell"},
    "offline_two_months": {"backfill", "shell"},
    "migration_day": {"backfill", "shell"},
    "single_carrier_site": {"one_carrier", "mandate_only", "relabelled"},
    "shift_site": {"low_appeal", "shell"},
}


def deal(orgs: list[Org], settings: Settings, rng: random.Random) -> None:
    """Deals site look-alikes to sites, organisation look-alikes and faults to branches."""
    sites: dict[str, list[Org]] = {}
    for org in orgs:
        if org.kind == "branch":
            sites.setdefault(org.parent.org_id, []).append(org)
    deal_sites(sites, settings, rng)
    branches = [o for o in orgs if o.kind == "branch"]
    free = [o for o in branches if not o.dissolved]
    rng.shuffle(free)
    deal_alikes(free, len(branches), settings, rng)
    deal_faults(free, len(branches), settings, rng)


def deal_sites(sites: dict[str, list[Org]], settings: Settings, rng: random.Random) -> None:
    heads = sorted(sites)
    rng.shuffle(heads)
    for name in SITE_ALIKES:
        share = settings.alikes.get(name, 0)
        wanted = max(1, round(share * len(heads))) if share else 0
        fit = [h for h in heads if len(sites[h]) >= 6] or heads
        for head in fit[:wanted]:
            heads.remove(head)
            for org in sites[head]:
                org.site_alikes.add(name)
                if name == "shift_site":  # the ledger has no column for it, the unit's name says it
                    org.unit += "(四班三倒)"
                for group in org.groups:
                    group.site_alikes.add(name)


def deal_alikes(free: list[Org], total: int, settings: Settings, rng: random.Random) -> None:
    for name in ORG_ALIKES:
        share = settings.alikes.get(name, 0)
        wanted = max(1, round(share * total)) if share else 0
        for org in [o for o in free if fits(o, name)][:wanted]:
            if org.alikes:  # meanwhile the sister of another one
                continue
            free.remove(org)
            cast(org, name, settings, rng)
            if name == "joint_meeting":
                pair(org, free)


def pair(org: Org, free: list[Org]) -> None:
    """Finds a sister branch of the same site for a joint meeting."""
    sister = next((o for o in free if o.parent is org.parent and not o.alikes), None)
    if sister:
        free.remove(sister)
        sister.alikes.add("joint_meeting")
        sister.traits["sister"], org.traits["sister"] = org, sister


def fits(org: Org, name: str) -> bool:
    if org.alikes or (name in ("new_org", "temporary_branch", "small_honest", "uniform_small", "grew_recently") and org.groups):
        return False
    if name == "joint_meeting" and any("backfill" in BARRED.get(a, ()) for a in org.site_alikes):
        return False                                       # where a line is dead nothing is filed beside it
    if org.site_alikes & {"shift_site", "single_carrier_site"}:
        return name not in ("uniform_small", "first_mover")
    return name not in ("cross_appointed_secretary", "full_time_officer") or org.size >= 7


def cast(org: Org, name: str, settings: Settings, rng: random.Random) -> None:
    """Gives a branch the traits of a look-alike."""
    org.alikes.add(name)
    ends = settings.ends
    if name == "small_honest":
        org.size = rng.randint(3, 5)
    elif name == "uniform_small":
        org.size = 3
    elif name == "new_org":
        org.established = month_add(ends, -2) + timedelta(days=rng.randint(4, 25))  # two whole months
        org.term_started = org.established
    elif name == "temporary_branch":
        org.established = month_add(ends, -5) + timedelta(days=rng.randint(0, 20))
        org.term_started = org.term_years = None
        org.size = rng.randint(7, 12)
        org.form, org.name = "临时", f"{org.unit}抢修任务临时党支部"
    elif name == "extension_on_file":
        org.term_started = ends - timedelta(days=int(3 * 365.25) + rng.randint(100, 250))
        org.established = min(org.established, org.term_started - timedelta(days=400))
        org.extended_to = date(ends.year + 1, 3, 31)
    elif name == "grew_recently":
        org.size = 7
    org.headcount = max(org.headcount, org.size * 2)


def deal_faults(free: list[Org], total: int, settings: Settings, rng: random.Random) -> None:
    for label, share in settings.mix.items():
        wanted = max(1, round(share * total)) if share else 0
        for org in [o for o in free if takes(o, label)][:wanted]:
            plant(org, label, settings, rng)
            if rng.random() >= settings.double:  # most faulty branches carry one fault only
                free.remove(org)


def takes(org: Org, label: str) -> bool:
    barred = set().union(*(BARRED.get(a, set()) for a in org.site_alikes)) if org.site_alikes else set()
    if label in barred or org.alikes or not org.steady:
        return False
    have = {x.label for x in org.labels}
    if len(have) > 1 or label in have or any(label in pair and pair - {label} <= have for pair in CLASH):
        return False
    if label == "structure_gap" and org.form == "联合":   # a joint branch is exempt by definition
        return False
    if label in ("structure_gap", "multi_hat"):
        return not org.groups and org.size >= 7  # no doubt whether a group's members count
    return label not in ("low_appeal", "shell") or org.size >= 6


def plant(org: Org, label: str, settings: Settings, rng: random.Random) -> None:
    severity = rng.choices((1, 2, 3), settings.severity)[0]
    org.labels.append(Label(label, severity))
    org.tolerated.update(TOLERATED.get(label, ()))
