"""The tree and its numbers as of any day: what was, stays, whoever looks; who may look follows from today."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.organisations.trees import whole
from tests.world import World
from zaidao.core import access, scope
from zaidao.core.errors import Refused
from zaidao.organisations.actions import appointments, changes, people, posts, standing, transfers
from zaidao.organisations.actions.establish import establish
from zaidao.organisations.actions.merge import merge
from zaidao.organisations.actions.move import move
from zaidao.organisations.actions.rename import rename
from zaidao.organisations.decisions.category_then import category_then
from zaidao.organisations.decisions.structure_facts import Order, Part
from zaidao.organisations.models import Appointment, Membership, Organisation, Person, Post, Step
from zaidao.organisations.queries import tree
from zaidao.organisations.tree import rebuild

pytestmark = pytest.mark.django_db
DAY, EARLIER = date(2026, 3, 1), date(2025, 6, 30)
PAPER = {"effective_on": DAY, "document_no": "党字〔2026〕1号"}


@pytest.fixture
def made() -> World:
    return world.build()


def seen(made: World, who: str, day: date) -> dict[str, tuple[str, tree.Numbers]]:
    """Code -> name and numbers of everything that somebody sees in the tree of a day."""
    with scope.scope(access.holder(made.users[who])):
        nodes = whole(day)
        counted = tree.numbers(nodes, day, timezone.localdate())
        return {n.code: (n.name, counted[n.pk]) for n in nodes}


def again(made: World, who: str, day: date) -> dict[str, tuple[str, tree.Numbers]]:
    access.forget(made.users[who])
    return seen(made, who, day)


def test_numbers_of_a_day_count_the_subtree(made: World) -> None:
    told = seen(made, "head", EARLIER)
    name, numbers = told["O-company"]
    assert (name, numbers.organisations, numbers.people, numbers.full, numbers.seats, numbers.filled) == (
        "一公司党委", 2, {"full": 7}, 7, 3, 3)
    assert told["O-group"][1].people == {"full": 12}
    assert told["O-quay"][1].organisations == 0


def test_today_says_the_same_by_the_roster_as_by_memberships(made: World) -> None:
    today = timezone.localdate()
    with scope.scope(access.holder(made.users["head"])):
        nodes = whole(today)
        assert tree.numbers(nodes, today, today) == tree.numbers(nodes, today, date(1990, 1, 1))


def test_a_move_leaves_last_years_numbers_as_they_were(made: World) -> None:
    before = seen(made, "head", EARLIER)
    move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk, **PAPER)
    assert again(made, "head", EARLIER) == before
    now = again(made, "head", DAY)
    assert (now["O-company"][1].organisations, now["O-other"][1].organisations) == (1, 2)


def test_a_merger_and_a_new_name_leave_the_past_as_it_was(made: World) -> None:
    before = seen(made, "head", EARLIER)
    earlier = {"effective_on": date(2026, 2, 1), "document_no": "0号"}
    rename(actor=made.users["head"], organisation=made.orgs["sibling"].pk, name="生产支部", **earlier)
    merge(actor=made.users["head"], sources=[made.orgs["branch"].pk], target=made.orgs["sibling"].pk, **PAPER)
    assert again(made, "head", EARLIER) == before
    now = again(made, "head", DAY)
    assert "O-branch" not in now
    assert (now["O-sibling"][0], now["O-sibling"][1].people) == ("生产支部", {"full": 5})


def test_the_scope_of_today_says_who_looks(made: World) -> None:
    """The superior no longer sees the branch that left, not even in the tree of last year; its own sums of that day stay."""
    before = seen(made, "superior", EARLIER)
    assert set(before) == {"O-company", "O-branch", "O-sibling"}
    move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk, **PAPER)
    after = again(made, "superior", EARLIER)
    assert set(after) == {"O-company", "O-sibling"}
    assert after["O-company"] == before["O-company"]


@pytest.mark.parametrize(("who", "codes"), [
    ("secretary", {"O-branch"}), ("sibling_secretary", {"O-sibling"}), ("member", {"O-branch"}), ("nobody", set[str]()),
])
def test_nobody_sees_more_of_the_past_than_of_today(made: World, who: str, codes: set[str]) -> None:
    assert set(seen(made, who, EARLIER)) == codes


def test_without_a_scope_there_is_no_tree(made: World) -> None:
    with pytest.raises(scope.NoScope):
        whole(EARLIER)


def test_where_a_persons_tree_begins(made: World) -> None:
    with scope.scope(access.holder(made.users["superior"])):
        assert [n.code for n in tree.nodes(tree.tops(EARLIER))] == ["O-company"]
        assert [n.code for n in tree.nodes(tree.level(made.orgs["company"].pk, EARLIER))] == ["O-branch", "O-sibling"]
        assert tree.nodes(tree.level(made.orgs["other"].pk, EARLIER)) == []
    with scope.scope(access.holder(made.users["head"])):
        quay = tree.node_as_of(made.orgs["quay"].pk, EARLIER)
        assert quay is not None
        assert [n.code for n in tree.above(quay, EARLIER)] == ["O-group", "O-other"]
        assert tree.node_as_of(made.orgs["quay"].pk, date(2019, 1, 1)) is None


def test_nodes_of_which_one_stood_below_the_other_are_both_counted_whole(made: World) -> None:
    told = seen(made, "head", EARLIER)
    assert told["O-group"][1].organisations == 5
    assert told["O-company"][1].organisations == 2


@pytest.mark.parametrize("more", [0, 30])
def test_numbers_take_the_same_queries_for_any_tree(made: World, more: int, django_assert_num_queries: Any) -> None:
    for n in range(more):
        org = world.organisation(f"more{n}", f"多{n}支部", "branch", made.orgs["company"])
        world.person(f"M-{n}", "多", org)
    rebuild(Organisation.everything.values_list("pk", flat=True))
    holder = access.holder(made.users["head"])
    holder.grants  # noqa: B018  read before counting
    with scope.scope(holder), django_assert_num_queries(6):
        nodes = tree.nodes(tree.level(made.orgs["company"].pk, EARLIER))
        counted = tree.numbers(nodes, EARLIER, timezone.localdate())
    assert len(counted) == 2 + more


def test_the_category_of_a_day_by_query_and_by_hand_agree(made: World) -> None:
    """Every combination of category, known, unknown and later dates, with and without a later change on record."""
    dates = [None, date(2025, 1, 1), DAY]
    categories = ("full", "probationary", "candidate", "activist", "employee")
    combinations = list(itertools.product(categories, dates, dates, dates, (None, "activist")))
    people = Person.everything.bulk_create([
        Person(code=f"T-{n}", name="某", category=category, joined_on=joined, full_since=full, activist_since=activist,
               organisation=made.orgs["quay"])
        for n, (category, joined, full, activist, _) in enumerate(combinations)
    ])
    Membership.everything.bulk_create([Membership(person=p, organisation=made.orgs["quay"]) for p in people])
    Step.everything.bulk_create([
        Step(person=p, before=before, after=p.category, on=on) for p, (*_, before) in zip(people, combinations, strict=True) if before
        for on in (DAY, date(2024, 1, 1))
    ])
    both = {"before": tree.category_before(EARLIER), "then": tree.category_then(EARLIER)}
    rows = Membership.everything.filter(person__in=people).annotate(**both).values_list("person", "before", "then")
    expected = {
        p.pk: category_then(category, EARLIER, joined_on=joined, full_since=full, activist_since=activist, before=before)
        for p, (category, joined, full, activist, before) in zip(people, combinations, strict=True)
    }
    assert {pk: before or then for pk, before, then in rows} == expected
    assert set(expected.values()) == set(categories)
    told = seen(made, "head", EARLIER)["O-quay"][1].people
    assert told == {**Counter(expected.values()), "full": Counter(expected.values())["full"] + 1}, "and the quay's own member"


@pytest.mark.parametrize(("category", "joined", "full", "activist", "then"), [
    ("full", date(2020, 1, 1), date(2021, 1, 1), None, "full"), ("full", date(2024, 12, 1), date(2025, 12, 1), None, "probationary"),
    ("full", date(2025, 7, 1), date(2026, 7, 1), date(2024, 1, 1), "activist"), ("full", date(2025, 7, 1), None, None, "employee"),
    ("full", None, None, None, "full"), ("activist", None, None, date(2025, 6, 30), "activist"),
    ("activist", None, None, date(2025, 7, 1), "employee"), ("employee", None, None, None, "employee"),
])
def test_the_category_of_a_day(category: str, joined: date | None, full: date | None, activist: date | None, then: str) -> None:
    assert category_then(category, EARLIER, joined_on=joined, full_since=full, activist_since=activist) == then


def test_a_post_counts_while_it_stands(made: World) -> None:
    Post.everything.create(organisation=made.orgs["quay"], title="委员", seats=3, since=DAY)
    assert seen(made, "head", EARLIER)["O-quay"][1].seats == 0
    quay = seen(made, "head", DAY)["O-quay"][1]
    assert (quay.seats, quay.filled) == (3, 0)


def test_other_seats_from_a_day_leave_earlier_numbers_as_they_were(made: World) -> None:
    post = posts.create(actor=made.users["superior"], organisation=made.orgs["branch"], title="委员", seats=2, since=date(2021, 1, 1))
    before = seen(made, "head", EARLIER)
    for seats, day in ((3, date(2025, 8, 1)), (4, DAY), (5, DAY)):
        posts.change(actor=made.users["superior"], post=post, seats=seats, on=day)
    assert again(made, "head", EARLIER) == before
    told = [again(made, "head", day)["O-branch"][1].seats for day in (date(2025, 8, 1), DAY, timezone.localdate())]
    assert told == [4, 6, 6]
    assert [again(made, "head", day)["O-company"][1].seats for day in (EARLIER, DAY)] == [5, 8]


@pytest.mark.parametrize(("day", "reason"), [
    (timezone.localdate() + timedelta(days=1), "不能晚于今天"), (date(2025, 7, 31), "2025年8月1日起已有调整"),
])
def test_seats_are_changed_in_the_order_of_days(made: World, day: date, reason: str) -> None:
    post = Post.everything.create(organisation=made.orgs["branch"], title="委员", domain="party")
    posts.change(actor=made.users["superior"], post=post, seats=3, on=date(2025, 8, 1))
    with pytest.raises(Refused, match=reason):
        posts.change(actor=made.users["superior"], post=post, seats=4, on=day)
    assert Post.everything.get(pk=post.pk).seats == 3


# Numbers as of a day never change by acts dated after it, whatever the acts are.

ACTS = 60


def _later(rng: random.Random) -> date:
    return DAY + timedelta(days=rng.randrange(120))


def _acts(made: World, rng: random.Random, n: int) -> dict[str, Callable[[], Any]]:
    """One act of each kind, dated after EARLIER, on things picked by chance."""
    head, day, paper, top = made.users["head"], _later(rng), f"{n}号", made.orgs["group"].pk  # whoever looks stays where they are
    person = rng.choice(list(Person.everything.exclude(organisation=None).exclude(code="C-head").order_by("pk")))
    org, other = rng.sample(list(Organisation.everything.filter(dissolved_on=None).exclude(pk=top).order_by("pk")), 2)
    post = rng.choice(list(Post.everything.filter(until=None).exclude(organisation=top).select_related("organisation").order_by("pk")))
    held = rng.choice(list(Appointment.everything.filter(until=None).exclude(post__organisation=top).order_by("pk")) or [None])
    facts = {"name": f"新{n}", "category": "activist", "activist_since": day}
    change = {"organisations": (org.pk,), "effective_on": day, "document_no": paper}
    return {
        "register": lambda: people.register(actor=head, organisation=org, since=day, facts=facts),
        "step": lambda: standing.step(actor=head, person=person, to={"activist": "candidate", "candidate": "probationary"}.get(
            person.category, "employee"), on=day, reason="按规定", basis=paper),
        "leave": lambda: standing.leave(actor=head, person=person, on=day, why="deceased"),
        "transfer": lambda: transfers.move(actor=head, person=person, receiver=other, on=day, reason="调动"),
        "appoint": lambda: appointments.appoint(actor=head, post=post, person=person, since=day, basis=paper,
                                                confirmed=("outside", "party_years", "full_time")),
        "end": lambda: held and appointments.end(actor=head, appointment=held, until=day, reason="调整"),
        "post": lambda: posts.create(actor=head, organisation=org, title=f"委员{n}", since=day),
        "seats": lambda: posts.change(actor=head, post=post, seats=post.seats + 1, on=day),
        "abolish": lambda: posts.abolish(actor=head, post=post, on=day, reason="调整", end_holders=True),
        "establish": lambda: establish(actor=head, name=f"新{n}", kind="branch", parent=other.pk, effective_on=day, document_no=paper),
        "rename": lambda: changes.make(actor=head, order=Order("rename", name=f"改{n}", **change)),
        "move": lambda: changes.make(actor=head, order=Order("move", target=other.pk, **change)),
        "merge": lambda: changes.make(actor=head, order=Order("merge", target=other.pk, **change)),
        "dissolve": lambda: changes.make(actor=head, order=Order("dissolve", target=other.pk, **change)),
        "split": lambda: changes.make(actor=head, order=Order("split", parts=(Part(f"分{n}", (person.pk,)),), keep=True,
                                                              **change | {"organisations": (person.organisation_id,)})),
    }


def test_numbers_of_a_day_never_change_by_later_acts(made: World) -> None:
    seed = 1
    rng, before, done = random.Random(seed), seen(made, "head", EARLIER), Counter[str]()
    for n in range(ACTS):
        acts = _acts(made, rng, n)
        kind = list(acts)[n % len(acts)]
        try:
            acts[kind]()
        except (Refused, access.Denied):
            continue
        done[kind] += 1
        access.forget(made.users["head"])
        assert again(made, "head", EARLIER) == before, f"seed {seed}: {kind}"
    assert len(done) >= 12, done
