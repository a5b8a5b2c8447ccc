"""What is on record is told in the words of the office, whoever wrote it: no names of tables, no codes."""

import pytest
from django.apps import apps

from tests import world
from zaidao.core import history
from zaidao.core.models import Plan

# Rows that no act is recorded of by themselves: what belongs to others, and what the program keeps for itself.
INSIDE = {
    "accounts.code", "accounts.adminduty", "accounts.savedfilter", "core.entry", "core.seal", "core.sealed", "core.burdencount", "core.job",
    "core.schedule", "core.workerbeat", "core.message", "core.delivery", "core.planrow", "core.searchentry", "core.sent",
    "organisations.link", "organisations.place", "organisations.naming", "organisations.change", "organisations.membership",
    "organisations.step", "organisations.reading", "organisations.resize", "institutions.fulfilment", "institutions.waiting",
    "institutions.article", "institutions.clause", "carriers.digest", "carriers.quiet", "carriers.decision", "carriers.draft",
    "diagnosis.findingclock",
}
MODULES = ("accounts", "core", "organisations", "institutions", "carriers", "diagnosis")


def test_every_kind_of_thing_on_record_has_a_name_that_an_office_knows() -> None:
    models = [m._meta.label_lower for name in MODULES for m in apps.get_app_config(name).get_models()]
    assert {label for label in models if not history._words.get((label, ""))} <= INSIDE


@pytest.mark.parametrize(("name", "value", "told"), [
    ("outcomes", [None, {"applied": 704, "refused": 1}], "已导入:704、未导入:1"),
    ("rows", [None, {"person": {"new": 2, "error": 1}}], "人员:新增:2、错误:1"), ("state", ["reading", "done"], "已导入"),
])
def test_what_is_in_a_change_is_told_in_words_too(name: str, value: list[object], told: str) -> None:
    assert history._change("core.plan", Plan, name, value).after == told


@pytest.mark.django_db
def test_who_keeps_the_system_is_led_to_that() -> None:
    made = world.build()
    keeper = made.users["nobody"]
    keeper.duties.create(duty="system")
    text = world.signed_in(keeper).get("/").content.decode().partition("<main")[2]
    assert 'btn btn-primary" href="/accounts/"' in text
