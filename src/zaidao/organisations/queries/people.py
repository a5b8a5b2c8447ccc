"""The roster as lists read it: inside the active scope, by filters that an index answers, and who has left it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from zaidao.core import crypto
from zaidao.core.scope import EVERYTHING, WIDTH, Reach, ScopedQuerySet, active, after, tops
from zaidao.engine.schema import CATEGORIES
from zaidao.organisations import names
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.decisions.people import dialled
from zaidao.organisations.models import Absence, Membership, Organisation, Person, Transfer
from zaidao.organisations.models.people import ID_NO, PHONE
from zaidao.organisations.queries.dates import people_due

STATES = {"": "在册", "mobile": "流动", "absent": "外出、病休或停止", "leaving": "转接办理中", "due": "近期有日期", "left": "已离册"}
PLACES = 50  # organisations that a name typed into the filter may stand for


@dataclass(frozen=True)
class Asked:
    """What a list is asked for; empty means all."""

    q: str = ""
    category: str = ""
    organisation: str = ""
    state: str = ""


def people(asked: Asked, day: date, clocks: Clocks) -> ScopedQuerySet:
    """Those on the roster who fit, in the order of the tree. One query more where an organisation is named."""
    rows = Person.objects.select_related("organisation").filter(
        within("organisation__path", asked.organisation), matching(asked.q), _in_state(asked.state, day, clocks),
        organisation__isnull=False,
    )
    if asked.category:
        rows = rows.filter(category=asked.category)
    return rows.order_by("organisation__path", "code")


def page(found: ScopedQuerySet, start: int, end: int, total: int) -> list[Person]:
    """A stretch of a list: two queries, so that the database sorts numbers and not whole rows. Without the sensitive columns.

    `total`: of the whole list. What lies in its second half is read from the end: what comes before it costs as much as the stretch.
    """
    end, numbers = min(end, total), found.values_list("pk", flat=True)
    if start >= end:
        return []
    if start * 2 <= total:
        return of_numbers(list(numbers[start:end]))
    return of_numbers(list(numbers.reverse()[total - end:total - start])[::-1])


def of_numbers(numbers: list[int]) -> list[Person]:
    """People in the order of their numbers, as lists show them. One query, none for nobody."""
    rows = Person.objects.filter(pk__in=numbers).select_related("organisation").defer("id_no", "phone").in_bulk() if numbers else {}
    return [rows[n] for n in numbers if n in rows]


def left_of(numbers: list[int]) -> list[Membership]:
    """Memberships in the order of their numbers, as the list of those who left shows them. One query, none for nobody."""
    rows = Membership.objects.filter(pk__in=numbers).select_related("person", "organisation").defer("person__id_no", "person__phone")
    found = rows.in_bulk() if numbers else {}
    return [found[n] for n in numbers if n in found]


def left(asked: Asked) -> QuerySet[Membership]:
    """Memberships that have ended with nothing after them in the same organisation, the latest first."""
    again = Q(person__organisation__isnull=False) & Q(person__organisation=F("organisation"))
    rows = Membership.objects.filter(
        within("organisation__path", asked.organisation), matching(asked.q, "person__"), until__isnull=False,
    ).exclude(again)
    if asked.category:  # what became of those who are on another's roster now is not told by this filter either
        here = Q(person__organisation=None) | active().reach(Membership.scope_verb).q("person__organisation__path")
        rows = rows.filter(here, person__category=asked.category)
    return rows.order_by("-until", "pk")



def matching(term: str, prefix: str = "") -> Q:
    """People by name, pinyin, initials (either reading of a surname) or code. Chinese: part of the name; letters, digits: beginnings."""
    term = term.strip()
    if not term:
        return Q()
    if names.is_chinese(term):
        return Q(**{f"{prefix}name__contains": term})
    code = Q(**{f"{prefix}code__startswith": term}) | Q(**{f"{prefix}code__startswith": term.upper()})
    typed = names.typed(term)
    if not typed or term.isdigit():
        return code
    columns = ("pinyin", "initials", "pinyin_other", "initials_other")
    for column in columns:
        code |= Q(**{f"{prefix}{column}__startswith": typed})
    return code


def within(field: str, named: str) -> Q:
    """The subtrees of the organisations that a code, else a part of a name, stands for; matches nothing where there is none."""
    named = named.strip()
    if not named:
        return EVERYTHING.q(field)
    found = list(Organisation.objects.filter(Q(code=named) | Q(name__contains=named)).order_by("path").values_list("code", "path")[:PLACES])
    exact = [path for code, path in found if code == named]
    return Reach(frozenset(tops(exact or [path for _, path in found]))).q(field)


def _in_state(state: str, day: date, clocks: Clocks) -> Q:
    """What narrows a list that is scoped already."""
    if state in ("mobile", "absent"):
        rows = Absence.everything.filter(Q(until=None) | Q(until__gt=day), since__lte=day)
        return Q(pk__in=(rows.filter(kind="mobile") if state == "mobile" else rows).order_by().values("person"))
    if state == "leaving":
        return Q(pk__in=Transfer.everything.filter(state=Transfer.State.ASKED).order_by().values("person"))
    return people_due(day, clocks) if state == "due" else Q()


def notes(people: Iterable[Person], day: date) -> dict[int, list[str]]:
    """What is to be known of people in a list: absences that run, transfers that are open. Two queries, however many."""
    numbers = [p.pk for p in people]
    told: dict[int, list[str]] = {n: [] for n in numbers}
    running = Absence.objects.filter(Q(until=None) | Q(until__gt=day), person__in=numbers, since__lte=day)
    for row in running.order_by("pk"):
        told[row.person_id].append(row.get_kind_display())
    for number in Transfer.objects.filter(person__in=numbers, state=Transfer.State.ASKED).values_list("person_id", flat=True):
        told[number].append("转接办理中")
    return told


def looks_sensitive(term: str) -> bool:
    """Whether somebody typed a number into the search that may not stand in an address."""
    digits = term.strip().rstrip("xX")
    return digits.isdigit() and (len(digits) in (17, 18, 15) or (len(digits) == 11 and digits.startswith("1")))


def by_number(number: str) -> Person | None:
    """Whoever has this identity number or phone, inside the active scope; None where there is nobody or several."""
    number = number.strip().upper()
    found = list(Person.objects.filter(
        Q(id_no_index=crypto.blind(number, ID_NO)) | Q(phone_index=crypto.blind(dialled(number), PHONE)),
    )[:2]) if number else []
    return found[0] if len(found) == 1 else None


def _below(path: str, to: str = "") -> Q:
    return Q(**{f"{to}path__gte": path, f"{to}path__lt": after(path)})


def by_category(path: str) -> list[tuple[str, int]]:
    """(category, how many) of those on the roster in a subtree now, categories in the order of the contract. One query."""
    if len(path) == WIDTH:  # nearly everybody: the few elsewhere are left out, instead of looking up where each one is
        inside = Q(organisation__isnull=False) & ~Q(organisation__in=Organisation.everything.exclude(_below(path)).order_by().values("pk"))
    else:
        inside = _below(path, "organisation__")
    whole = active().reach(Person.scope_verb).covers(path)  # then the scope cuts nothing off
    rows = (Person.everything if whole else Person.objects).filter(inside).order_by().values_list("category").annotate(n=Count("*"))
    counts = dict(rows)
    return [(label, counts[code]) for code, label in CATEGORIES.items() if counts.get(code)]
