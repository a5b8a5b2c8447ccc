"""The audit as its administrator searches it."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zaidao.accounts.models import User
from zaidao.core import history
from zaidao.core.history import Told, Wanted
from zaidao.sheets.problem import escaped

MOST_PEOPLE = 200
CHUNK = 1000
HEAD = ("编号", "时间", "人员", "代", "事项", "对象", "组织", "改动", "理由")


def wanted(told: dict[str, Any]) -> Wanted:
    """What the filter asks for. A name that nobody and nothing bears finds nothing, not everything."""
    who, place = told.get("who", "").strip(), told.get("place", "").strip()
    return Wanted(
        people=_people(who) if who else None, paths=history.find_places(place) if place else None, verb=told.get("verb", ""),
        since=told.get("since"), until=told.get("until"),
    )


def _people(text: str) -> tuple[int, ...]:
    found = User.objects.filter(Q(work_no=text) | Q(name__icontains=text)).order_by("pk")
    return tuple(found.values_list("pk", flat=True)[:MOST_PEOPLE])


def csv_of(asked: Wanted, most: int) -> tuple[bytes, int]:
    """The newest acts as a sheet (UTF-8 with BOM, cells that would run as formulas escaped), and how many there are in it."""
    out, count = io.StringIO(newline=""), 0
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for act in _acts(asked, most):
        writer.writerow([escaped(cell) for cell in _row(act)])
        count += 1
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace"), count


def _acts(asked: Wanted, most: int) -> Iterator[Told]:
    """In chunks by number, so that acts of the meantime neither shift nor repeat any."""
    last, left = None, most
    while left > 0:
        rows = history.search(asked)
        chunk = history.told((rows if last is None else rows.filter(pk__lt=last))[:min(CHUNK, left)], with_places=True)
        if not chunk:
            return
        yield from chunk
        last, left = chunk[-1].number, left - len(chunk)


def _row(act: Told) -> tuple[str, ...]:
    changes = ";".join(f"{c.label}:已改动" if c.hidden else f"{c.label}:{_value(c.before)}→{_value(c.after)}" for c in act.changes)
    at = f"{timezone.localtime(act.at):%Y-%m-%d %H:%M:%S}"
    return (str(act.number), at, act.who, act.on_behalf_of, act.what, act.object, act.place, changes, act.reason)


def _value(text: str | None) -> str:
    return "未知" if text is None else text
