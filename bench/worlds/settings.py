"""What a bench world is made of: shares of planted faults and look-alikes, rates of honest untidiness, each with its reason."""

from dataclasses import dataclass, field, replace
from datetime import date

LABELS = (
    "shell",
    "backfill",
    "copycat",
    "photo_reuse",
    "multi_hat",
    "structure_gap",
    "institution_gap",
    "obligations_missed",
    "mandate_only",
    "relabelled",
    "one_carrier",
    "dead_ideas",
    "low_appeal",
)
# look-alikes of single organisations; those of whole sites stand in SITE_ALIKES
ORG_ALIKES = (
    "small_honest",
    "uniform_small",
    "new_org",
    "joint_meeting",
    "cross_appointed_secretary",
    "first_mover",
    "yearly_anniversary",
    "full_time_officer",
    "temporary_branch",
    "extension_on_file",
    "banner_photo",
    "grew_recently",
    "busy_season",
)
SITE_ALIKES = (
    "late_but_real",
    "remote_quarterly_upload",
    "offline_two_months",
    "shared_template",
    "single_carrier_site",
    "shift_site",
    "season_site",
    "migration_day",
)

# what else a fault may truly show (as the sample's README counts it): flagging it is neither right nor wrong
TOLERATED = {
    "shell": ("backfill", "copycat", "photo_reuse", "low_appeal", "obligations_missed"),
    "backfill": ("shell", "obligations_missed"),
    "copycat": ("shell",),
    "photo_reuse": ("shell",),
    "obligations_missed": ("low_appeal", "mandate_only", "one_carrier", "institution_gap"),
    "one_carrier": ("mandate_only",),
    "mandate_only": ("one_carrier",),
    "relabelled": ("mandate_only",),
    "structure_gap": ("obligations_missed", "institution_gap"),
}
# faults that cannot be told apart, or that would undo one another, are not planted together
CLASH = [
    {"shell", "backfill"},
    {"shell", "copycat"},
    {"shell", "photo_reuse"},
    {"shell", "low_appeal"},
    {"shell", "obligations_missed"},
    {"mandate_only", "relabelled"},
    {"mandate_only", "one_carrier"},
    {"relabelled", "one_carrier"},
    {"structure_gap", "multi_hat"},
    {"mandate_only", "dead_ideas"},
    {"one_carrier", "dead_ideas"},
]


@dataclass(frozen=True)
class Settings:
    """Parameters of one world. Shares are of branches; a rate's reason stands behind it."""

    seed: int = 1
    organisations: int = 300
    months: int = 24
    ends: date = date(2026, 8, 31)  # another calendar than the samples': W begins in September, mid-quarter
    mix: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(LABELS, 0.035)
    )  # about four branches in ten carry a fault, as in an audit sample
    alikes: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ORG_ALIKES, 0.015) | dict.fromkeys(SITE_ALIKES, 0.04))
    severity: tuple[float, float, float] = (0.2, 0.4, 0.4)  # subtle cases exist but do not dominate
    double: float = 0.12  # share of faulty branches with a second fault
    text: bool = True
    optional: bool = False  # the optional columns (remark, host, decisions, follow-ups, tenure, form, extension)
    prefix: str = "YL"
    group: str = "云岭实业集团"
    own_rules: float = 1.0  # share of honest branches with a rule of their own; low = rules are kept above
    miss: tuple[float, float] = (1.2, 42.0)  # Beta: 2.8 % of meetings not held on average, one branch in twenty above 7 %
    moved: float = 0.03  # meetings postponed by one to three weeks, with the reason in the text
    straggler: float = 0.015  # single records found in a drawer and filed 20-70 days later
    lag_median: tuple[float, float] = (0.6, 3.0)  # days; a branch's own habit lies between
    lag_sigma: float = 0.8  # lognormal: 1 in 1,000 beyond twelve times the median
    attendance: tuple[float, float] = (22.0, 2.6)  # Beta: mean 0.89; branches honestly differ (sd 0.06)
    turn_over: float = 0.06  # members who moved in or out within two years
    brief: float = 0.04  # routine meetings noted in one line, alike everywhere
    reordered: float = 0.0  # share of copies whose sentences change places
    foreign_photos: float = 0.0  # share of reused pictures that come from another branch
    dressed_titles: float = 0.0  # share of relabelled carriers whose title gets a place of their own before it
    photo_share: float = 0.55  # activities with pictures in a branch that takes any
    rated_share: float = 0.35  # activities with marks
    signed_share: float = 0.6  # branches that list the participants by name

    def but(self, **changes) -> "Settings":
        return replace(self, **changes)


def honest(**changes) -> Settings:
    """A world without planted faults and without look-alikes, for false-alarm rates."""
    return Settings(mix={}, alikes={}).but(**changes)


def only(name: str, **changes) -> Settings:
    """A small world where one look-alike stands alone: site look-alikes cover 2 sites in 5, the others 1 branch in 5."""
    share = 0.4 if name in SITE_ALIKES else 0.2
    return Settings(mix={}, alikes={name: share}, organisations=120).but(**changes)


WORLDS: dict[str, Settings] = {
    "yunling": Settings(seed=11),
    "yunling-columns": Settings(seed=12, optional=True, prefix="YC"),
    "small-50": Settings(seed=13, organisations=50, mix=dict.fromkeys(LABELS, 0.04), prefix="XS"),
    "thin-60": Settings(
        seed=14,
        mix=dict.fromkeys(LABELS, 0.02) | {"shell": 0.25, "copycat": 0.12, "backfill": 0.12, "low_appeal": 0.1},
        alikes={},
        prefix="TH",
    ),
    "hard-300": Settings(  # fewer plain cases, more untidiness, faults with some care taken over them
        seed=19,
        prefix="HD",
        severity=(0.3, 0.55, 0.15),
        double=0.25,
        miss=(2.0, 42.0),
        moved=0.05,
        straggler=0.03,
        lag_sigma=1.1,
        attendance=(14.0, 2.0),
        rated_share=0.2,
        reordered=0.3,
        foreign_photos=0.4,
        dressed_titles=0.4,
    ),
    "null-300": honest(seed=15, prefix="NA"),
    "null-3000": honest(seed=16, organisations=3000, text=False, prefix="NB"),
    "inherited-rules": honest(seed=17, organisations=200, own_rules=0.3, prefix="IR"),
    "large-20000": Settings(
        seed=18,
        organisations=20000,
        prefix="LG",
        mix=dict.fromkeys(LABELS, 0.008),
        alikes=dict.fromkeys(ORG_ALIKES, 0.004) | dict.fromkeys(SITE_ALIKES, 0.01),
    ),
} | {f"only-{name}": only(name, seed=40 + i, prefix="ON") for i, name in enumerate(ORG_ALIKES + SITE_ALIKES)}
WORLDS["only-extension_in_minutes"] = WORLDS["only-extension_on_file"]
WORLDS["only-extension_on_file"] = WORLDS["only-extension_on_file"].but(optional=True)
