"""Pages of institutions ask as many statements for one row as for many: those that no test beside their own pages counts."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.carriers.test_pages import duty
from tests.institutions.test_pages_register import clause, institution
from tests.world import World
from zaidao.institutions.models import Exemption, Fulfilment, OfficeValue, Record

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SUBJECTS = ("支委会", "主题党日", "党课", "志愿服务", "走访", "读书", "夜校", "谈心谈话", "培训", "党员大会")


@pytest.fixture
def made() -> World:
    return world.build()


def branches(made: World, many: int) -> None:
    new = [world.organisation(f"under-{n}", f"支部{n}", "branch", made.orgs["company"]) for n in range(many)]
    world.tree.rebuild([each.pk for each in new])


@pytest.mark.parametrize("many", [1, 10])
def test_what_an_adoption_would_ask(made: World, many: int, django_assert_num_queries: Any) -> None:
    """Shown before it is confirmed: with conditions that are looked up in every branch, and rules that it takes the place of."""
    branches(made, many)
    about = institution(made, "company", "Z-new", since=None)
    for n, subject in enumerate(SUBJECTS[:many]):
        clause(institution(made, "group", f"Z-{n}"), subject=subject)
        clause(about, article=f"第{n}条", subject=subject, applies_to="党支部且不设支委会")
    client = world.signed_in(made.users["superior"])
    client.get("/institutions/")
    with django_assert_num_queries(PREVIEW):
        told = client.post(reverse("institutions:adopt", args=[about.pk]), {"since": str(TODAY), "document_no": "一号", "step": "show"})
    assert told.status_code == 200
    assert 'name="token"' in told.content.decode()


PREVIEW = 19  # an act to be confirmed, not a page: what bears on conditions (posts, members, groups, records) is read for it alone


@pytest.mark.parametrize("many", [1, 30])
def test_values_and_the_history_of_one(made: World, many: int, django_assert_num_queries: Any) -> None:
    for n in range(many):
        since = date(2026, 1, 1) + timedelta(days=n)
        OfficeValue.objects.create(key="duties.moved_days", value=20 + n, since=since, reason=f"理由{n}。", set_by=made.users["head"])
    client = world.signed_in(made.users["head"])
    client.get("/institutions/")
    with django_assert_num_queries(5):
        client.get(reverse("institutions:values"))
    with django_assert_num_queries(6):
        told = client.get(reverse("institutions:value", args=["duties.moved_days"])).content.decode()
    assert all(f"理由{n}。" in told for n in range(many))


@pytest.mark.parametrize("many", [1, 30])
def test_one_duty_with_all_that_was_told_and_decided(made: World, many: int, django_assert_num_queries: Any) -> None:
    owed, told = duty(made), {"kind": "activity", "held_on": TODAY, "filed_on": TODAY}
    for n in range(many):
        Exemption.everything.create(
            duty=owed, kind="postpone", until=TODAY + timedelta(days=60), reason=f"原因{n}。", decided_by=made.users["head"],
            withdrawn_at=timezone.now(), withdrawn_why="撤回")
        record = Record.everything.create(organisation=made.orgs["branch"], subject="主题党日", number=n, **told)
        Fulfilment.everything.create(duty=owed, record=record, number=n, how="kept", recorded_by=made.users["head"], **told)
    client = world.signed_in(made.users["superior"])
    client.get("/institutions/")
    with django_assert_num_queries(8):
        page = client.get(reverse("institutions:duty", args=[owed.pk])).content.decode()
    assert all(f"原因{n}。" in page for n in range(many))


@pytest.mark.parametrize("many", [1, 30])
def test_one_rule_and_the_functions_of_one_organisation(made: World, many: int, django_assert_num_queries: Any) -> None:
    branches(made, many)
    about = institution(made, "company", "Z-1")
    for n in range(many):
        clause(about, article=f"第{n}条", subject=f"事项{n}")
        institution(made, "company", f"Z-more-{n}", title=f"谈心谈话制度{n}")
    client = world.signed_in(made.users["superior"])
    client.get("/institutions/")
    with django_assert_num_queries(10):
        client.get(reverse("institutions:institution", args=[about.pk]))
    with django_assert_num_queries(7):
        client.get(reverse("institutions:coverage_of", args=[made.orgs["branch"].pk]))
