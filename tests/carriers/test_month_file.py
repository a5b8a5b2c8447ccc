"""Which organisations have not yet, as a workbook: what the page shows, inside what one may export, without names of persons."""

import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests import world
from tests.carriers import month as made_of
from tests.carriers.month import TODAY
from tests.world import World
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
ADDRESS = "/activities/month/below.xlsx"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(made_of.NOW))
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    found = world.build()
    planned = made_of.duty(found.orgs["branch"])
    made_of.meeting(found.orgs["branch"], made_of.at(TODAY), "主题党日", duty=planned, host=found.people["secretary"])
    made_of.duty(found.orgs["sibling"], state="kept", done=1)
    made_of.duty(found.orgs["quay"])
    return found


def rows(made: World, who: str, **asked: str) -> list[tuple[Any, ...]]:
    response = world.signed_in(made.users[who]).get(ADDRESS, asked)
    assert response.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))


def test_counts_by_subject_of_ones_part(made: World) -> None:
    head, *lines = rows(made, "superior")
    assert head[:3] == ("事项", "应办", "已办")
    assert lines == [("主题党日", 2, 1, 0, 0, 1, 0, 0)]
    assert rows(made, "head")[1] == ("主题党日", 3, 1, 0, 0, 2, 0, 0)
    entry = Entry.objects.filter(verb="carriers.export").first()
    assert entry is not None
    assert entry.changes["form"] == [None, "所辖组织办理情况"]


def test_the_organisations_of_a_subject_as_the_tab_shows_them(made: World) -> None:
    _, line = rows(made, "superior", subject="主题党日")
    assert (line[0], line[5]) == ("机关支部", "2026-11-26 15:00")
    assert [r[0] for r in rows(made, "superior", subject="主题党日", show="done")[1:]] == ["车间支部"]
    whole = rows(made, "head", subject="主题党日", show="all")
    assert [r[0] for r in whole[1:]] == ["机关支部", "车间支部", "码头支部"]
    names = [p.name for p in made.people.values()]
    assert not any(name in str(cell) for row in whole for cell in row for name in names)
    under = str(made.orgs["company"].pk)
    assert [r[0] for r in rows(made, "head", subject="主题党日", show="all", under=under)[1:]] == ["机关支部", "车间支部"]


def test_members_take_nothing_out(made: World) -> None:
    assert world.signed_in(made.users["member"]).get(ADDRESS).status_code == 403
    assert not Entry.objects.filter(verb="carriers.export").exists()
