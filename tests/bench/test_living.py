"""The loader of the living system writes a world that holds together: what a small one of it says goes for the large one."""

from datetime import date

import pytest

from bench.living.load import load
from bench.living.shape import Shape, plan
from tests.organisations.test_tree import hold_true
from zaidao.core.scope import system_scope
from zaidao.organisations import tree
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Person, Place, Transfer
from zaidao.sheets import identity

DAY = date(2026, 6, 1)
SMALL = Shape(organisations=120, people=400, company=20, moved=0.2, late=0.1, dissolved=0.05)


def test_sizes_are_those_asked_for() -> None:
    nodes = plan(Shape(), DAY)
    standing = [n for n in nodes if n.until is None]
    assert len(standing) == 10_000
    sizes = dict.fromkeys(range(len(nodes)), 0)
    for i in reversed(range(len(nodes))):
        at: int | None = i
        while at is not None:
            sizes[at] += nodes[i].until is None
            at = nodes[at].parent
    assert [sizes[i] for i, n in enumerate(nodes) if n.parent == 0] == [1999, 2000, 2000, 2000, 2000]


@pytest.mark.django_db
def test_the_world_keeps_what_must_hold() -> None:
    load(SMALL, DAY)
    hold_true()
    with system_scope("test"):
        assert tree.rebuild(list(Organisation.everything.values_list("pk", flat=True))) == 0
    assert Organisation.everything.filter(dissolved_on=None).count() == SMALL.organisations
    assert Person.everything.exclude(organisation=None).count() == SMALL.people
    assert Link.everything.exclude(until=None).filter(child__dissolved_on=None).exists()  # moved once
    assert Place.everything.count() > Organisation.everything.count()
    assert Membership.everything.exclude(until=None).exists()
    assert Transfer.everything.filter(state="received").exists()
    assert Appointment.everything.filter(until=None, post__title="书记").exists()


@pytest.mark.django_db
def test_numbers_of_persons_are_sound_and_nobody_s() -> None:
    load(SMALL, DAY)
    for person in Person.everything.all()[:50]:
        assert person.id_no.startswith("999999")
        assert identity.is_valid(person.id_no)
        assert identity.birth_date(person.id_no) == person.born_on
        assert person.gender == identity.gender(person.id_no)


@pytest.mark.django_db
def test_the_same_seed_writes_the_same() -> None:
    first = plan(SMALL, DAY)
    assert first == plan(SMALL, DAY)
    assert first != plan(Shape(**{**SMALL.__dict__, "seed": 12}), DAY)
