"""Extensions that only the records tell, by hand."""

from datetime import date, datetime

import pytest

from tests.engine.build import branch, committee, make, members, post
from zaidao.engine.extensions import told
from zaidao.engine.indicators.structure_gap import structure_gap


def severity(text: str, remark: str | None = None) -> int:
    """A branch of four with a secretary whose term ended on 2026-01-01, and one record with this text."""
    record = {"activity_id": "A1", "org_id": "B1", "kind": "党员大会", "held_at": datetime(2025, 12, 3, 9)}
    orgs = [committee(), branch(term_started_on=date(2023, 1, 1))]
    posts, records = [post("B1P1", "B1", "书记")], [record | {"minutes": text, "remark": remark}]
    ctx = make(organisation=orgs, person=members("B1", 4), appointment=posts, activity=records)
    return next(r["severity"] for r in structure_gap(ctx).table.to_pylist() if r["org_id"] == "B1")


@pytest.mark.parametrize(("text", "expected"), [
    ("学习文件。会上宣读批复:同意本届支部委员会换届延期至2026年12月31日。", 0),
    ("会上宣读批复:同意本届支部委员会换届延期至2026年3月31日。", 2),      # extended, and over since March
    ("上级同意换届推迟,时间另定。", 0),                                    # extended without a day: unknown, not judged
    ("大家谈到换届推迟了,抓紧准备。", 2),                                  # nobody approved it
    ("同意把植树活动推迟到2026年12月31日。换届照常准备。", 2),              # something else was put off
])
def test_what_the_minutes_say(text: str, expected: int) -> None:
    assert severity(text) == expected


def test_a_remark_says_it_too() -> None:
    assert severity("学习文件。", "换届延期至2026年12月,已获批") == 0


def test_nobody_asked_nobody_read() -> None:
    assert told(make(organisation=[committee(), branch()]), []) == {}
