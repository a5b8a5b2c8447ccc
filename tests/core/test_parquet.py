"""Published folders by parameterised SQL, numbers as people read them, and pages of long lists."""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import RequestFactory

from zaidao.core.pages import page_of, paging
from zaidao.core.parquet import Folder
from zaidao.core.templatetags import ui


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    place = tmp_path / "it's here"
    (place / "derived").mkdir(parents=True)
    pq.write_table(pa.table({"code": ["a", "b' or 1=1 --"], "n": [1, 2]}), place / "derived" / "some.parquet")
    return Folder(place)


def test_values_are_values_and_never_sql(folder: Folder) -> None:
    sql = "select n from {derived/some} where code = $code"
    assert folder.row(sql, {"code": "b' or 1=1 --"}) == {"n": 2}
    assert folder.rows(sql, {"code": "' or 1=1 --"}) == []


def test_what_a_folder_has(folder: Folder) -> None:
    assert folder.has("derived/some")
    assert not folder.has("other")
    assert folder.columns("derived/some") == {"code", "n"}
    assert folder.columns("other") == set()


@pytest.mark.parametrize(("asked", "page"), [("2", 2), ("0", 1), ("-3", 1), ("x", 1), ("９", 1), ("99999999", 1), ("", 1)])
def test_any_page_number_is_survived(asked: str, page: int) -> None:
    assert page_of(RequestFactory().get("/", {"page": asked})) == page


def test_pages_before_and_after() -> None:
    assert paging(1, 50, 0) == {"page": 1, "total": 0, "pages": 1, "before": None, "after_page": None}
    assert paging(2, 50, 101) == {"page": 2, "total": 101, "pages": 3, "before": 1, "after_page": 3}
    assert paging(2, 50, 100)["after_page"] is None


def test_unknown_is_never_zero() -> None:
    assert [ui.share(None), ui.figure(None), ui.day(None), ui.moment(None)] == ["—"] * 4
    assert [ui.share(0.0), ui.figure(0.0), ui.figure(12.50), ui.figure(1 / 3)] == ["0%", "0", "12.5", "0.33"]
    assert ui.day(date(2026, 3, 5)) == "2026年3月5日"
    assert ui.moment(datetime(2026, 3, 5, 14, 30)) == "2026年3月5日 14:30"


@pytest.mark.parametrize(("gap", "shade"), [
    (None, "shade-unknown"), (0.0, "shade-0"), (0.1, "shade-0"), (0.11, "shade-1"), (0.9, "shade-4"),
])
def test_shades(gap: float | None, shade: str) -> None:
    assert ui.shade(gap) == shade
