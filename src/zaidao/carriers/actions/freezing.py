"""应到 frozen as of the day of a meeting: on each attendance whether it counts and votes, on each participation the numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from zaidao.carriers.access import ATTEND
from zaidao.carriers.actions import attending
from zaidao.carriers.decisions.gathering import Came, Gathering, gathering, numbers, settled
from zaidao.carriers.decisions.record import Ticks
from zaidao.carriers.models import Attendance, Participation
from zaidao.core import access, rulebook
from zaidao.core.errors import Refused
from zaidao.organisations.queries import Row

NOT_OF_US = "当日不在本组织名册,不计入。"
MOST_NAMED = 5


def freeze(actor: Any, parts: Sequence[Participation], ticks: Mapping[int, Ticks], day: date, *, anew: bool) -> None:
    """Write the tick lists, judge everybody as of the day, and write the numbers. `anew`: judge also those who were judged before.

    Raises Refused where nothing is told of somebody who is expected, or a tick list is of an organisation that takes no part.
    """
    if set(ticks) - {p.organisation_id for p in parts}:
        raise Refused("有一份到会名单不属于参加的组织。")
    for part in parts:
        rows, keeps = attending.listed(part, day), access.holder(actor).may(ATTEND, part.organisation.path)
        if part.organisation_id in ticks:
            access.require(actor, ATTEND, part.organisation.path)
            attending.put(actor, part, ticks[part.organisation_id], rows)
        _freeze(part, rows, day, anew=anew, named=keeps)


def _freeze(part: Participation, rows: Sequence[Row], day: date, *, anew: bool, named: bool) -> None:
    whom = gathering(part.activity.kind, part.organisation.kind, rulebook.on(day))
    told = list(Attendance.everything.filter(participation=part).exclude(person=None).order_by("pk"))
    fresh = [a for a in told if anew or a.counted is None]
    verdicts = {r.person.pk: r.verdict for r in rows}
    if whom is Gathering.OPEN:
        fresh = []
    elif anew or part.eligible is None:
        _all_told(part, rows, {a.person_id for a in told}, named=named)
    for row in fresh:
        verdict = verdicts.get(row.person_id or 0)
        row.counted, row.votes = verdict is not None and verdict.counted, verdict is not None and verdict.votes
        row.reason = (verdict.reason if verdict else NOT_OF_US)[:200]
    for row in told:
        row.state = settled(row.state, whom, counted=bool(row.counted))
    Attendance.everything.bulk_update(told, ["counted", "votes", "reason", "state"])
    found = numbers([Came(a.state, bool(a.counted), bool(a.votes)) for a in told], whom)
    if part.eligible is not None and not anew and (found.eligible or 0) < part.eligible:
        raise Refused("已归档的应到同志,到会情况可以改,不能留空。")
    part.eligible, part.voting, part.present, part.voting_present = found.eligible, found.voting, found.present, found.voting_present
    part.save(update_fields=["eligible", "voting", "present", "voting_present"])


def _all_told(part: Participation, rows: Iterable[Row], told: set[int | None], *, named: bool) -> None:
    """Raises Refused while nothing is told of somebody expected; `named`: whether whoever files may read who that is."""
    missing = [r.person.name for r in rows if r.verdict.counted and r.person.pk not in told]
    if not missing:
        return
    what = f"还有{len(missing)}位应到同志没有登记到会、请假或缺席"
    if not named:
        raise Refused(f"{part.organisation.name}{what},请先由该组织登记。")
    raise Refused(f"{what}:{'、'.join(missing[:MOST_NAMED])}{'等' if len(missing) > MOST_NAMED else ''}。")


def told(parts: Sequence[Participation]) -> dict[str, Any]:
    """Numbers and attendance of each organisation as they stand, for the version that is filed now."""
    found: dict[str, Any] = {
        str(p.organisation_id): {"eligible": p.eligible, "voting": p.voting, "present": p.present, "voting_present": p.voting_present,
                                 "people": []} for p in parts
    }
    rows = Attendance.everything.filter(participation__in=[p.pk for p in parts]).order_by("participation", "pk")
    for org, *one in rows.values_list("participation__organisation", "person", "guest", "state", "why", "counted", "votes"):
        found[str(org)]["people"].append(one)
    return found
