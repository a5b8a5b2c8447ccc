"""The tree from its links: stretches, paths, cycles, the lock, and random histories against a slow twin."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from tests.organisations.trees import whole
from tests.world import World
from zaidao.core import access, locks
from zaidao.core.errors import Refused
from zaidao.core.scope import WIDTH, segment, system_scope
from zaidao.organisations import tree
from zaidao.organisations.actions import changes
from zaidao.organisations.actions.establish import establish
from zaidao.organisations.actions.move import move
from zaidao.organisations.decisions.placement import UNDER
from zaidao.organisations.decisions.structure_facts import Order, Part
from zaidao.organisations.models import Appointment, Change, Link, Membership, Naming, Organisation, Person, Place, Post, Term
from zaidao.organisations.tree import OPEN, Stretch, Tree, joined

A, B, C, D = date(2020, 1, 1), date(2022, 1, 1), date(2024, 1, 1), date(2026, 1, 1)


def path(*numbers: int) -> str:
    return "".join(map(segment, numbers))


class TestStretches:
    def test_a_path_for_every_superior_one_stood_under(self) -> None:
        made = Tree([(1, None, A, None), (2, 1, A, None), (3, 1, A, C), (3, 2, C, None)])
        assert made.stretches(3) == [Stretch(path(1, 3), A, C), Stretch(path(1, 2, 3), C, OPEN)]
        assert made.path(3) == path(1, 2, 3)

    def test_a_superiors_move_cuts_the_subordinates_stretch(self) -> None:
        made = Tree([(1, None, A, None), (2, None, A, None), (3, 1, A, B), (3, 2, B, None), (4, 3, A, None)])
        assert made.stretches(4) == [Stretch(path(1, 3, 4), A, B), Stretch(path(2, 3, 4), B, OPEN)]

    def test_two_that_changed_places_over_the_years_are_no_cycle(self) -> None:
        made = Tree([(1, None, A, B), (2, 1, A, B), (2, None, B, None), (1, 2, B, None)])
        assert made.stretches(1) == [Stretch(path(1), A, B), Stretch(path(2, 1), B, OPEN)]
        assert made.stretches(2) == [Stretch(path(1, 2), A, B), Stretch(path(2), B, OPEN)]

    def test_below_itself_on_a_single_day_is_a_cycle(self) -> None:
        made = Tree([(1, None, A, B), (1, 2, B, None), (2, 1, A, B + timedelta(days=1)), (2, None, B + timedelta(days=1), None)])
        with pytest.raises(Refused, match="下级之中"):
            made.stretches(1)

    def test_more_levels_than_a_path_can_hold_are_refused(self) -> None:
        rows = [(n, n - 1 or None, A, None) for n in range(1, tree.DEEPEST + 2)]
        assert len(Tree(rows).stretches(tree.DEEPEST)[0].path) == tree.DEEPEST * WIDTH
        with pytest.raises(Refused, match="层级"):
            Tree(rows).stretches(tree.DEEPEST + 1)

    def test_no_place_before_the_superiors_first_day(self) -> None:
        assert Tree([(1, None, B, None), (2, 1, A, None)]).stretches(2) == [Stretch(path(1, 2), B, OPEN)]

    def test_neighbours_of_one_path_are_one(self) -> None:
        assert joined([Stretch("1", A, B), Stretch("1", B, C), Stretch("2", C, D)]) == [Stretch("1", A, C), Stretch("2", C, D)]

    def test_what_stands_outside_is_taken_as_it_stands(self) -> None:
        made = Tree([(2, 1, A, None)], {1: [Stretch(path(9, 1), A, B), Stretch(path(8, 1), B, OPEN)]}, {1: path(8, 1)})
        assert made.stretches(2) == [Stretch(path(9, 1, 2), A, B), Stretch(path(8, 1, 2), B, OPEN)]
        assert made.path(2) == path(8, 1, 2)

    def test_the_path_of_a_dissolved_one_follows_its_last_superior(self) -> None:
        made = Tree([(1, None, A, None), (2, None, A, None), (3, 1, A, C), (3, 2, C, None), (4, 3, A, B)])
        assert (made.path(4), made.stretches(4)) == (path(2, 3, 4), [Stretch(path(1, 3, 4), A, B)])


@pytest.mark.django_db
class TestRebuild:
    def test_a_second_time_changes_nothing_and_writes_nothing(self, django_assert_num_queries: Any) -> None:
        made = world.build()
        everything = [o.pk for o in made.orgs.values()]
        assert tree.rebuild(everything) == 0
        rows = set(Place.everything.values_list("pk", flat=True))
        tree.rebuild([made.orgs["group"].pk])
        assert set(Place.everything.values_list("pk", flat=True)) == rows

    def test_a_move_touches_the_rows_of_its_subtree_only(self) -> None:
        made = world.build()
        before = {p.pk: (p.path, p.until) for p in Place.everything.all()}
        Link.everything.filter(child=made.orgs["company"]).update(until=C)
        Link.everything.create(child=made.orgs["company"], parent=made.orgs["other"], since=C)
        assert tree.rebuild([made.orgs["company"].pk]) == 3
        changed = {p.organisation.code for p in Place.everything.all() if before.get(p.pk) != (p.path, p.until)}
        assert changed == {"O-company", "O-branch", "O-sibling"}
        for key in ("company", "branch", "sibling"):
            assert Organisation.everything.get(code=f"O-{key}").path.startswith(made.orgs["other"].path)

    def test_without_a_transaction_there_is_no_lock(self) -> None:
        with pytest.raises(RuntimeError, match="transaction"), _outside():
            locks.hold(tree.LOCK)


@contextmanager
def _outside() -> Iterator[None]:
    """As if no transaction were open."""
    held, connection.in_atomic_block = connection.in_atomic_block, False
    try:
        yield
    finally:
        connection.in_atomic_block = held


# Random histories.

EVENTS = (
    "establish", "establish", "rename", "rekind", "move", "move", "merge", "merge_new", "split", "dissolve", "person", "move", "dissolve",
)
STEP = st.tuples(st.sampled_from(EVENTS), st.integers(0, 40), st.integers(0, 40), st.integers(-20, 40))  # last: days since the step before
START = date(2025, 4, 1)  # a month after the last facts of the tests' world
KINDS = ("committee", "general_branch", "branch", "group")


@contextmanager
def undone() -> Iterator[None]:
    """A savepoint that is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=7, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=8, max_size=14))
def test_random_histories_keep_what_must_hold(steps: list[tuple[str, int, int, int]]) -> None:
    with undone():
        made, day = world.build(), START
        for n, (event, a, b, days) in enumerate(steps):
            day += timedelta(days=days)
            before = twin_places(day - timedelta(days=1))
            access.forget(made.users["head"])
            with transaction.atomic(), system_scope("test"):
                try:
                    happen(made, event, a, b, day, n)
                except (Refused, access.Denied):
                    transaction.set_rollback(True)
            assert twin_places(day - timedelta(days=1)) == before, "a change rewrote a day before it took effect"
        hold_true()


def happen(made: World, event: str, a: int, b: int, day: date, n: int) -> None:
    """One event, on organisations picked by number among those where it has a chance; some are refused all the same."""
    head, paper = made.users["head"], {"effective_on": day, "document_no": f"{n}号"}
    standing = list(Organisation.everything.filter(dissolved_on=None).order_by("pk"))
    below = standing[1:] or standing  # all but the top may be gone
    one = below[a % len(below)]
    if event == "person":
        world.person(f"R-{n}", "某", one)
        return
    if event == "establish":
        kind = KINDS[a % 4]
        establish(actor=head, name=f"新{n}", kind=kind, parent=picked(standing, UNDER[kind], b).pk, **paper)
        return
    changes.make(actor=head, order=asked(event, one, standing, b, n, **paper))


def picked(standing: list[Organisation], kinds: tuple[str, ...], b: int) -> Organisation:
    fit = [o for o in standing if o.kind in kinds] or standing
    return fit[b % len(fit)]


def asked(event: str, one: Organisation, standing: list[Organisation], b: int, n: int, **paper: Any) -> Order:
    others = [o for o in standing if o.pk != one.pk]
    above, beside = picked(others, UNDER[one.kind], b), picked(others, (one.kind,), b)
    two = above if b % 3 == 0 else beside
    if event == "split":
        return Order("split", organisations=(one.pk,), parts=parts(one, n)[b % 2:], keep=bool(b % 2), **paper)
    if event == "merge_new":
        parent = Link.everything.get(child=one, until=None).parent_id
        return Order("merge", organisations=tuple(sorted({one.pk, beside.pk})), name=f"合{n}", form="固定", parent=parent, **paper)
    orders = {
        "rename": {"name": f"改{n}"}, "rekind": {"org_kind": KINDS[b % 4], "form": "固定"}, "move": {"target": above.pk},
        "merge": {"target": beside.pk}, "dissolve": {"target": two.pk},
    }
    return Order(event, organisations=(one.pk,), **paper, **orders[event])  # type: ignore[arg-type]


def parts(one: Organisation, n: int) -> tuple[Part, Part]:
    people = list(Person.everything.filter(organisation=one).order_by("pk").values_list("pk", flat=True))
    posts = tuple(Post.everything.filter(organisation=one, until=None).values_list("pk", flat=True))
    children = tuple(Link.everything.filter(parent=one, until=None).values_list("child_id", flat=True))
    half = len(people) // 2
    return Part(f"甲{n}", tuple(people[:half]), posts), Part(f"乙{n}", tuple(people[half:]), (), children)


def twin_places(day: date) -> dict[int, str]:
    """Organisation -> path on a day, by walking the links of that day upwards; nobody who hangs in the air."""
    above = {
        child: parent for child, parent, since, until in Link.everything.values_list("child_id", "parent_id", "since", "until")
        if since <= day and (until is None or day < until)
    }
    found = {}
    for start in above:
        trail: list[int] = []
        number: int | None = start
        while number is not None and number in above:
            assert number not in trail, f"a cycle on {day}"
            trail.append(number)
            number = above[number]
        if number is None:
            found[start] = "".join(segment(n) for n in reversed(trail))
    return found


def hold_true() -> None:
    """What must hold whatever happened."""
    places: dict[int, list[Place]] = defaultdict(list)
    for place in Place.everything.all():
        places[place.organisation_id].append(place)
    edges = {d for row in Link.everything.values_list("since", "until") for d in row if d}
    for day in {d - timedelta(days=back) for d in edges for back in (0, 1)} | {date(2026, 6, 1)}:
        stored = {n: p.path for n, ps in places.items() for p in ps if p.since <= day and (p.until is None or day < p.until)}
        assert stored == twin_places(day)
        with system_scope("test"):
            assert {n.pk: n.path for n in whole(day)} == stored
    open_links = list(Link.everything.filter(until=None).values_list("child_id", flat=True))
    standing = set(Organisation.everything.filter(dissolved_on=None).values_list("pk", flat=True))
    assert len(open_links) == len(set(open_links))
    assert set(open_links) == standing == set(Naming.everything.filter(until=None).values_list("organisation_id", flat=True))
    paths = dict(Organisation.everything.values_list("pk", "path"))
    for child, parent in Link.everything.filter(until=None).values_list("child_id", "parent_id"):
        assert paths[child] == (paths[parent] if parent else "") + segment(child)
    people_hold_true(standing)


def people_hold_true(standing: set[int]) -> None:
    """Everybody belongs to one standing organisation at a time; nothing runs on in one that has ended."""
    rows: dict[int, list[Membership]] = defaultdict(list)
    for row in Membership.everything.order_by("since", "until"):
        rows[row.person_id].append(row)
    for person in Person.everything.exclude(organisation=None):
        held = [r for r in rows[person.pk] if r.until is None]
        assert [r.organisation_id for r in held] == [person.organisation_id]
        assert person.organisation_id in standing
        for earlier, later in zip(rows[person.pk], rows[person.pk][1:], strict=False):
            assert earlier.until == later.since
    ended = Organisation.everything.exclude(dissolved_on=None)
    assert not Post.everything.filter(organisation__in=ended, until=None).exists()
    assert not Appointment.everything.filter(post__organisation__in=ended, until=None).exists()
    assert not Term.everything.filter(organisation__in=ended, ended_on=None).exists()


# Two at once.


@pytest.fixture
def crossed(transactional_db: None) -> dict[str, Organisation]:
    """Two committees with one below each, and two ways to move that together make a cycle."""
    made = world.build()
    how = {"actor": made.users["head"], "kind": "committee", "effective_on": A, "document_no": "1号"}
    below = (("left", "company"), ("right", "other"))
    return made.orgs | {name: establish(name=name, parent=made.orgs[parent].pk, **how) for name, parent in below}


def both(crossed: dict[str, Organisation], before: Callable[[], None] = lambda: None) -> list[str]:
    """company under right and other under left, in two threads at once; what became of each. `before` runs in each thread."""
    told: list[str] = []
    ready = threading.Barrier(2, timeout=20)

    def run(what: str, under: str) -> None:
        try:
            before()
            head = _head()
            ready.wait()
            move(actor=head, organisation=crossed[what].pk, parent=crossed[under].pk, effective_on=C, document_no="2号")
            told.append("made")
        except Exception as error:
            told.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=args) for args in (("company", "right"), ("other", "left"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(told)


def _head() -> Any:
    return Appointment.everything.get(person__code="C-head").person.user


def test_two_moves_at_once_make_no_cycle(crossed: dict[str, Organisation]) -> None:
    assert both(crossed) == ["Refused", "made"]
    assert twin_places(D).keys() == {o.pk for o in crossed.values()}


@pytest.mark.parametrize("order", [("company", "right", "other", "left"), ("other", "left", "company", "right")])
def test_one_after_the_other_the_second_is_refused(crossed: dict[str, Organisation], order: tuple[str, str, str, str]) -> None:
    first, under, second, beneath = order
    how = {"actor": _head(), "effective_on": C, "document_no": "2号"}
    move(organisation=crossed[first].pk, parent=crossed[under].pk, **how)
    with pytest.raises(Refused, match="下级"):
        move(organisation=crossed[second].pk, parent=crossed[beneath].pk, **how)


def test_without_the_lock_they_do_not_both_end_well(crossed: dict[str, Organisation], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is what keeps the two apart. Without it both judge a tree in which the other has not moved, and each then waits for
    rows that the other holds: PostgreSQL breaks one off. SQLite's lock is that transactions begin IMMEDIATE: beginning late, both read
    before either writes, and one breaks off as well. With it one is refused in words, as the test above says.
    """
    meet = threading.Barrier(2, timeout=20)
    judged = changes.structure.changes.preview

    def seen(*args: Any) -> Any:
        found = judged(*args)
        meet.wait()
        return found

    monkeypatch.setattr(locks, "hold", lambda name: None)
    monkeypatch.setattr(changes.structure.changes, "preview", seen)
    assert both(crossed, before=_begin_late) == ["OperationalError", "made"]


def _begin_late() -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]


def test_the_same_confirmation_twice_at_once_is_one_change(crossed: dict[str, Organisation]) -> None:
    order = Order("move", C, "2号", (crossed["left"].pk,), target=crossed["other"].pk)
    token = changes.structure.preview(_head(), order).token
    told: list[Any] = []
    ready = threading.Barrier(2, timeout=20)

    def run() -> None:
        try:
            head = _head()
            ready.wait()
            told.append(changes.make(actor=head, order=order, token=token).pk)
        except Exception as error:
            told.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == [Change.everything.get(kind="move").pk] * 2
