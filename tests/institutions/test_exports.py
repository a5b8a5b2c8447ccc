"""The lists of institutions as workbooks: what the screen shows, inside what one may export, on record."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests import world
from tests.institutions.test_pages_register import clause, institution
from tests.world import World
from zaidao.core.models import Entry
from zaidao.institutions.models import OfficeValue
from zaidao.institutions.queries import settings

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def made() -> World:
    found = world.build()
    institution(found, "company", "Z-1", title="谈心谈话制度")
    clause(institution(found, "branch", "Z-2", title="=支部办法"), subject="主题党日", every="quarter")
    clause(institution(found, "quay", "Z-3", title="码头办法"), subject="主题党日", every="quarter")
    return found


def rows(made: World, who: str, name: str) -> list[tuple[Any, ...]]:
    response = world.signed_in(made.users[who]).get(f"/institutions/{name}")
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("no-store") or "no-store" in response["Cache-Control"]
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))


def test_coverage_in_ones_part_of_the_tree(made: World) -> None:
    head, *lines = rows(made, "superior", "coverage.xlsx")
    talk = head.index("谈心谈话")
    assert [(line[0], line[talk]) for line in lines] == [("一公司党委", "自有"), ("机关支部", "沿用"), ("车间支部", "沿用")]
    assert [line[0] for line in rows(made, "superior", "coverage.xlsx?organisation=O-branch")[1:]] == ["机关支部"]
    assert rows(made, "secretary", "coverage.xlsx?organisation=O-quay")[1:] == []


def test_the_functions_of_one_organisation(made: World) -> None:
    name = f"organisations/{made.orgs['branch'].pk}/coverage.xlsx"
    told = {line[0]: line[1:4] for line in rows(made, "secretary", name)[1:]}
    assert told["谈心谈话"] == ("沿用", "谈心谈话制度", "一公司党委")
    entry = Entry.objects.get(verb="institutions.export")
    assert (entry.changes["form"], entry.changes["of"]) == ([None, "职能对照"], [None, "O-branch"])
    assert world.signed_in(made.users["sibling_secretary"]).get(f"/institutions/{name}").status_code == 404


def test_clauses_that_ask_less(made: World) -> None:
    lines = rows(made, "secretary", "conflicts.xlsx")[1:]
    assert [(line[0], line[1], line[4], line[5]) for line in lines] == [("Z-2", "'=支部办法", "主题党日", "每季度 1 次")]
    assert [line[0] for line in rows(made, "head", "conflicts.xlsx")[1:]] == ["Z-2", "Z-3"]


def test_what_may_be_set_and_what_was_set(made: World) -> None:
    for since, value in ((date(2026, 1, 1), 30), (date(2099, 1, 1), 20)):
        OfficeValue.objects.create(key="duties.moved_days", value=value, since=since, reason="本单位规定", set_by=made.users["head"])
    lines = rows(made, "secretary", "values.xlsx")[1:]
    moved = [line for line in lines if line[1] == "期满后仍算顺延的天数"]
    assert [(line[2], line[4], line[5], line[6]) for line in moved] == [
        ("45 天", "20 天", "2099-01-01", "将起用"), ("45 天", "30 天", "2026-01-01", "现行")]
    assert len(lines) == len(settings.every()) + 1
    assert all(line[1] and line[2] and line[3] for line in lines)


@pytest.mark.parametrize("name", ["coverage.xlsx", "conflicts.xlsx", "values.xlsx"])
def test_who_only_reads_takes_nothing_out_and_is_offered_nothing(made: World, name: str) -> None:
    client = world.signed_in(made.users["member"])
    assert client.get(f"/institutions/{name}").status_code == 403
    assert "导出本表" not in client.get(f"/institutions/{name.removesuffix('.xlsx')}/").content.decode()
    assert "导出本表" in world.signed_in(made.users["head"]).get(f"/institutions/{name.removesuffix('.xlsx')}/").content.decode()
    assert not Entry.objects.filter(verb="institutions.export").exists()
