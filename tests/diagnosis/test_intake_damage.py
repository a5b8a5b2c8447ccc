"""Random damage: reading never raises, and every row is accounted for."""

import tempfile
from datetime import date, datetime, time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.ledgers import csv_folder, grid, plain_workbook, small_world, workbook
from zaidao.diagnosis.intake import read
from zaidao.engine.schema import TABLES

WORLD = small_world()
SHEETS = {TABLES[t].sheet: grid(WORLD, t) for t in WORLD}
SEVERITIES = {"error", "warning", "note"}

text = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=30)
cells = st.one_of(
    st.none(),
    text,
    st.integers(-(10**6), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1901, 1, 1), date(2200, 1, 1)),
    st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)),
    st.times(),
    st.sampled_from(
        [
            "合计",
            "备注：",
            "示例",
            "同上",
            "无",
            "—",
            "#REF!",
            "3.2E+17",
            "O3",
            "O1",
            "P1",
            "H1",
            "2024-02-30",
            "９",
            "党支部",
            "组织编号",
            "=1+1",
            time(8, 30),
        ]
    ),
)
hits = st.lists(st.tuples(st.sampled_from(sorted(SHEETS)), st.integers(0, 9), st.integers(0, 23), cells), max_size=25)


def damaged(changes):
    """The sound sheets with cells overwritten wherever they exist."""
    sheets = {name: [list(row) for row in rows] for name, rows in SHEETS.items()}
    for name, row, column, value in changes:
        if row < len(sheets[name]) and column < len(sheets[name][row]):
            sheets[name][row][column] = value
    return sheets


def accounted(intake, sheets=None):
    for count in intake.counts:
        assert count.read == count.used + count.refused + count.no_data
        assert min(count.used, count.refused, count.no_data) >= 0
    for name in TABLES:
        assert intake.facts.rows(name) == sum(c.used for c in intake.counts if c.table == name) == intake.facts.table(name).num_rows
    for problem in intake.problems:
        assert problem.severity in SEVERITIES
        assert problem.reason
        assert problem.remedy
    if sum(c.refused for c in intake.counts):
        assert intake.errors


@given(hits)
@settings(max_examples=60, deadline=None)
def test_overwritten_cells(changes):
    with tempfile.TemporaryDirectory() as folder:
        accounted(read([workbook(Path(folder) / "a.xlsx", damaged(changes))]))


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_lost_repeated_and_shuffled_rows(data):
    sheets = {}
    for name, (head, *body) in SHEETS.items():
        picked = data.draw(st.lists(st.sampled_from(range(len(body))), max_size=8))
        sheets[name] = [head, *(body[i] for i in picked)]
    with tempfile.TemporaryDirectory() as folder:
        intake = read([workbook(Path(folder) / "a.xlsx", sheets)])
    accounted(intake)
    read_rows = {c.sheet: c.read for c in intake.counts}
    assert all(read_rows[name] == len(rows) - 1 for name, rows in sheets.items() if len(rows) > 1 and name in read_rows)


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
    st.sampled_from(["xlsx", "csv"]),
    st.floats(0.1, 1),
)
@settings(max_examples=60, deadline=None)
def test_flipped_and_lost_bytes(flips, kind, length):
    with tempfile.TemporaryDirectory() as folder:
        path = plain_workbook(Path(folder) / "a.xlsx", WORLD) if kind == "xlsx" else csv_folder(Path(folder), WORLD, "gb18030") / "组织.csv"
        data = bytearray(path.read_bytes())
        for place, value in flips:
            data[int(place * len(data))] = value
        path.write_bytes(bytes(data[: int(length * len(data))]))
        accounted(read([path]))
