"""Fifty numbers of pages and report, drawn at random, recomputed from the rows that stand behind them.

Nothing here calls the engine: each number is counted again from the snapshot (what the office filed), and looked for on the page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

import duckdb
import pytest
from django.test import Client

from zaidao.diagnosis.models import Run

DRAWN = 50
SEED = 20261123
FILED = "select count(distinct activity_id) from {snapshot/activity} where org_id = ? and activity_id in (select unnest(?))"
PER_RECORD = ("copied_minutes", "backfill", "reused_photos")


@dataclass(frozen=True)
class Claim:
    """A number that a page states: where, how it reads there, and its recomputation."""

    url: str
    reads: str  # a pattern whose group 1 is the number
    again: Callable[[], float]


class Snapshot:
    """The rows of a run's snapshot, by SQL of this test's own."""

    def __init__(self, run: Run) -> None:
        self.run, self.db = run, duckdb.connect()

    def all(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return self.db.execute(re.sub(r"\{([\w/]+)\}", rf"read_parquet('{self.run.path}/\1.parquet')", sql), list(values)).fetchall()

    def one(self, sql: str, *values: object) -> float:
        return float(str(self.all(sql, *values)[0][0]))


def _records(snap: Snapshot, base: str) -> list[Claim]:
    """Findings about records: how many rows of the snapshot the evidence leads to, and the longest delay among them."""
    claims = []
    found = snap.all("select org_id, finding, evidence from {findings} where finding in (select unnest(?))", list(PER_RECORD))
    for org, code, keys in found:
        url = f"{base}findings/{code}/{org}/"
        ids = [str(k).split("~")[0].removeprefix("activity:") for k in keys]  # type: ignore[attr-defined]
        claims += [
            Claim(url, r"依据 (\d+) 条", lambda o=org, i=ids: snap.one(FILED, o, i)),
            Claim(url, r'数目 k</th><td class="num" data-label="数值">([\d.]+)', lambda o=org, i=ids: snap.one(FILED, o, i)),
        ]
        if code == "backfill":
            lag = "select max(epoch(recorded_at - held_at)) / 86400 from {snapshot/activity} where activity_id in (select unnest(?))"
            claims.append(Claim(url, r"最长(\d+)天", lambda i=ids, s=lag: round(snap.one(s, i))))
    return claims


def _strips(snap: Snapshot, base: str) -> list[Claim]:
    """Month strips: the record a duty points to is of its subject and organisation, and held in the window (quarters may begin earlier)."""
    claims = []
    window = [date.fromisoformat(snap.run.manifest["window"][k]) for k in ("from", "to")]
    pairs = snap.all(
        """select org_id, subject, count(*) from {duties} where in_window and m is not null and activity_id is not null
        and state = 'kept' and subject in ('支委会', '主题党日', '党员大会', '党课') group by all
        having count(distinct activity_id) = count(*) order by all""",
    )
    for org, subject, _ in pairs:
        reads = rf"<th scope=\"row\">{subject}</th>(.*?)</tr>"
        linked = "select activity_id from {duties} where org_id = ? and subject = ? and state = 'kept' and in_window and m is not null"
        again = f"""select count(*) from {{snapshot/activity}} where activity_id in ({linked}) and org_id = ? and kind = ?
            and held_at >= ?::date - 92 and held_at < ?::date + 45"""
        claims.append(Claim(
            f"{base}organisations/{org}/", reads, lambda o=org, s=subject, a=again: snap.one(a, o, s, o, s, window[0], window[1]),
        ))
    return claims


def _group(snap: Snapshot, base: str) -> list[Claim]:
    """Totals of the whole group on its page, and those of the report."""
    root = snap.all("select org_id from {derived/org} where depth = 0")[0][0]
    first, end = snap.run.manifest["window"]["from"], snap.run.manifest["window"]["to"]
    url = f"{base}organisations/{root}/"
    held = f"from {{snapshot/activity}} where held_at >= '{first}' and held_at < '{end}'"
    totals = {
        "组织": "select count(*) from {snapshot/organisation}", "记录": f"select count(*) {held}",
        "自愿报名人次": f"select sum(volunteers) {held}", "评价人次": f"select sum(ratings) {held}",
        "点子": "select count(*) from {snapshot/idea}", "点子·已采纳": "select count(adopted_on) from {snapshot/idea}",
        "党员": "select count(*) from {snapshot/person} where category in ('full', 'probationary') and moved_out_on is null",
        "正式党员": "select count(*) from {snapshot/person} where category = 'full' and moved_out_on is null",
    }
    claims = [
        Claim(url, rf'<th scope="row">(?:[^<]*·)?{name}</th><td class="num"[^>]*>([\d.]+)', lambda s=sql: snap.one(s))
        for name, sql in totals.items()
    ]
    claims.append(Claim(base, r"<b>(\d+)</b>条活动记录", lambda: snap.one("select count(*) from {snapshot/activity}")))
    claims.append(Claim(f"{base}report/", r"<b>(\d+)</b>活动记录", lambda: snap.one("select count(*) from {snapshot/activity}")))
    claims.append(Claim(f"{base}report/", r"<b>(\d+)</b>组织<", lambda: snap.one("select count(*) from {snapshot/organisation}")))
    return claims


def _posts(snap: Snapshot, base: str) -> list[Claim]:
    """Posts in office on an organisation's page."""
    day = snap.run.manifest["as_of"]
    in_office = """select count(*) from {snapshot/appointment} where org_id = ? and coalesce(since, '1900-01-01') <= ?::date
        and coalesce(until, '2999-01-01') > ?::date"""
    orgs = [r[0] for r in snap.all("select org_id from {derived/org} where kind = 'branch' order by ord")]
    return [Claim(f"{base}organisations/{o}/", r"在任岗位(.*?)</section>", lambda o=o: snap.one(in_office, o, day, day)) for o in orgs]


def _stated(text: str, claim: Claim) -> float:
    """The number on the page: the matched digits or, where a whole part of the page was matched, the rows or links in it."""
    found = re.search(claim.reads, text, re.DOTALL)
    assert found, (claim.url, claim.reads)
    part = found[1]
    if re.fullmatch(r"[\d.]+", part):
        return float(part)
    return float(part.count("duty kept\"") if "duty" in part else part.count("<tr>") - 1)


@pytest.mark.parametrize("part", [_records, _strips, _group, _posts])
def test_every_kind_of_number_is_there_to_be_drawn(run: Run, part: Callable[[Snapshot, str], list[Claim]]) -> None:
    assert part(Snapshot(run), f"/runs/{run.pk}/")


def test_fifty_numbers_follow_from_the_rows(web: Client, run: Run) -> None:
    snap, base = Snapshot(run), f"/runs/{run.pk}/"
    claims = [c for part in (_records, _strips, _group, _posts) for c in part(snap, base)]
    drawn = Random(SEED).sample(claims, DRAWN)
    wrong = []
    for claim in drawn:
        response = web.get(claim.url)
        text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
        stated, again = _stated(text, claim), claim.again()
        if stated != pytest.approx(again):
            wrong.append((claim.url, claim.reads, stated, again))
    assert not wrong
