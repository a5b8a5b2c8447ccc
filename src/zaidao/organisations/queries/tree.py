"""The tree and its numbers as of any day. Who may look follows from the scope of today; what is shown is of the day.

A day is looked up in `Place` (where an organisation stood), `Naming` (what it was called), memberships, posts and appointments:
a later move, merger or change of name alters nothing of an earlier day.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Substr

from zaidao.core.scope import WIDTH, active, after
from zaidao.engine.schema import ORG_KINDS
from zaidao.organisations import access
from zaidao.organisations.models import Appointment, Link, Membership, Person, Place, Post, Resize, Step

FEW = 8  # subtrees that are counted one by one


def running(day: date, to: str = "") -> Q:
    """Rows that hold on a day; an unknown start counts as long ago."""
    since, until = f"{to}since", f"{to}until"
    return (Q(**{since: None}) | Q(**{f"{since}__lte": day})) & (Q(**{until: None}) | Q(**{f"{until}__gt": day}))


def placed(day: date, to: str = "") -> Q:
    """Rows of a table whose start is always known: links, places, names."""
    return Q(**{f"{to}since__lte": day}) & (Q(**{f"{to}until": None}) | Q(**{f"{to}until__gt": day}))


@dataclass(frozen=True)
class Node:
    """An organisation as it was on a day. `path`: where it stood then."""

    pk: int
    code: str
    name: str
    kind: str
    path: str
    parent: int | None
    standing_today: bool = True

    @property
    def kind_name(self) -> str:
        return ORG_KINDS[self.kind]


@dataclass
class Numbers:
    """What a subtree held on a day. `organisations`: below the node. `filled`: posts' seats in office."""

    organisations: int = 0
    people: dict[str, int] = field(default_factory=dict)
    seats: int = 0
    filled: int = 0

    @property
    def full(self) -> int:
        return self.people.get("full", 0)

    @property
    def probationary(self) -> int:
        return self.people.get("probationary", 0)

    @property
    def others(self) -> int:
        return sum(self.people.values()) - self.full - self.probationary


def _nodes(links: QuerySet[Any], day: date) -> QuerySet[Any]:
    """Links on a day with the place and name of the child on that day."""
    return links.filter(
        placed(day), placed(day, "child__places__"), placed(day, "child__namings__"),
    ).order_by("child__position", "child__places__path").values_list(
        "child_id", "child__code", "child__namings__name", "child__namings__kind", "child__places__path", "parent_id",
        "child__dissolved_on",
    )


def _read(rows: Iterable[tuple[Any, ...]]) -> list[Node]:
    return [Node(pk, code, name, kind, path, parent, gone is None) for pk, code, name, kind, path, parent, gone in rows]


def tops(day: date) -> QuerySet[Any]:
    """Rows of the organisations in scope whose superior of that day is not: where a person's tree begins."""
    outside = ~active().reach(access.VIEW).q("parent__path")
    return _nodes(Link.objects.filter(Q(parent=None) | outside), day)


def level(parent: int, day: date) -> QuerySet[Any]:
    """Rows of the organisations in scope that stood under another on a day."""
    return _nodes(Link.objects.filter(parent=parent), day)


def these(numbers: Collection[int], day: date) -> QuerySet[Any]:
    """Rows of those among some organisations that are in scope and stood on a day."""
    return _nodes(Link.objects.filter(child__in=numbers), day)


def nodes(rows: QuerySet[Any], start: int = 0, size: int | None = None) -> list[Node]:
    """A page of `tops`, `level` or `these`. One query."""
    return _read(rows[start:] if size is None else rows[start:start + size])


def node_as_of(pk: int, day: date) -> Node | None:
    """One organisation in scope as it was on a day; None where it did not stand. One query."""
    return next(iter(_read(_nodes(Link.objects.filter(child=pk), day))), None)


def above(node: Node, day: date) -> list[Node]:
    """The superiors of a node on a day, as far as they are in scope, from the top down. One query."""
    wanted = [int(node.path[i:i + WIDTH]) for i in range(0, len(node.path) - WIDTH, WIDTH)]
    return sorted(_read(_nodes(Link.objects.filter(child__in=wanted), day)), key=lambda n: n.path) if wanted else []


def below(shown: Sequence[Node], day: date) -> dict[int, int]:
    """Node -> how many organisations stood below it on a day. One query where no node stood below another."""
    found = {n.pk: 0 for n in shown}
    for layer in _layers(shown):
        at = {n.path: n.pk for n in layer}
        found |= {at[path]: n - 1 for path, n in _standing(at, day)}
    return found


def _standing(paths: Collection[str], day: date) -> Any:
    return _grouped(Place, placed(day), "path", paths, Count("*"))


def numbers(shown: Sequence[Node], day: date, today: date) -> dict[int, Numbers]:
    """Node -> the numbers of its subtree on a day. Four queries, five for earlier days, for any number of nodes and any size of tree.

    Sums count everything that stood below on the day, in scope today or not: whoever sees a node may know its numbers. Nodes of which
    one stood below the other are counted in turn.
    """
    found = {n.pk: Numbers() for n in shown}
    for layer in _layers(shown):
        _count({n.path: found[n.pk] for n in layer}, day, today)
    return found


def _layers(shown: Sequence[Node]) -> Iterable[list[Node]]:
    """The nodes in groups without one below another."""
    layers: list[list[Node]] = []
    for node in sorted(shown, key=lambda n: n.path):
        for layer in layers:
            if not node.path.startswith(layer[-1].path):
                layer.append(node)
                break
        else:
            layers.append([node])
    return layers


def _count(into: dict[str, Numbers], day: date, today: date) -> None:
    for path, n in _standing(into, day):
        into[path].organisations = n - 1
    for rows in _people(into, day, today):
        for path, category, n in rows:
            into[path].people[category] = into[path].people.get(category, 0) + n
    where, place = _at("organisation__", day, today)
    for path, seats in _grouped(Post, running(day) & where, place, into, Sum("seats" if day == today else seats_then(day))):
        into[path].seats = seats or 0
    where, place = _at("post__organisation__", day, today)
    for path, n in _grouped(Appointment, running(day) & running(day, "post__") & where, place, into, Count("*")):
        into[path].filled = n


def _at(to: str, day: date, today: date) -> tuple[Q, str]:
    """Where organisations stood: the condition, and the field of the path. Of today it stands on the row itself."""
    if day == today:
        return Q(**{f"{to}dissolved_on": None}), f"{to}path"
    return placed(day, f"{to}places__"), f"{to}places__path"


def _people(paths: Collection[str], day: date, today: date) -> Iterable[Any]:
    """Queries of (subtree, category, number): of today from the roster, of earlier days from memberships, dates and changes since."""
    if day == today:
        return [_grouped(Person, Q(), "organisation__path", paths, Count("*"), category=F("category"))]
    where = running(day) & placed(day, "organisation__places__")
    since = Q(person__in=Step.everything.filter(on__gt=day).values("person"))
    return [_grouped(Membership, where & part, "organisation__places__path", paths, Count("*"), category=then)
            for part, then in ((~since, category_then(day)), (since, category_before(day)))]


def seats_then(day: date) -> Coalesce:
    """How many seats a post had on a day: by the first change of them after it, else those of today."""
    later = Resize.everything.filter(post=OuterRef("pk"), on__gt=day).order_by("on")
    return Coalesce(Subquery(later.values("before")[:1]), F("seats"))


def category_before(day: date) -> Subquery:
    """The category that the first change after a day says a membership's person had until then; null where none followed."""
    later = Step.everything.filter(person=OuterRef("person"), on__gt=day).order_by("on", "pk")
    return Subquery(later.values("before")[:1])


def category_then(day: date) -> Case:
    """The category of a membership's person on a day, where no change is on record since: `decisions.category_then` as a query."""
    joined, full, activist = (_by(f"person__{name}", day) for name in ("joined_on", "full_since", "activist_since"))
    member = Q(person__category__in=("full", "probationary"))
    return Case(
        When(Q(person__category="full") & joined & full, then=Value("full")), When(member & joined, then=Value("probationary")),
        When(Q(person__category="candidate") & activist, then=Value("candidate")),
        When(Q(person__activist_since__lte=day) | Q(person__category="activist", person__activist_since=None), then=Value("activist")),
        default=Value("employee"), output_field=CharField(),
    )


def _by(name: str, day: date) -> Q:
    return Q(**{name: None}) | Q(**{f"{name}__lte": day})


def _grouped(model: Any, where: Q, place: str, paths: Collection[str], total: Any, **more: Any) -> Any:
    """(subtree's path, more, total) of the rows inside each subtree, by one query."""
    tops = sorted(paths)

    def rows(inside: Q) -> QuerySet[Any]:
        return model.everything.filter(where & inside).order_by()  # type: ignore[no-any-return]  # one filter: of one and the same place

    if len(tops) <= FEW:  # each subtree by itself: nothing is cut and compared row by row
        parts = [_totals(rows(_range(place, p)), Value(p, output_field=CharField()), total, more) for p in tops]
        return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    return _totals(rows(_inside(place, tops)), _top(place, tops), total, more, tops)


def _totals(rows: QuerySet[Any], top: Any, total: Any, more: dict[str, Any], tops: Sequence[str] = ()) -> Any:
    names = {f"{name}_then": value for name, value in more.items()}
    found = rows.annotate(top=top, **names)
    return (found.filter(top__in=tops) if tops else found).values_list("top", *names).annotate(n=total)


def _top(place: str, tops: Sequence[str]) -> Any:
    """The subtree that a row belongs to: its path cut to one length where all have it, told apart one by one otherwise."""
    lengths = {len(p) for p in tops}
    if len(lengths) == 1:
        return Substr(place, 1, lengths.pop())
    return Case(*[When(_range(place, p), then=Value(p)) for p in tops], output_field=CharField())


def _inside(place: str, tops: Sequence[str]) -> Q:
    parents = {p[:-WIDTH] for p in tops}
    return _range(place, parents.pop()) if len(parents) == 1 else _either(place, tops)


def _range(place: str, path: str) -> Q:
    return Q(**{f"{place}__gte": path, f"{place}__lt": after(path)}) if path else Q()


def _either(place: str, paths: Sequence[str]) -> Q:
    whole = Q()
    for path in paths:
        whole |= _range(place, path)
    return whole
