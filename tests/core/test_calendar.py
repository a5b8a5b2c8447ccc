"""Working days: as published, as the office imports them, and in years of which nothing is known."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from zaidao.core import calendar
from zaidao.core.calendar import Calendar, HolidayRow
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Holiday

WEEKS = Calendar({})


@pytest.fixture
def published(db: None) -> Calendar:
    calendar.lay_out_holidays()
    return calendar.load()


@pytest.mark.parametrize(("day", "works"), [
    ("2025-01-26", True),  # a Sunday worked before the Spring Festival
    ("2025-01-28", False), ("2025-02-05", True), ("2025-02-08", True), ("2025-04-27", True), ("2025-05-05", False),
    ("2025-06-02", False), ("2025-09-28", True), ("2025-10-08", False), ("2025-10-09", True), ("2025-10-11", True), ("2025-10-12", False),
    ("2026-01-02", False), ("2026-01-04", True), ("2026-02-14", True), ("2026-02-23", False), ("2026-02-28", True), ("2026-04-06", False),
    ("2026-05-09", True), ("2026-06-19", False), ("2026-09-20", True), ("2026-09-25", False), ("2026-10-07", False), ("2026-10-10", True),
])
def test_the_published_days(published: Calendar, day: str, works: bool) -> None:
    assert published.is_working_day(date.fromisoformat(day)) is works


def test_as_many_working_days_as_the_state_counts(published: Calendar) -> None:
    """365 days less 52 weekends and 13 days of rest by law: what comes off the week is given back on weekends."""
    for year, days in ((2025, 248), (2026, 248)):
        first, last = date(year, 1, 1), date(year, 12, 31)
        weekdays = sum((first + timedelta(days=i)).weekday() < 5 for i in range(365))
        rests = Holiday.objects.filter(day__year=year, kind="rest")
        moved = sum(h.day.weekday() < 5 for h in rests) - Holiday.objects.filter(day__year=year, kind="work").count()
        assert published.working_days_between(first - timedelta(days=1), last) == weekdays - moved == days


@pytest.mark.parametrize(("start", "n", "end"), [
    ("2026-03-02", 0, "2026-03-02"), ("2026-03-02", 1, "2026-03-03"), ("2026-03-06", 1, "2026-03-09"), ("2026-03-07", 1, "2026-03-09"),
    ("2026-03-02", 10, "2026-03-16"),
    ("2026-09-18", 1, "2026-09-20"),  # Friday: the Sunday is worked
    ("2026-09-30", 10, "2026-10-20"),  # over the National Day, with the Saturday worked after it
    ("2025-12-31", 1, "2026-01-04"),
])
def test_the_next_day_counts_as_one(published: Calendar, start: str, n: int, end: str) -> None:
    found = calendar.add_working_days(date.fromisoformat(start), n)
    assert found == date.fromisoformat(end)
    assert calendar.working_days_between(date.fromisoformat(start), found) == n


def test_days_back_are_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        WEEKS.add_working_days(date(2026, 3, 2), -1)
    assert WEEKS.working_days_between(date(2026, 3, 9), date(2026, 3, 2)) == 0


def test_a_year_without_data_has_weekends_only_and_says_so(published: Calendar) -> None:
    assert [calendar.known(year) for year in (2024, 2025, 2026, 2027)] == [False, True, True, False]
    assert published.is_working_day(date(2027, 10, 1))
    assert not published.is_working_day(date(2027, 10, 2))


@pytest.mark.django_db
def test_a_single_day_on_record_does_not_make_the_year_known() -> None:
    calendar.import_holidays([HolidayRow(date(2026, 12, 31), "rest", "元旦")], actor=None)
    assert not calendar.known(2026)


@pytest.mark.django_db
def test_one_query_however_far_the_deadline(django_assert_num_queries: Callable[[int], object]) -> None:
    calendar.lay_out_holidays()
    for days in (1, 400):
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            calendar.add_working_days(date(2025, 1, 1), days)
    loaded = calendar.load()
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        calendar.add_working_days(date(2025, 1, 1), 10, calendar=loaded)


@pytest.mark.django_db
def test_importing_twice_changes_nothing_and_leaves_one_entry() -> None:
    rows = [HolidayRow(date(2027, 10, 1), "rest", "国庆节", "通知"), HolidayRow(date(2027, 10, 9), "work", "国庆节", "通知")]
    assert calendar.import_holidays(rows, actor=None) == calendar.Imported(new=2)
    assert calendar.import_holidays(rows, actor=None) == calendar.Imported(unchanged=2)
    rows[1] = HolidayRow(date(2027, 10, 10), "work", "国庆节", "通知")
    rows[0] = HolidayRow(date(2027, 10, 1), "rest", "国庆节、中秋节", "通知")
    assert calendar.import_holidays(rows, actor=None) == calendar.Imported(new=1, changed=1)
    assert Entry.objects.filter(verb="calendar.import").count() == 2
    assert calendar.known(2027)


@pytest.mark.django_db
def test_a_day_twice_or_of_no_kind_is_refused_whole() -> None:
    rows = [HolidayRow(date(2027, 1, day), kind, "元旦") for day, kind in ((1, "rest"), (1, "rest"), (2, "?"))]
    with pytest.raises(Refused) as refused:
        calendar.import_holidays(rows, actor=None)
    assert len(refused.value.reasons) == 2
    assert not Holiday.objects.exists()


@pytest.mark.django_db
def test_what_the_office_said_stays_when_the_program_is_started_again() -> None:
    assert calendar.lay_out_holidays() == len(calendar.packaged())
    calendar.import_holidays([HolidayRow(date(2026, 5, 9), "rest", "本单位调整")], actor=None)
    assert calendar.remove_holiday(date(2026, 2, 28), actor=None)
    assert not calendar.remove_holiday(date(2026, 2, 28), actor=None)
    assert calendar.lay_out_holidays() == 0
    assert not calendar.is_working_day(date(2026, 5, 9))
    assert not calendar.is_working_day(date(2026, 2, 28))


@pytest.mark.django_db
def test_the_packaged_days_are_laid_around_single_days_of_the_office() -> None:
    calendar.import_holidays([HolidayRow(date(2026, 1, 4), "rest", "本单位调整")], actor=None)
    assert calendar.lay_out_holidays() == len(calendar.packaged()) - 1
    assert not calendar.is_working_day(date(2026, 1, 4))


def test_the_packaged_file_names_its_source() -> None:
    assert {row.source.startswith("国务院办公厅关于20") for row in calendar.packaged()} == {True}
