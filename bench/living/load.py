"""Writes the invented group into an empty database of either kind, table by table, and lets the statistics be taken.

`load(Shape(), day)` takes a few minutes and about 300 MB for 150,000 people: rows are made and written `BATCH` at a time.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from bench.living.people import Rows
from bench.living.shape import Node, Shape, plan
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import audit, seal
from zaidao.core.scope import system_scope
from zaidao.organisations import tree
from zaidao.organisations.models import (
    Absence,
    Appointment,
    Change,
    HandOver,
    Link,
    Membership,
    Naming,
    Organisation,
    Person,
    Place,
    Post,
    Step,
    Term,
    Transfer,
)

BATCH = 2_000  # rows of one statement
HOME = {  # posts by kind of organisation: title, seats
    "committee": (("书记", 1), ("副书记", 2), ("组织委员", 1), ("宣传委员", 1), ("纪检委员", 1), ("党务干事", 1)),
    "general_branch": (("书记", 1), ("副书记", 1), ("组织委员", 1), ("宣传委员", 1)),
    "branch": (("书记", 1), ("副书记", 1), ("组织委员", 1), ("宣传委员", 1), ("纪检委员", 1)), "group": (("组长", 1),),
}
YEARS = {"committee": 5, "general_branch": 3, "branch": 3}
Tell = Callable[[str], None]


def load(shape: Shape, day: date, tell: Tell = lambda _: None) -> None:
    """Write everything. The database holds no organisations yet."""
    began = time.perf_counter()

    def told(what: str) -> None:
        tell(f"{time.perf_counter() - began:6.0f} s  {what}")

    with transaction.atomic(), system_scope("the bench writes its world"):
        nodes = plan(shape, day)
        standing = organisations(nodes, day, told)
        roster = Rows(shape, day, nodes, standing)
        write_people(roster, told)
        write_posts(shape, day, nodes, standing, roster, told)
        _administrators()
    if shape.audited:
        _audit(told)
    analyse()
    told("statistics taken")


def organisations(nodes: list[Node], day: date, told: Tell) -> list[Organisation]:
    """Organisations with their links, names, terms and changes; the derived places and paths by the tree's own function."""
    made = [
        Organisation(code=n.code, name=n.name, kind=n.kind, established_on=n.since, dissolved_on=n.until, unit="海澜集团",
                     headcount=None if n.kind == "group" else 20 + i % 90, position=i)
        for i, n in enumerate(nodes)
    ]
    write(Organisation, made)
    write(Link, _links(nodes, made))
    write(Naming, _namings(nodes, made))
    write(Term, _terms(nodes, made, day))
    write(Change, [Change(organisation=o, kind="move", effective_on=n.moved_on, document_no=f"海澜组〔{n.moved_on.year}〕{i}号",
                          detail={"before": nodes[n.before].name, "after": nodes[n.parent or 0].name})
                   for i, (n, o) in enumerate(zip(nodes, made, strict=True)) if n.before is not None and n.moved_on])
    told(f"{len(made)} organisations")
    tree.rebuild([o.pk for o in made])
    paths = dict(Organisation.everything.values_list("pk", "path"))
    for row in made:
        row.path = paths[row.pk]
    told(f"{Place.everything.count()} places by tree.rebuild")
    return made


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


def write(model: Any, rows: Iterable[Any]) -> None:
    for part in batched(rows, BATCH):
        model._base_manager.bulk_create(part)


def _links(nodes: list[Node], made: list[Organisation]) -> Iterator[Link]:
    for node, row in zip(nodes, made, strict=True):
        parent = None if node.parent is None else made[node.parent]
        if node.before is not None and node.moved_on:
            yield Link(child=row, parent=made[node.before], since=node.since, until=node.moved_on)
        yield Link(child=row, parent=parent, since=node.moved_on or node.since, until=node.until)


def _namings(nodes: list[Node], made: list[Organisation]) -> Iterator[Naming]:
    """One in thirty was called otherwise before."""
    for i, (node, row) in enumerate(zip(nodes, made, strict=True)):
        renamed = node.since + timedelta(days=400 + i % 700)
        if i % 30 == 7 and node.until is None and node.since < renamed < made_last(nodes):
            yield Naming(organisation=row, name=f"{node.name}(旧称)", kind=node.kind, since=node.since, until=renamed)
            yield Naming(organisation=row, name=node.name, kind=node.kind, since=renamed)
        else:
            yield Naming(organisation=row, name=node.name, kind=node.kind, since=node.since, until=node.until)


def made_last(nodes: list[Node]) -> date:
    """Two years after the beginning: names changed before."""
    return nodes[0].since + timedelta(days=730)


def _terms(nodes: list[Node], made: list[Organisation], day: date) -> Iterator[Term]:
    """The running term, about one in twenty over; and the one before it where it began before."""
    for i, (node, row) in enumerate(zip(nodes, made, strict=True)):
        if node.kind == "group":
            continue
        started = term_start(i, node, day)
        if started > node.since + timedelta(days=200) and node.until is None:
            yield Term(organisation=row, started_on=node.since, ended_on=started)
        yield Term(organisation=row, started_on=started, ended_on=node.until, years=None if i % 3 else YEARS[node.kind])


def term_start(i: int, node: Node, day: date) -> date:
    """When the running term began."""
    if node.until or node.kind == "group":
        return node.since
    age = (i * 37) % int(365 * YEARS[node.kind] * 1.05)
    return max(node.since, day - timedelta(days=age + 1))


def write_people(roster: Rows, told: Tell) -> None:
    """People and what stands around them, a batch at a time."""
    for part in batched(roster.people(), BATCH):
        write(User, [p.user for p in part if p.user])
        write(Person, part)
        for model, rows in roster.around(part):
            write(model, rows)
    told(f"{Person.everything.count()} people, {Membership.everything.count()} memberships, {Step.everything.count()} steps, "
         f"{Absence.everything.count()} absences, {Transfer.everything.count()} transfers, {User.objects.count()} users")


def write_posts(shape: Shape, day: date, nodes: list[Node], made: list[Organisation], roster: Rows, told: Tell) -> None:
    """Posts, who holds them and who held them before, and hand-over lists of those that ended lately."""
    draw = random.Random(shape.seed + 1)
    posts = [Post(organisation=row, title=title, domain="party", seats=seats, since=node.since, until=node.until)
             for node, row in zip(nodes, made, strict=True) for title, seats in HOME[node.kind]]
    write(Post, posts)
    place = {row.pk: i for i, row in enumerate(made)}
    by_org: dict[int, list[Post]] = defaultdict(list)
    for post in posts:
        by_org[post.organisation_id].append(post)
    write(Appointment, (a for number, found in by_org.items()
                        for a in _appointments(draw, nodes[place[number]], place[number], found, roster, day)))
    ended = Appointment.everything.filter(until__gt=day - timedelta(days=40), until__lte=day).order_by("pk")
    write(HandOver, [HandOver(appointment=a, items=[{"text": "会议记录"}, {"text": "党费账册"}]) for a in ended if a.pk % 3 == 0])
    told(f"{len(posts)} posts, {Appointment.everything.count()} appointments, {HandOver.everything.count()} hand-overs")


def _appointments(draw: random.Random, node: Node, i: int, posts: list[Post], roster: Rows, day: date) -> Iterator[Appointment]:
    """For each post whoever holds it since the running term, and those of the years before it; 3 % stand empty."""
    pool = roster.pool(i)
    fresh = term_start(i, node, day)
    picked = draw.sample(pool, min(len(pool), 3 * len(posts)))
    for k, post in enumerate(posts):
        holders = picked[k::len(posts)]
        began = node.since
        for past, person in enumerate(holders[1:]):
            until = node.until or (fresh if past == len(holders) - 2 else began + (fresh - began) / 2)
            if began < until:
                yield Appointment(post=post, person_id=person, since=began, until=until, full_time="no", end_reason="换届")
            began = until
        if holders and node.until is None and (draw.random() > 0.03 or i == 0):
            yield Appointment(post=post, person_id=holders[0], since=fresh, full_time="yes" if post.title == "党务干事" else "no")


def _administrators() -> None:
    for duty in AdminDuty.Duty.values:
        user = User.objects.create(work_no=f"admin-{duty}", name=f"管理员{duty}", password="!")
        AdminDuty.objects.create(user=user, duty=duty)


def _audit(told: Tell) -> None:
    """The record of how it came about: an entry a person and an appointment, sealed."""
    _recorded(Person, "people.register", "organisation__path", "organisation_id")
    _recorded(Appointment, "posts.appoint", "post__organisation__path", "post_id")
    told(f"{audit.Entry.objects.count()} audit entries")
    told(f"{seal.seal()} entries sealed")


def _recorded(model: Any, verb: str, path: str, what: str) -> None:
    rows = model.everything.order_by("pk").values_list("pk", path, what)
    for part in batched(rows.iterator(BATCH), BATCH):
        acts = [(model(pk=pk), where or "", {"organisation": [None, number]}) for pk, where, number in part]
        audit.record_many(None, verb, acts, reason="台账导入")


def analyse() -> None:
    """What a running PostgreSQL does of itself some time after a load, and SQLite when it is told to."""
    whole = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if whole else "ANALYZE")
