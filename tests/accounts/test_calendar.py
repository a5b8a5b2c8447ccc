"""The holiday sheet: imported by the administrator alone, whole or not at all, the same again changes nothing."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import world
from zaidao.core import calendar
from zaidao.core.models import Entry, Holiday

pytestmark = pytest.mark.django_db
SHEET = "日期,类别,名称,依据\n2027-01-01,休,元旦,通知\n2027年1月2日,休,元旦,通知\n2027-01-09,班,元旦,通知\n2027-10-01,休,国庆节,通知\n"


@pytest.fixture
def keeper() -> Client:
    user = world.User.objects.create(work_no="U-keeper", name="系统管理员")
    user.duties.create(duty="system")
    return world.signed_in(user)


def send(client: Client, text: str, name: str = "节假日.csv") -> object:
    return client.post("/calendar/", {"sheet": SimpleUploadedFile(name, text.encode("utf-8-sig"))})


def test_a_sheet_goes_on_record_and_counts(keeper: Client) -> None:
    assert "2027 年" in keeper.get("/calendar/").content.decode()
    assert send(keeper, SHEET).status_code == 302  # type: ignore[attr-defined]
    assert calendar.known(2027)
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 1, 9))  # a Saturday
    assert Entry.objects.filter(verb="accounts.import_calendar").count() == 1
    assert "未变 4 天" in keeper.get(send(keeper, SHEET).headers["Location"]).content.decode()  # type: ignore[attr-defined]
    assert Entry.objects.filter(verb="accounts.import_calendar").count() == 1


@pytest.mark.parametrize(("text", "said"), [
    (SHEET.replace("2027-01-09,班", "2027-13-09,班"), "A4"), (SHEET.replace("2027-01-09,班", "2027-01-09,加班费"), "B4"),
    (SHEET + "2027-01-01,班,元旦,通知\n", "2027"), ("随便,写写\n1,2\n", "没有"),
])
def test_a_sheet_with_an_error_is_refused_whole_by_cell(keeper: Client, text: str, said: str) -> None:
    before = Holiday.objects.count()
    response = send(keeper, text)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert said in response.content.decode()  # type: ignore[attr-defined]
    assert Holiday.objects.count() == before


def test_nobody_else_may(keeper: Client) -> None:
    made = world.build()
    for key in ("head", "office", "secretary", "member", "nobody"):
        assert send(world.signed_in(made.users[key]), SHEET).status_code == 403  # type: ignore[attr-defined]
        assert world.signed_in(made.users[key]).get("/calendar/template.xlsx").status_code == 403
    assert not calendar.known(2027)


def test_the_blank_sheet_can_be_filled_and_sent(keeper: Client) -> None:
    response = keeper.get("/calendar/template.xlsx")
    assert b"".join(response.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
