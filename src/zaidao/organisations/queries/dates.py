"""Dates that bite, inside the active scope: everything due about people in one query, judged by `decisions.dates`.

Every kind is read in one shape: a date it counts from and how many months after it is due.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from zaidao.core.scope import active, after
from zaidao.engine.structure import months_after
from zaidao.organisations.decisions import dates as judge
from zaidao.organisations.decisions.dates import Clocks, Due
from zaidao.organisations.models import Absence, Objection, Person, Transfer

MOST = 400  # more than anybody reads; the rest is found by organisation
EDIT, TRANSFER, ANSWER = "people.edit", "people.transfer", "people.answer"
CONTACTED = ("mobile", "abroad", "away")
Rows = QuerySet[Any]


def people_due(day: date, clocks: Clocks) -> Q:
    """People with a date of their category near: the end of a probation, an activist's review; unknown dates count as near."""
    return _first(day, clocks) | _extended(day, clocks) | _review(day, clocks)


def _near(kind: str, day: date, clocks: Clocks) -> date:
    return day + timedelta(days=clocks.ahead(kind))


def _first(day: date, clocks: Clocks) -> Q:
    began = months_after(_near(judge.PROBATION, day, clocks), -12 * clocks.probation_years)
    return Q(category="probationary", extended_to=None) & (Q(joined_on=None) | Q(joined_on__lte=began))


def _extended(day: date, clocks: Clocks) -> Q:
    return Q(category="probationary", extended_to__lte=_near(judge.PROBATION, day, clocks))


def _review(day: date, clocks: Clocks) -> Q:
    last = months_after(_near(judge.REVIEW, day, clocks), -clocks.review_months)
    never = Q(reviewed_on=None) & (Q(activist_since=None) | Q(activist_since__lte=last))
    return Q(category="activist", reviewed_on__lte=last) | Q(category="activist") & never


def dues(day: date, clocks: Clocks, *, path: str = "", me: int | None = None, most: int = MOST) -> list[Due]:
    """What is due about people (below `path`), the most overdue first, unknown dates last. One query, at most `most` rows.

    `me`: the user who asks; what they asked for themselves is answered by others.
    """
    parts = [_of_people(day, clocks, path), _contacts(day, clocks, path), *_transfers(day, clocks, path)]
    parts.append(_objections(day, clocks, path, me))
    rows = parts[0].union(*parts[1:], all=True).order_by(F("base").asc(nulls_last=True), "subject")[:most]
    found = [_due(day, row, clocks) for row in rows]
    return sorted(
        (d for d in found if d.kind == judge.RECEIVE or judge.is_due(d.kind, d.on, day, clocks)),
        key=lambda d: (d.on is None, d.on or day, d.kind, d.subject),
    )


def _due(day: date, row: tuple[Any, ...], clocks: Clocks) -> Due:
    kind, subject, who, called, at, base, months = row
    on = months_after(base, months) if base else None
    notice = judge.stage(on, day, clocks) if kind == judge.PROBATION else None
    return Due(kind, on, subject, who, called, at or "", (on - day).days if on else None, notice)


def _shaped(rows: Rows, kind: Any, base: Any, months: Any = 0, *, who: str = "person", at: Any = None) -> Rows:
    """The columns that `_due` takes."""
    inside = "" if who == "pk" else f"{who}__"
    kind = Value(kind, output_field=CharField()) if isinstance(kind, str) else kind
    return rows.order_by().annotate(
        kind_=kind, subject=F("pk"), who=F("pk" if who == "pk" else f"{who}_id"),
        called=F(f"{inside}name"), at=at or F(f"{inside}organisation__name"), base=base,
        months=_number(months) if isinstance(months, int) else months,
    ).values_list("kind_", "subject", "who", "called", "at", "base", "months")


def _number(value: int) -> Value:
    return Value(value, output_field=IntegerField())


def _where(verb: str, field: str, path: str) -> Q:
    """Rows that the active scope may do `verb` to, below `path`, by where the organisation's path stands in them: one condition, for
    whoever may do any of these verbs somewhere sees what is there (tests/organisations/test_dates.py)."""
    reach = active().reach(verb)
    below = Q(**{f"{field}__gte": path, f"{field}__lt": after(path)}) if path else Q()
    return below if path and path.startswith(tuple(reach.subtrees)) else reach.q(field) & below


def _of_people(day: date, clocks: Clocks, path: str) -> Rows:
    """Ends of probations, as extended where they were, and reviews."""
    rows = Person.everything.filter(_where(EDIT, "organisation__path", path), people_due(day, clocks))
    activist, extended = Q(category="activist"), Q(extended_to__isnull=False)
    kind = Case(When(activist, then=Value(judge.REVIEW)), default=Value(judge.PROBATION), output_field=CharField())
    base = Case(When(activist, then=Coalesce("reviewed_on", "activist_since")), When(extended, then=F("extended_to")),
                default=F("joined_on"))
    months = Case(When(activist, then=_number(clocks.review_months)), When(extended, then=_number(0)),
                  default=_number(12 * clocks.probation_years))
    return _shaped(rows, kind, base, months, who="pk")


def _contacts(day: date, clocks: Clocks, path: str) -> Rows:
    """Those away. How often each is to be contacted may differ: of those with a length of their own the last month is read, and judged."""
    usual = Case(When(kind="abroad", then=_number(clocks.abroad_months)), default=_number(clocks.contact_months))
    inside = _where(EDIT, "person__organisation__path", path)
    rows = Absence.everything.filter(inside, Q(until=None) | Q(until__gt=day), kind__in=CONTACTED, since__lte=day)
    last, near = Coalesce("last_contact_on", "since"), _near(judge.CONTACT, day, clocks)
    before = {months: Q(last__lte=months_after(near, -months)) for months in (1, clocks.contact_months, clocks.abroad_months)}
    own, abroad = Q(contact_every_months__isnull=False), Q(contact_every_months=None, kind="abroad")
    others = Q(contact_every_months=None) & ~Q(kind="abroad")
    due = own & before[1] | abroad & before[clocks.abroad_months] | others & before[clocks.contact_months]
    return _shaped(rows.annotate(last=last).filter(due), judge.CONTACT, last,
                   Coalesce("contact_every_months", usual, output_field=IntegerField()))


def _transfers(day: date, clocks: Clocks, path: str) -> list[Rows]:
    """Letters of one's own that run out, and whoever waits to be received."""
    asked = Transfer.everything.filter(state=Transfer.State.ASKED)
    running = asked.filter(_where(TRANSFER, "sender__path", path), valid_until__lte=_near(judge.LETTER, day, clocks))
    coming = asked.filter(_where(TRANSFER, "receiver__path", path))
    return [
        _shaped(running, judge.LETTER, F("valid_until"), at=Coalesce("receiver__name", "outside")),
        _shaped(coming, judge.RECEIVE, F("valid_until"), at=F("sender__name")),
    ]


def _objections(day: date, clocks: Clocks, path: str, me: int | None) -> Rows:
    inside = _where(ANSWER, "person__organisation__path", path)
    rows = Objection.everything.filter(inside, outcome="", due_on__lte=_near(judge.OBJECTION, day, clocks))
    return _shaped(rows.exclude(person__user=me) if me else rows, judge.OBJECTION, F("due_on"))
