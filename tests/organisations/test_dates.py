"""Dates that bite: when each is due, how it is said, and that only those who keep the roster are told."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import world
from zaidao.core import access, scope
from zaidao.engine import catalogue
from zaidao.organisations.decisions import dates as judge
from zaidao.organisations.decisions import people, transfers
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.models import Absence, Objection, Person, Transfer
from zaidao.organisations.queries import dates
from zaidao.organisations.queries import person as about

SEEN_BY = {dates.EDIT: "people.view", dates.TRANSFER: "people.view", dates.ANSWER: "people.edit"}  # verb -> what shows the rows
CLOCKS = Clocks.of(catalogue.load())
D = date
TODAY = D(2026, 11, 26)


@pytest.mark.parametrize(("verb", "shows"), SEEN_BY.items())
def test_whoever_is_told_sees_what_they_are_told_of(verb: str, shows: str) -> None:
    """`dates` asks for the verb alone."""
    assert access.VERBS[verb].roles.items() <= access.VERBS[shows].roles.items()
    assert set(access.VERBS[verb].roles.values()) == {access.Where.BELOW}


# --- judgements ---------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("joined", "extended", "ends"), [
    (D(2025, 11, 26), None, D(2026, 11, 26)), (D(2024, 2, 29), None, D(2025, 2, 28)), (D(2025, 1, 1), D(2026, 7, 1), D(2026, 7, 1)),
    (None, None, None),
])
def test_a_probation_ends_after_a_year_or_as_extended(joined: date | None, extended: date | None, ends: date | None) -> None:
    assert judge.probation_ends(joined, extended, CLOCKS) == ends


@pytest.mark.parametrize(("since", "reviewed", "due"), [
    (D(2026, 1, 31), None, D(2026, 7, 31)), (D(2025, 8, 31), None, D(2026, 2, 28)), (D(2025, 1, 1), D(2026, 3, 1), D(2026, 9, 1)),
    (None, None, None),
])
def test_a_review_is_due_half_a_year_after_the_last(since: date | None, reviewed: date | None, due: date | None) -> None:
    assert judge.next_review(since, reviewed, CLOCKS) == due


@pytest.mark.parametrize(("last", "every", "kind", "due"), [
    (None, None, "mobile", D(2026, 9, 1)), (D(2026, 6, 1), None, "abroad", D(2026, 12, 1)), (D(2026, 6, 1), 1, "mobile", D(2026, 7, 1)),
])
def test_contact_is_due_after_the_interval(last: date | None, every: int | None, kind: str, due: date) -> None:
    assert judge.next_contact(D(2026, 3, 1), last, every, kind, CLOCKS) == due


@pytest.mark.parametrize(("on", "stage", "shown"), [
    (TODAY + timedelta(days=31), None, False), (TODAY + timedelta(days=30), 30, True), (TODAY + timedelta(days=8), 30, True),
    (TODAY + timedelta(days=7), 7, True), (TODAY, 7, True), (TODAY - timedelta(days=1), 0, True), (None, None, True),
])
def test_the_end_of_a_probation_is_told_30_and_7_days_before(on: date | None, stage: int | None, *, shown: bool) -> None:
    assert judge.stage(on, TODAY, CLOCKS) == stage
    assert judge.is_due(judge.PROBATION, on, TODAY, CLOCKS) is shown


@pytest.mark.django_db
def test_lists_say_which_notice_of_a_probation_has_begun() -> None:
    """The same on the list, the organisation's page, the home page and the person's: who is in the last week stands out."""
    made = world.build()
    for key, days in (("member", 20), ("at_branch", 5)):
        joined = TODAY + timedelta(days=days) - timedelta(days=365)
        Person.everything.filter(pk=made.people[key].pk).update(category="probationary", joined_on=joined)
    with scope.scope(access.holder(made.users["secretary"])):
        told = {d.name: d.said for d in dates.dues(TODAY, CLOCKS)}
    assert told == {"人员member": "还有 20 天(期满前 30 天提醒)", world.canary("branch"): "还有 5 天(期满前 7 天提醒)"}
    person = Person.everything.get(pk=made.people["at_branch"].pk)
    assert [d.said for d in about.dues(person, [], TODAY, lambda: CLOCKS)] == ["还有 5 天(期满前 7 天提醒)"]


@pytest.mark.parametrize(("left", "words"), [(12, "还有 12 天"), (0, "今天"), (-3, "已过 3 天"), (None, "日期未登记,请补登")])
def test_how_near_it_is_said(left: int | None, words: str) -> None:
    assert judge.said(left) == words


@pytest.mark.parametrize(("kind", "left", "words"), [
    ("receive", 5, "介绍信还有 5 天到期"), ("letter", 0, "介绍信今天到期"), ("letter", -2, "介绍信已过 2 天"),
    ("probation", -2, "已过 2 天"),
])
def test_of_a_letter_its_validity_is_meant(kind: str, left: int, words: str) -> None:
    due = judge.Due(kind, TODAY, 1, 1, "甲", "支部", left)
    assert (due.said, due.overdue) == (words, left < 0)


# --- reads --------------------------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def person(made: world.World, code: str, at: str, category: str, **dates_of: Any) -> Person:
    row = world.person(code, f"{code}{world.canary(at)}", made.orgs[at], category)
    Person.everything.filter(pk=row.pk).update(**{"joined_on": None, "full_since": None} | dates_of)
    return row


def fill(made: world.World) -> None:
    """Two of everything that is due at the branch, one that is not yet; the same at the quay."""
    for at in ("branch", "quay"):
        person(made, f"near-{at}", at, "probationary", joined_on=D(2025, 12, 20))
        person(made, f"over-{at}", at, "probationary", joined_on=D(2025, 5, 1), extended_to=D(2026, 11, 1))
        person(made, f"far-{at}", at, "probationary", joined_on=D(2026, 6, 1))
        person(made, f"blank-{at}", at, "probationary")
        person(made, f"look-{at}", at, "activist", activist_since=D(2026, 1, 1))
        person(made, f"seen-{at}", at, "activist", activist_since=D(2024, 1, 1), reviewed_on=D(2026, 9, 1))
        away = person(made, f"away-{at}", at, "full")
        Absence.everything.create(person=away, kind="mobile", since=D(2026, 1, 1), last_contact_on=D(2026, 5, 1))
        Absence.everything.create(person=away, kind="abroad", since=D(2026, 1, 1), until=D(2026, 2, 1))
        Absence.everything.create(person=away, kind="ill", since=D(2026, 1, 1))
        Objection.everything.create(person=away, field="name", text="别字", due_on=D(2026, 11, 30))
    Transfer.everything.create(
        person=Person.everything.get(code="near-quay"), sender=made.orgs["quay"], receiver=made.orgs["branch"], issued_on=D(2026, 11, 20),
        valid_until=D(2026, 12, 20),
    )
    Transfer.everything.create(
        person=Person.everything.get(code="far-branch"), sender=made.orgs["branch"], receiver=made.orgs["quay"], issued_on=D(2026, 11, 1),
        valid_until=D(2026, 11, 30),
    )


def told(made: world.World, key: str, **more: Any) -> list[tuple[str, str, date | None]]:
    with scope.scope(access.holder(made.users[key])):
        return [(d.kind, d.name.split("密")[0], d.on) for d in dates.dues(TODAY, CLOCKS, **more)]


AT_BRANCH = [
    ("review", "look-branch", D(2026, 7, 1)), ("probation", "over-branch", D(2026, 11, 1)), ("contact", "away-branch", D(2026, 11, 1)),
    ("letter", "far-branch", D(2026, 11, 30)), ("objection", "away-branch", D(2026, 11, 30)), ("receive", "near-quay", D(2026, 12, 20)),
    ("probation", "near-branch", D(2026, 12, 20)), ("probation", "blank-branch", None),
]


def test_each_date_is_told_to_those_who_keep_the_roster() -> None:
    made = world.build()
    fill(made)
    assert sorted(told(made, "secretary"), key=str) == sorted(AT_BRANCH, key=str)
    everywhere = told(made, "head")
    assert {name for _, name, _ in everywhere} >= {"near-branch", "near-quay", "over-quay", "away-quay"}
    for key in ("member", "nobody", "sibling_secretary"):
        assert told(made, key) == []


def test_the_most_overdue_stands_first_and_the_unknown_last() -> None:
    made = world.build()
    fill(made)
    days = [on for _, _, on in told(made, "secretary")]
    assert days[-1] is None
    assert days[:-1] == sorted(d for d in days if d)
    assert [on is None for _, _, on in told(made, "secretary", most=len(days) - 1)] == [False] * (len(days) - 1)


def test_below_one_organisation_only() -> None:
    made = world.build()
    fill(made)
    assert {name for _, name, _ in told(made, "head", path=made.orgs["company"].path)} == {name for _, name, _ in AT_BRANCH}


def test_one_query_however_many() -> None:
    made = world.build()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            told(made, "head")
        counts.append(len(asked))
        fill(made) if not Absence.everything.exists() else None
        access.forget(made.users["head"])
    assert counts[0] == counts[1]


def test_what_somebody_asked_for_themselves_is_answered_by_others() -> None:
    made = world.build()
    Objection.everything.create(person=made.people["secretary"], field="name", text="别字", due_on=D(2026, 11, 30))
    assert told(made, "secretary", me=made.users["secretary"].pk) == []
    assert [k for k, *_ in told(made, "superior", me=made.users["superior"].pk)] == ["objection"]


def test_the_filter_of_the_roster_finds_the_same_people() -> None:
    made = world.build()
    fill(made)
    with scope.scope(access.holder(made.users["secretary"])):
        found = set(Person.objects.filter(dates.people_due(TODAY, CLOCKS)).values_list("code", flat=True))
    assert found == {"near-branch", "over-branch", "blank-branch", "look-branch"}


def test_days_in_refusals_are_written_as_everywhere() -> None:
    standing = people.Standing("activist", activist_since=D(2026, 3, 5))
    told = [
        *people.step_flaws(standing, "candidate", D(2026, 3, 4), "", day=TODAY, clocks=CLOCKS).values(),
        *transfers.letter_flaws(D(2026, 11, 2), D(2027, 6, 1), day=TODAY, clocks=CLOCKS).values(),
    ]
    assert told == ["日期早于上一步(2026年3月5日),请核对。", "有效期应晚于开出日期,最长 90 天,即不晚于2027年1月31日。"]
