"""Duties follow what they stand on: whose rows are laid out anew, at once where few are concerned, by a job where many."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from zaidao.core import tasks
from zaidao.institutions.actions.laying import CHUNK, Past, lay_out
from zaidao.institutions.decisions.laying import months_between, span
from zaidao.institutions.models import Institution, Waiting
from zaidao.institutions.queries import past
from zaidao.organisations.queries import bound

AT_ONCE = 60  # organisations that are laid out while somebody waits
BELOW, EVERYBODY, SOON = "institutions.lay_out_below", "institutions.lay_out", "institutions.catch_up"
BACK = "institutions.lay_out_back"
MINUTE = timedelta(minutes=1)


def relay(organisations: Collection[int] | None, today: date | None = None) -> dict[str, int]:
    """Lay out the running and the coming periods of these organisations (None: of all)."""
    first, months = span(today or timezone.localdate())
    return lay_out(organisations, first, months)


def relay_in_parts(organisations: list[int], tell: tasks.Tell) -> None:
    """The same, telling how far it is."""
    for start in range(0, len(organisations), CHUNK):
        tell(start / len(organisations), "正在列出应办事项")
        relay(organisations[start:start + CHUNK])


def relay_below(organisation: int) -> None:
    """Those of an organisation and all below it."""
    numbers = bound.whole([organisation])
    if len(numbers) <= AT_ONCE:
        relay(numbers)
    else:
        tasks.enqueue_once(BELOW, organisation)


def relay_back(institution: Institution) -> None:
    """The periods that are over, for an institution that was adopted or repealed with a date in the past."""
    first = past.first_month(institution)
    if first is None:
        return
    if len(bound.whole([institution.organisation_id])) <= AT_ONCE:
        lay_back(institution.pk, lambda *_: None)
    else:
        tasks.enqueue_once(BACK, institution.pk)


def lay_back(institution: int, tell: tasks.Tell) -> None:
    """The same, telling how far it is. Begun again it changes nothing."""
    about = Institution.everything.select_related("organisation").get(pk=institution)
    first = past.first_month(about)
    if first is None:
        return
    top, running = about.organisation, timezone.localdate().replace(day=1)
    which, subjects = Past(f"clause:{about.code}|", first, bound.came_under(top.pk, top.path)), past.subjects(about)
    everybody = bound.whole([top.pk])
    for start in range(0, len(everybody), CHUNK):
        tell(start / len(everybody), "正在列出以往的应办事项")
        lay_out(everybody[start:start + CHUNK], first, months_between(first, running), subjects=subjects, past=which)


def relay_everybody() -> None:
    tasks.enqueue_once(EVERYBODY, 0)


def relay_ended(ended: Iterable[tuple[int, date]]) -> None:
    """The periods that are over since organisations (numbers) ended: nobody is asked for what nobody was there to do."""
    running = timezone.localdate().replace(day=1)
    for organisation, day in ended:
        first = day.replace(day=1)
        if first < running:
            lay_out([organisation], first, months_between(first, running))


def relay_soon(organisations: Collection[int]) -> None:
    """Those that something happened to, within two minutes: an import says of thousands, many times over, that they changed."""
    if not organisations:
        return
    Waiting.everything.bulk_create([Waiting(organisation_id=pk) for pk in sorted(organisations)], batch_size=CHUNK, ignore_conflicts=True)
    now = timezone.now().replace(second=0, microsecond=0)
    tasks.enqueue(SOON, 0, key=f"{SOON}:{now.isoformat()}", run_after=now + MINUTE)


def catch_up() -> int:
    """Lay out those that wait; returns how many did. What happens to one meanwhile lets it wait again."""
    done = 0
    while numbers := _some():
        done += numbers
    return done


@transaction.atomic
def _some() -> int:
    rows = list(Waiting.everything.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:CHUNK])
    Waiting.everything.filter(pk__in=[row.pk for row in rows]).delete()
    if rows:
        relay([row.organisation_id for row in rows])
    return len(rows)
