"""Functions of the field against what is laid down; clauses that ask less than a firm rule."""

from datetime import date
from typing import Any

import pytest

from tests import world
from tests.institutions.test_pages_register import clause, institution
from tests.world import World
from zaidao.core.access import holder
from zaidao.core.scope import scope
from zaidao.institutions.queries import coverage as queries

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)
TALK, RECRUIT, LIFE = "谈心谈话", "发展党员", "组织生活(三会一课、主题党日)"


def page(made: World, who: str, url: str, **asked: Any) -> str:
    response = world.signed_in(made.users[who]).get(url, asked)
    assert response.status_code == 200
    return response.content.decode()


def cells(made: World, org: str) -> dict[str, str]:
    with scope(holder(made.users["head"])):
        return {cell.function: cell.words for cell in queries.covered([made.orgs[org]], DAY)[made.orgs[org].pk]}


def test_a_function_is_covered_by_ones_own_rule_by_a_superiors_or_by_none() -> None:
    made = world.build()
    institution(made, "group", "Z-1", title="谈心谈话制度")
    clause(institution(made, "branch", "Z-2", title="支部工作制度"), subject="主题党日")
    institution(made, "sibling", "Z-3", title="发展党员办法")
    found = cells(made, "branch")
    assert (found[TALK], found[LIFE], found[RECRUIT]) == ("沿用", "自有", "不要求"), "recruiting is a committee's to lay down"
    assert cells(made, "company")[RECRUIT] == "未见"
    assert cells(made, "company")[LIFE] == "未见", "what a branch lays down covers nobody above it"
    assert cells(made, "group")[TALK] == "自有"


def test_only_what_is_in_force_covers() -> None:
    made = world.build()
    institution(made, "company", "Z-1", title="谈心谈话制度", since=None)
    institution(made, "company", "Z-2", title="谈心谈话办法", since=date(2027, 1, 1))
    assert cells(made, "branch")[TALK] == "未见"
    row = institution(made, "company", "Z-3", title="谈心谈话细则")
    assert cells(made, "branch")[TALK] == "沿用"
    row.editions(manager="everything").update(until=DAY)
    assert cells(made, "branch")[TALK] == "未见"


def test_the_map_stands_in_the_trees_order_within_ones_part() -> None:
    made = world.build()
    institution(made, "sibling", "Z-9", title="谈心谈话制度")
    told = page(made, "superior", "/institutions/coverage/")
    assert told.index("一公司党委</a>") < told.index("机关支部</a>") < told.index("车间支部</a>")
    assert "二公司党委" not in told
    assert "码头支部" not in page(made, "secretary", "/institutions/coverage/", organisation="O-quay")
    line = told.split("3. 谈心谈话</th>")[1].split("</tr>")[0]
    assert [cell.split(">")[1].split("<")[0] for cell in line.split('class="num"')[1:]] == ["3", "1", "0", "2"]


def test_one_organisation_names_the_rule_that_covers_each_function() -> None:
    made = world.build()
    row = institution(made, "group", "Z-1", title="谈心谈话制度")
    url = f"/institutions/organisations/{made.orgs['branch'].pk}/coverage/"
    told = page(made, "member", url)
    assert f'<a href="/institutions/{row.pk}/">谈心谈话制度</a>' in told
    assert world.signed_in(made.users["sibling_secretary"]).get(url).status_code == 404


def test_a_clause_that_asks_less_than_a_firm_rule_is_listed_where_it_may_be_read() -> None:
    made = world.build()
    clause(institution(made, "company", "Z-1"), subject="支委会", every="quarter")
    clause(institution(made, "company", "Z-2"), subject="支委会", every="month", at_least=2)
    clause(institution(made, "other", "Z-3"), subject="主题党日", every="year")
    clause(institution(made, "company", "Z-4", since=None), subject="支委会", every="year")
    told = page(made, "member", "/institutions/conflicts/")
    assert "Z-1制度" in told
    assert "每季度 1 次" in told
    assert not any(code in told for code in ("Z-2制度", "Z-3制度", "Z-4制度"))
    assert "Z-3制度" in page(made, "head", "/institutions/conflicts/")
    assert "没有发现" in page(made, "head", "/institutions/conflicts/", page=9)


@pytest.mark.parametrize("many", [1, 30])
def test_pages_ask_the_same_for_one_and_for_many(many: int, django_assert_num_queries: Any) -> None:
    made = world.build()
    for n in range(many):
        clause(institution(made, "company", f"Z-{n}"), subject="支委会", every="year")
    made.orgs |= {f"under-{n}": world.organisation(f"under-{n}", f"支部{n}", "branch", made.orgs["company"]) for n in range(many)}
    world.tree.rebuild([made.orgs[f"under-{n}"].pk for n in range(many)])
    client = world.signed_in(made.users["superior"])
    client.get("/institutions/")
    for url, count in (("/institutions/coverage/", 8), ("/institutions/conflicts/", 7)):
        with django_assert_num_queries(count, info=url):
            client.get(url)
