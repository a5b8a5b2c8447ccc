"""The counts as a table, the paper month beside them, and what is over its limit."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from bench.burden.hand import Step

CLICKS, CHARS = 60, 400  # of a whole month, all signing in and the one who has the follow-up included
TABS = 25  # presses of Tab between two acts
HEAD = f"{'step':<42}{'clicks':>8}{'chars':>8}{'tabs':>8}{'at most':>9}{'minutes':>9}  |{'paper: clicks':>15}{'chars':>8}"


def paper() -> dict[str, tuple[int, int]]:
    """The same month in spreadsheets and documents: step -> clicks, characters."""
    told = tomllib.loads((files("bench.burden") / "paper.toml").read_text(encoding="utf-8"))
    return {name: (sum(a["clicks"] for a in step["acts"]), sum(a["chars"] for a in step["acts"])) for name, step in told.items()}


def table(steps: Sequence[Step]) -> str:
    """One line a step, then what only paper asks for, then the sums. `at most`: presses of Tab between two acts; `minutes`: characters of
    the minutes' own text."""
    other = paper()
    rows = [_line(step, other.get(step.name)) for step in steps]
    rows += [_line(Step(name), there) for name, there in other.items() if name not in {s.name for s in steps}]
    clicks, chars = (sum(there[n] for there in other.values()) for n in (0, 1))
    return "\n".join([HEAD, *rows, _line(total(steps), (clicks, chars))])


def _line(step: Step, there: tuple[int, int] | None) -> str:
    paper_clicks, paper_chars = there or ("—", "—")
    here = f"{step.name:<42}{step.clicks:>8}{step.chars:>8}{step.tabs:>8}{step.most:>9}{step.own:>9}"
    return f"{here}  |{paper_clicks:>15}{paper_chars:>8}"


def total(steps: Sequence[Step]) -> Step:
    summed = (sum(getattr(s, name) for s in steps) for name in ("clicks", "tabs", "chars", "own"))
    return Step("together", *summed, most=max(s.most for s in steps))


def over(steps: Sequence[Step]) -> list[str]:
    """What takes more than it may."""
    whole = total(steps)
    wrong = [f"{value} {name}, at most {most}" for name, value, most in
             (("clicks", whole.clicks, CLICKS), ("characters", whole.chars, CHARS)) if value > most]
    return wrong + [f"{s.name}: {s.most} presses of Tab between two acts, at most {TABS}" for s in steps if s.most > TABS]
