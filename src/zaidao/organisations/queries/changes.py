"""What a structural change is judged on: the facts of the organisations it concerns, counted at this moment. At most eleven queries,
besides those of upper modules for what they say.

Unscoped: whoever asks has authorised the change. `preview` shows counts and names of organisations, never of persons.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import F, Max, Min, OuterRef, Q, Subquery

from zaidao.core.scope import after, numbers
from zaidao.organisations import consequences
from zaidao.organisations.decisions import structure_changes
from zaidao.organisations.decisions.structure_changes import Preview, World
from zaidao.organisations.decisions.structure_facts import Child, Order, Subject
from zaidao.organisations.models import Appointment, Change, Link, Membership, Naming, Organisation, Person, Post, Term, Transfer

Numbers = Collection[int]
VOID = Q(until=F("since"))  # registered by mistake: no day of office


def preview(order: Order, today: date) -> Preview:
    """What the order would do today, or why it cannot be."""
    return structure_changes.preview(order, world(order, today), consequences.of)


def world(order: Order, today: date) -> World:
    """The organisations of an order: those it is about with everything counted, the others with what placing asks."""
    about = set(order.organisations)
    rows = _rows(about | {n for n in (order.target, order.parent) if n}, today)
    rows |= _rows({r["parent"] for pk, r in rows.items() if pk in about and r["parent"]} - set(rows), today)
    counted = _counted(about, order.effective_on)
    if order.kind == "split":
        counted = {pk: found | _ties(rows[pk]["path"], pk, order.effective_on, found["mark"]) for pk, found in counted.items()}
    subjects = {pk: _subject(row, counted.get(pk, {}), moves=order.kind == "move" and pk in about) for pk, row in rows.items()}
    parents = {order.target, order.parent} | {rows[pk]["parent"] for pk in about}
    return World(subjects, today, _names(parents))


def _latest(model: Any, to: str, name: str, *where: Q, least: bool = False) -> Subquery:
    """The latest (or first) day of a field among an organisation's rows."""
    rows = model.everything.filter(*where, **{to: OuterRef("pk")}).order_by().values(to)
    return Subquery(rows.annotate(day=(Min if least else Max)(name)).values("day"))


def _rows(pks: Numbers, today: date) -> dict[int, dict[str, Any]]:
    """Organisation -> its own fields and the days that bear on it. One query."""
    if not pks:
        return {}
    standing = Link.everything.filter(child=OuterRef("pk"), until=None)
    past, begun = Q(until__lte=today), Q(since__lte=today)
    rows = Organisation.everything.filter(pk__in=pks).annotate(
        parent=Subquery(standing.values("parent")), linked=Subquery(standing.values("since")),
        first=_latest(Link, "child", "since", least=True), last_link=_latest(Link, "child", "since"),
        named=_latest(Naming, "organisation", "since"), changed=_latest(Change, "organisation", "effective_on"),
        used_in=_latest(Membership, "organisation", "since"), used_out=_latest(Membership, "organisation", "until", past),
        used_post=_latest(Post, "organisation", "since", begun),
        used_held=_latest(Appointment, "post__organisation", "since", begun & ~VOID),
        used_left=_latest(Appointment, "post__organisation", "until", past & ~VOID), used_term=_latest(Term, "organisation", "started_on"),
        used_sent=_latest(Transfer, "sender", "issued_on"), used_asked=_latest(Transfer, "receiver", "issued_on"),
        used_child=_latest(Link, "parent", "since"), used_gone=_latest(Link, "parent", "until"),
        term_open=Subquery(Term.everything.filter(organisation=OuterRef("pk"), ended_on=None).values("pk")[:1]),
    )
    return {row["id"]: dict(row) for row in rows.values()}


def _subject(row: dict[str, Any], counted: dict[str, Any], *, moves: bool) -> Subject:
    changed = [day for day in (row["last_link"], row["named"], row["changed"]) if day]
    used = [day for name, day in row.items() if name.startswith("used_") and day]
    below, people_below = _subtree(row["path"]) if moves else (0, 0)
    mark = f"{row['version']} {row['name']} {row['kind']} {row['form']} {row['path']} {row['term_open']} {counted.pop('mark', '')}"
    return Subject(
        pk=row["id"], name=row["name"], kind=row["kind"], form=row["form"], path=row["path"], parent=row["parent"],
        standing=row["dissolved_on"] is None, since=row["established_on"], first_on=row["first"] or date.min,
        linked_on=row["linked"] or date.min, changed_on=max(changed, default=date.min), used_on=max(used, default=None),
        term_open=row["term_open"] is not None, below=below, people_below=people_below,
        mark=hashlib.sha256(mark.encode()).hexdigest(), **counted,
    )


def _subtree(path: str) -> tuple[int, int]:
    """How many organisations stand below, and how many people belong to the whole subtree. Two queries."""
    inside = {"path__gte": path, "path__lt": after(path)}
    organisations = Organisation.everything.filter(dissolved_on=None, **inside).exclude(path=path).count()
    return organisations, Person.everything.filter(organisation__path__gte=path, organisation__path__lt=after(path)).count()


def _counted(pks: Numbers, day: date) -> dict[int, dict[str, Any]]:
    """Organisation -> people, posts, appointments, letters, children as they stand, with a digest of exactly which. Five queries."""
    open_on = Q(until=None) | Q(until__gt=day)
    people = _by(Person.everything.filter(organisation__in=pks).values_list("organisation_id", "pk", "category", "version"))
    posts = _by(Post.everything.filter(open_on, organisation__in=pks).values_list("organisation_id", "pk", "title"))
    held = _by(Appointment.everything.filter(open_on & ~VOID, post__organisation__in=pks).values_list(
        "post__organisation_id", "pk", "version"))
    children = _by(Link.everything.filter(parent__in=pks, until=None).order_by("child__path").values_list(
        "parent_id", "child_id", "child__name", "child__kind", "child__form"))
    letters = list(Transfer.everything.filter(Q(sender__in=pks) | Q(receiver__in=pks), state=Transfer.State.ASKED).values_list(
        "sender_id", "receiver_id", "pk"))
    found = {}
    for pk in pks:
        sent, incoming = [n for s, _, n in letters if s == pk], [n for _, r, n in letters if r == pk]
        exactly = [sorted(people[pk]), sorted(posts[pk]), sorted(held[pk]), sorted(children[pk]), sorted(sent), sorted(incoming)]
        found[pk] = {
            "people": {n: category for n, category, _ in people[pk]}, "posts": dict(posts[pk]), "in_office": len(held[pk]),
            "sent": len(sent), "incoming": len(incoming), "children": tuple(Child(*c) for c in children[pk]), "mark": str(exactly),
        }
    return found


def _ties(path: str, pk: int, day: date, mark: str) -> dict[str, Any]:
    """The Party posts that an organisation's people hold in it and below. One query."""
    held = Appointment.everything.filter(
        (Q(until=None) | Q(until__gt=day)) & ~VOID, person__organisation=pk, post__domain__in=("party", ""),
        post__organisation__path__gte=path, post__organisation__path__lt=after(path))
    rows = held.order_by("pk").values_list("person_id", "post_id", "post__organisation__path")
    ties = tuple((person, post, next(iter(numbers(below[len(path):])), 0)) for person, post, below in rows)
    return {"ties": ties, "mark": f"{mark} {ties}"}


def _by(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Any]]:
    """Rows by their first value."""
    found: dict[int, list[Any]] = defaultdict(list)
    for first, *rest in rows:
        found[first].append(tuple(rest))
    return found


def _names(parents: Collection[int | None]) -> dict[int | None, frozenset[str]]:
    """Superior (None: the top) -> the names of what stands under it. One query."""
    under = Q(parent__in=[p for p in parents if p]) | (Q(parent=None) if None in parents else Q(pk__in=()))
    found: dict[int | None, set[str]] = defaultdict(set)
    for parent, name in Link.everything.filter(under, until=None).values_list("parent_id", "child__name"):
        found[parent].add(name)
    return {parent: frozenset(names) for parent, names in found.items()}
