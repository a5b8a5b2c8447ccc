"""What the verbs of meetings share: rows that are locked, people who may be named, tokens of forms."""

from collections.abc import Collection, Iterable
from typing import Any

from zaidao.carriers.models import Activity, Participation
from zaidao.core import access
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.organisations.queries import named

CHANGED = "这次会议刚刚被别人改动过,请刷新页面后再办。"


def hold(pk: int, version: int | None = None) -> Activity:
    """The activity as it stands now, locked to the end of the transaction. Raises Refused where it is not what the person saw."""
    row: Activity = Activity.everything.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=pk)
    if version is not None and row.version != version:
        raise Refused(CHANGED)
    return row


def parts(activity: Activity) -> list[Participation]:
    """The activity in each organisation, the convener's first, locked with it."""
    rows = Participation.everything.filter(activity=activity).select_related("organisation", "duty").order_by("organisation__path", "pk")
    found = sorted(rows, key=lambda p: p.organisation_id != activity.organisation_id)
    for part in found:
        part.activity = activity
    return found


def require_all(actor: Any, verb: str, organisations: Iterable[Any]) -> Grant | None:
    """The grant at the first organisation; the verb must be allowed at every one. Raises Denied."""
    grants = [access.require(actor, verb, org.path) for org in organisations]
    return grants[0]


def someone(actor: Any, numbers: Collection[int | None], known: Collection[int] = ()) -> dict[int, Any]:
    """The people of these numbers, each of whom the actor may see on a roster, or who stands on the record already (`known`): they may
    have moved on since. Raises Refused for others."""
    wanted = {n for n in numbers if n is not None}
    if not wanted:
        return {}
    found, reach = named(wanted), access.holder(actor).reach("people.view")
    places = [found[n].organisation if n in found else None for n in wanted if n not in known]
    if not all(place is not None and reach.covers(place.path) for place in places):
        raise Refused("有一位同志不在您能看到的名册里,请重新选择。")
    return found


def clean(text: str, most: int, what: str, *, needed: bool = True) -> str:
    """The text without spaces around it, and without the sign that no database keeps. Raises Refused where it is missing or too long."""
    told = text.replace("\0", "").strip()
    if needed and not told:
        raise Refused(f"请填写{what}。")
    if len(told) > most:
        raise Refused(f"{what}不能超过{most}字。")
    return told
