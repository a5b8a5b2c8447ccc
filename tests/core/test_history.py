"""What was done to a row reads in words, and says nothing that was not kept."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.template.loader import render_to_string
from pytest_django import DjangoAssertNumQueries

from tests import world
from zaidao.accounts.models import User
from zaidao.core import audit, history
from zaidao.core.access import VERBS, Grant
from zaidao.core.models import Entry
from zaidao.organisations.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_last_number() -> Iterator[None]:
    """Places are called by their last number; what a test registers goes again."""
    before, words = list(history._places), dict(history._words)
    history.places(lambda paths: {path: f"组织{path[-1]}" for path in paths})
    yield
    history._places[:] = before
    history._words.clear()
    history._words.update(words)


@pytest.fixture
def user() -> User:
    return User.objects.create(work_no="U1", name="甲")


@pytest.fixture
def person() -> Person:
    return world.person("P1", "乙", None)


def test_an_act_is_told_in_words(user: User, person: Person) -> None:
    other = User.objects.create(work_no="U2", name="丙")
    changes = {
        "category": ["probationary", "full"], "joined_on": [None, date(2020, 1, 1)], "id_no": audit.HIDDEN, "occupation": ["", "钳工"],
    }
    grant = Grant("office", "", "d", on_behalf_of=other.pk)
    audit.record(user, "people.edit", person, reason="核对档案", grant=grant, changes=changes)
    act, = history.of(person)
    assert (act.who, act.on_behalf_of, act.what, act.reason) == ("甲", "丙", VERBS["people.edit"].label, "核对档案")
    kinds = dict(Person._meta.get_field("category").flatchoices)
    assert act.changes == (
        history.Change("人员类别", kinds["probationary"], kinds["full"]), history.Change("公民身份号码", hidden=True),
        history.Change("工作岗位", "空", "钳工"), history.Change("入党日期", None, "2020年1月1日"),
    )


def test_the_page_part_shows_it(user: User, person: Person) -> None:
    audit.record(user, "people.edit", person, changes={"joined_on": [None, date(2020, 1, 1)], "id_no": audit.HIDDEN}, reason="<b>")
    text = render_to_string("ui/history.html", {"entries": history.of(person)})
    assert "入党日期:<ins>2020年1月1日</ins>" in text
    assert "公民身份号码:已改动(内容不显示)" in text
    assert "&lt;b&gt;" in text


def test_what_was_opened_is_named_never_told(user: User, person: Person) -> None:
    audit.record(user, "people.reveal", person, changes={history.OPENED: ["id_no", "phone"]}, reason="核对档案")
    act, = history.of(person)
    assert (act.what, act.changes) == (f"{VERBS['people.reveal'].label}:公民身份号码、联系电话", ())


def test_the_system_a_gone_user_a_gone_model_and_a_gone_verb_are_told_too(person: Person) -> None:
    audit.record(None, "people.edit", person)
    audit.record(User(pk=77), "gone.verb", person, changes={"gone": [1, True], "list": [["a"], []], "map": [{}, {"k": None}], "one": 3})
    Entry.objects.bulk_create([Entry(verb="people.edit", object_type="gone.model", object_id=str(person.pk), changes={"x": [1, 2]})])
    gone, system = history.of(person)
    assert (system.who, gone.who, gone.what) == ("系统", history.GONE, "gone.verb")
    assert [(c.label, c.before, c.after) for c in gone.changes] == [
        ("gone", "1", "是"), ("list", "a", "空"), ("map", "空", "k:未知"), ("one", "", "3"),
    ]
    assert history.told(Entry.objects.filter(object_type="gone.model"))[0].object == f"gone.model {person.pk}"


def test_keys_that_are_no_fields_can_be_given_words(user: User, person: Person) -> None:
    history.words("tests.kind", "样品", moved_with="随同转移")
    audit.record(user, "people.edit", person, changes={"moved_with": [0, 3]})
    Entry.objects.bulk_create([Entry(verb="people.edit", object_type="tests.kind", object_id="5", changes={"moved_with": [0, 3]})])
    named, plain = history.told(Entry.objects.order_by("-pk"))
    assert (named.object, named.changes[0].label, plain.changes[0].label) == ("样品 5", "随同转移", "moved_with")


def test_other_objects_and_other_people_do_not_mix_in(user: User, person: Person) -> None:
    audit.record(user, "people.edit", person)
    audit.record(user, "people.edit", world.person("P2", "丁", None))
    audit.record(None, "accounts.own", user, grant=Grant("office", "", "d", on_behalf_of=user.pk))
    audit.record(User(pk=99), "people.edit", person)
    assert len(history.of(person)) == 2
    assert [t.what for t in history.by(user)] == [VERBS[name].label for name in ("accounts.own", "people.edit", "people.edit")]


@pytest.mark.parametrize("count", [1, 30])
def test_two_queries_however_many_entries(
    user: User, person: Person, django_assert_num_queries: DjangoAssertNumQueries, count: int,
) -> None:
    for _ in range(count):
        audit.record(user, "people.edit", person)
    with django_assert_num_queries(2):
        shown = history.of(person, limit=20)
    assert len(shown) == min(count, 20)
    assert [t.number for t in shown] == sorted((t.number for t in shown), reverse=True)


def test_names_are_told_without_opening_what_is_encrypted(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    user.set_phone("13912345678")
    user.save()
    monkeypatch.setattr("zaidao.core.crypto.decrypt", None)
    assert history.people([user.pk]) == {user.pk: "甲"}


def test_a_search_narrows_by_person_place_verb_and_day(user: User, person: Person) -> None:
    here, below, beside = "00000001", "0000000100000002", "00000003"
    for path, verb in ((here, "people.edit"), (below, "people.edit"), (beside, "people.edit"), ("", "people.reveal")):
        audit.record(user, verb, person, path=path)
    audit.record(User(pk=99), "people.edit", person, path=here)

    def found(**wanted: object) -> list[tuple[int | None, str]]:
        return [(e.actor, e.path) for e in history.search(history.Wanted(**wanted)).order_by("pk")]  # type: ignore[arg-type]

    me = user.pk
    assert len(found()) == 5
    assert found(people=(99,)) == [(99, here)]
    assert found(people=()) == []
    assert found(paths=(here,), people=(me,)) == [(me, here), (me, below)]
    assert found(paths=()) == []
    assert found(verb="people.reveal") == [(me, "")]


def test_the_last_day_of_a_search_counts_whole_by_the_clock_of_the_office() -> None:
    for at in ("2026-03-01T15:59:59+00:00", "2026-03-01T16:00:00+00:00", "2026-03-02T15:59:59+00:00", "2026-03-02T16:00:00+00:00"):
        Entry.objects.bulk_create([Entry(at=at, verb="people.edit", object_type="x.y", object_id="1")])
    day = date(2026, 3, 2)
    found = history.search(history.Wanted(since=day, until=day)).order_by("at").values_list("at", flat=True)
    assert [f"{at:%d %H}" for at in found] == ["01 16", "02 15"]


def test_places_are_told_where_they_are_wanted(user: User, person: Person) -> None:
    audit.record(user, "people.edit", person, path="00000004")
    assert history.told(Entry.objects.all(), with_places=True)[0].place == "组织4"
    assert history.told(Entry.objects.all())[0].place == ""
