"""What was done to a row reads in words, and says nothing that was not kept."""

import pytest
from django.template.loader import render_to_string

from tests import world
from zaidao.core import access, audit, history
from zaidao.core.models import Entry
from zaidao.organisations.models import Person

pytestmark = pytest.mark.django_db


def test_acts_read_newest_first_with_names_labels_and_choices() -> None:
    made = world.build()
    person = made.people["at_branch"]
    changes = {"category": ["probationary", "full"], "joined_on": [None, "2020-01-01"]}
    audit.record(made.users["secretary"], "people.edit", person, changes=changes)
    standing_in = access.Grant("secretary", made.orgs["branch"].path, "delegation:1", "代", on_behalf_of=made.users["secretary"].pk)
    audit.record(made.users["member"], "people.edit", person, changes={"phone": audit.HIDDEN}, reason="与档案核对", grant=standing_in)
    audit.record(made.users["head"], "people.edit", made.people["at_quay"], changes={"name": ["甲", "乙"]})
    second, first = history.of(person)
    assert (second["who"], second["on_behalf_of"], second["reason"]) == ("用户member", "用户secretary", "与档案核对")
    assert second["changes"] == [{"label": label("phone"), "hidden": True}]
    assert (first["who"], first["what"]) == ("用户secretary", access.VERBS["people.edit"].label)
    kinds = dict(Person._meta.get_field("category").flatchoices)
    assert [(c["before"], c["after"]) for c in first["changes"]] == [(kinds["probationary"], kinds["full"]), (None, "2020年1月1日")]
    text = render_to_string("ui/history.html", {"entries": [second, first]})
    assert "内容不显示" in text
    assert "<del>未知</del> → <ins>2020年1月1日</ins>" in text
    assert "甲" not in text


def label(name: str) -> str:
    return str(Person._meta.get_field(name).verbose_name)


def test_the_system_accounts_that_are_gone_and_unknown_verbs_have_words_too() -> None:
    entry = Entry(actor=None, verb="no.such", changes={"old_field": ["a", "b"], "rows": 3})
    told = history.told(entry, Person, {})
    assert (told["who"], told["what"]) == ("系统", "no.such")
    assert [c["label"] for c in told["changes"]] == ["old_field", "rows"]
    assert told["changes"][1]["text"] == "3"
    assert history.told(Entry(actor=5, verb="x"), Person, {})["who"] == "已注销账号"


def test_many_acts_cost_two_statements(django_assert_num_queries: pytest.FixtureRequest) -> None:
    made = world.build()
    for who in ("head", "office", "superior", "secretary"):
        audit.record(made.users[who], "people.edit", made.people["at_branch"], changes={"name": ["a", who]})
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(history.of(made.people["at_branch"])) == 4
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(history.of(made.people["at_branch"], most=1)) == 1
