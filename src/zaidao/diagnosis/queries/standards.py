"""By which rules and thresholds a run judged, so that its pages say the same however the office's values change later."""

from dataclasses import dataclass
from typing import Any

from zaidao.diagnosis.models import Run
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.queries import settings


@dataclass(frozen=True)
class Standard:
    """One threshold of a finding as the run used it. `own`: the office's reason and day, where it had set the value."""

    title: str
    reason: str
    value: str
    own: str


def of(run: Run) -> Catalogue:
    """The catalogue with the office's values that the run was computed with. No query."""
    return settings.as_told(values(run))


def values(run: Run) -> list[dict[str, Any]]:
    """The office's values that the run was computed with, the latest first; none for uploads."""
    return list(run.manifest.get("office_values", ()))


def of_finding(run: Run, code: str) -> list[Standard]:
    """The thresholds of one kind of finding."""
    own = {each["key"]: each for each in values(run)}
    return [
        Standard(p.label.name, p.reason, p.said, f"本单位自{own[p.name]['since']}起的取值:{own[p.name]['reason']}" if p.name in own else "")
        for p in of(run).parameters if p.name.split(".")[0] == code
    ]
