"""What of carriers and meetings can be found by words: names, titles, and what was decided. Never the text of minutes.

Talks, organisation-life meetings and democratic reviews are not in the index at all: their very titles name people. Decisions that are
about persons are found only where the roster may be read.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, Carrier, Decision, Minutes, Participation
from zaidao.carriers.queries.lists import WHEN
from zaidao.core import search
from zaidao.core.scope import active
from zaidao.core.search import Hit
from zaidao.engine.schema import PRIVATE_KINDS
from zaidao.organisations.access import PEOPLE

OF_PERSONS = (Decision.Kind.ADMISSION, Decision.Kind.ELECTION)


def _took_part(verb: str, activity: str) -> Exists:
    """Whether an organisation in reach took part; whoever convenes does."""
    return Exists(Participation.objects.within(verb).filter(activity=OuterRef(activity)))


def _decision_words(row: Any) -> str:
    return "" if row.minutes.activity.kind in PRIVATE_KINDS else row.text


def _found_decisions() -> Any:
    """Of the version that holds, what was filed last first."""
    later = Minutes.everything.filter(activity=OuterRef("minutes__activity"), number__gt=OuterRef("minutes__number"))
    place = "minutes__activity__organisation__path"
    mine = _took_part(access.READ, "minutes__activity")
    about = ~Q(kind__in=OF_PERSONS) | active().reach(PEOPLE).q(place)
    rows = Decision.everything.filter(mine, about, ~Exists(later)).exclude(minutes__activity__kind__in=PRIVATE_KINDS)
    return rows.select_related("minutes__activity__organisation").order_by("-pk")


def _decision(row: Any) -> Hit:
    activity = row.minutes.activity
    place = f"{activity.organisation.name} {timezone.localdate(activity.held_at)}"
    return Hit(row.text, place, reverse("carriers:activity", args=[activity.pk]))


def _of_activities(numbers: Sequence[int]) -> Iterable[int]:
    return Decision.everything.filter(minutes__activity__in=numbers).values_list("pk", flat=True)


def _of_minutes(numbers: Sequence[int]) -> Iterable[int]:
    return Decision.everything.filter(minutes__in=numbers).values_list("pk", flat=True)


search.indexed(
    "decision", "决议", Decision, order=40, verb=access.READ, words=_decision_words,
    rows=lambda: Decision.everything.select_related("minutes__activity").only("pk", "text", "minutes__activity__kind"),
    found=_found_decisions, hit=_decision, follows={"carriers.activity": _of_activities, "carriers.minutes": _of_minutes},
)


def _activity_words(row: Activity) -> str:
    return "" if row.kind in PRIVATE_KINDS else f"{row.title} {row.code} {row.kind}"


def _found_activities() -> Any:
    """The latest first."""
    rows = Activity.everything.filter(_took_part(access.VIEW, "pk")).exclude(kind__in=PRIVATE_KINDS).select_related("organisation")
    return rows.alias(at=WHEN).order_by("-at", "-pk")


def _activity(row: Activity) -> Hit:
    day = row.held_at or row.planned_at
    place = f"{row.organisation.name} {timezone.localdate(day)}" if day else row.organisation.name
    return Hit(row.title, place, reverse("carriers:activity", args=[row.pk]))


search.indexed(
    "activity", "会议和活动", Activity, order=60, verb=access.VIEW, words=_activity_words,
    rows=lambda: Activity.everything.only("pk", "title", "code", "kind"), found=_found_activities, hit=_activity,
)
search.indexed(
    "carrier", "载体", Carrier, order=70, verb=access.VIEW, words=lambda row: f"{row.name} {row.code} {row.aim}",
    rows=lambda: Carrier.everything.only("pk", "name", "code", "aim"),
    found=lambda: Carrier.objects.within(access.VIEW).select_related("organisation").order_by("organisation__path", "code"),
    hit=lambda row: Hit(row.name, row.organisation.name, reverse("carriers:carrier", args=[row.pk])),
)
