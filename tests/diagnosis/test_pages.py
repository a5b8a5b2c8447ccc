"""Every page of a run: what it says, what it may never say, how much it asks, how large it gets."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from zaidao.core import parquet
from zaidao.diagnosis.models import Run, Upload
from zaidao.engine.schema import PRIVATE_KINDS
from zaidao.engine.words import NOTICE

FORBIDDEN = re.compile("造假|抄袭|空壳|僵尸|懒政|落后|排名|扣分|未召开")
INLINE = re.compile(r"""<[^>]+\s(style|on[a-z]+)=|<style|<script(?![^>]*(src=|type="application/json"))|javascript:""", re.IGNORECASE)
LIMIT = 300 * 1024
COPIED = ("HW00015", "copied_minutes")


def _finding(run: Run) -> tuple[str, str]:
    """An organisation with copied minutes."""
    found = pq.read_table(run.path / "findings.parquet", columns=["org_id", "finding", "severity"]).to_pylist()
    return next((r["org_id"], r["finding"]) for r in found if r["finding"] == "copied_minutes" and r["severity"] >= 2)


def pages(run: Run) -> Iterator[str]:
    """One address of every page of a run."""
    org, code = _finding(run)
    root = run.folder.row("select org_id from {derived/org} where depth = 0 order by ord limit 1")
    asked = {"org": org, "code": code}
    evidence = run.folder.row("select evidence[1] as key from {findings} where org_id = $org and finding = $code", asked)
    assert root
    assert evidence
    activity = evidence["key"].split("~")[0].removeprefix("activity:")
    base = f"/runs/{run.pk}"
    yield from (f"{base}/", f"{base}/?view=below", f"{base}/picture/?element=carriers")
    yield from (f"{base}/findings/", f"{base}/findings/?all=1&page=2")
    yield from (f"{base}/findings/?under={root['org_id']}", f"{base}/findings/?code=backfill", f"{base}/load/", f"{base}/load/?under={org}")
    yield from (f"{base}/children/{root['org_id']}/", f"{base}/organisations/{root['org_id']}/", f"{base}/organisations/{org}/")
    yield from (f"{base}/findings/{code}/{org}/", f"{base}/records/activity/{activity}/", f"{base}/records/organisation/{org}/")
    yield from (f"{base}/compare/?a={activity}&b={activity}", f"{base}/problems/")


COMMON = ("/", "/about/", "/uploads/", "/catalogue/", "/method/")


def test_every_page_says_what_it_is_for_and_nothing_forbidden(web: Client, run: Run) -> None:
    for url in (*COMMON, *pages(run)):
        response = web.get(url)
        text = response.content.decode()
        assert response.status_code == 200, url
        assert NOTICE in text or "/picture/" in url, url
        assert not FORBIDDEN.search(text), (url, FORBIDDEN.search(text))


def test_pages_carry_no_inline_script_or_style_and_a_strict_policy(web: Client, run: Run) -> None:
    for url in (*COMMON, *pages(run)):
        response = web.get(url)
        assert not INLINE.search(response.content.decode()), (url, INLINE.search(response.content.decode()))
        policy = response["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_statements_and_size_do_not_grow_with_the_group(web: Client, run: Run, large_run: Run) -> None:
    """1,921 organisations ask as many statements as 49, and no page passes 300 KB."""
    for url in pages(run):
        asked = {}
        for each in (run, large_run):
            address = url.replace(f"/runs/{run.pk}/", f"/runs/{each.pk}/")
            if each is large_run:
                address = re.sub(r"(HW\d{5}|HHW\d{9})", r"\1-7", address)
            web.get(address)
            before = parquet.statements
            with CaptureQueriesContext(connection) as queries:
                response = web.get(address)
            asked[each.pk] = (parquet.statements - before, len(queries))
            assert response.status_code == 200, address
            assert len(response.content) < LIMIT, (address, len(response.content))
        small, large = asked[run.pk], asked[large_run.pk]
        assert large[0] <= small[0] + 1, url  # two levels of the tree instead of all at once
        assert large[1] <= small[1] + 1, url  # answers are not asked for where a page is empty
        assert small[0] <= 16, (url, small)


def test_drill_down_gives_the_next_level_in_the_trees_order(web: Client, large_run: Run) -> None:
    first = web.get(f"/runs/{large_run.pk}/children/GROUP/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in first
    assert first.count("<tr") == 40
    assert "再列" not in first
    ords = [int(n) for n in re.findall(r"organisations/HW00001-(\d+)/", first)]
    assert ords == list(range(40))


def test_overview_leads_to_evidence_and_its_numbers_are_the_published_ones(web: Client, run: Run) -> None:
    text = web.get(f"/runs/{run.pk}/").content.decode()
    org, code = _finding(run)
    assert f"/runs/{run.pk}/findings/{code}/{org}/" in text
    row = run.folder.row("select * from {elements} where org_id = $org and element = 'organisational_life'", {"org": org})
    assert row
    assert f"{round(row['paper'] * 100)}%<span class=\"arrow\">→</span>{round(row['pulse'] * 100)}%" in text


def test_finding_tells_how_it_was_computed(web: Client, run: Run) -> None:
    org, code = _finding(run)
    text = web.get(f"/runs/{run.pk}/findings/{code}/{org}/").content.decode()
    finding = run.folder.row("select * from {findings} where org_id = $org and finding = $code", {"org": org, "code": code})
    assert finding
    details = json.loads(finding["details"])
    assert f'符合本项的数目 k</th><td class="num" data-label="数值">{details["k"]:g}' in text
    assert f'可比对的总数 n</th><td class="num" data-label="数值">{details["n"]:g}' in text
    assert finding["sentence"] in text
    for reason in finding["ruled_out"]:
        assert reason in text


def test_texts_side_by_side_mark_what_differs(web: Client, run: Run) -> None:
    org, code = _finding(run)
    finding = run.folder.row("select * from {findings} where org_id = $org and finding = $code", {"org": org, "code": code})
    assert finding
    page = web.get(f"/runs/{run.pk}/findings/{code}/{org}/").content.decode()
    a, b = re.findall(r'compare/\?a=([^&"]+)&amp;b=([^&"]+)"', page)[0]
    text = web.get(f"/runs/{run.pk}/compare/?a={a}&b={b}").content.decode()
    rows = run.folder.rows("select minutes from {snapshot/activity} where activity_id in ($a, $b)", {"a": a, "b": b})
    shown = re.findall(r'<p class="text">(.*?)</p>', text, re.DOTALL)
    plain = {re.sub(r"</?mark>", "", s) for s in shown}
    assert plain == {r["minutes"] for r in rows}
    assert "<mark>" in text


@pytest.mark.parametrize("kind", PRIVATE_KINDS)
def test_private_minutes_are_never_shown(web: Client, run: Run, kind: str) -> None:
    sql = "select activity_id, minutes from {snapshot/activity} where kind = $kind and minutes is not null limit 1"
    found = run.folder.row(sql, {"kind": kind})
    assert found
    record = web.get(f"/runs/{run.pk}/records/activity/{found['activity_id']}/").content.decode()
    side = web.get(f"/runs/{run.pk}/compare/?a={found['activity_id']}&b={found['activity_id']}").content.decode()
    assert found["minutes"][:20] not in record + side
    assert "不在页面上显示" in record
    assert "不并排显示" in side


def test_a_mean_of_few_raters_is_not_shown(web: Client, run: Run) -> None:
    few = run.folder.row("select activity_id from {snapshot/activity} where ratings between 1 and 4 and rating is not null limit 1")
    many = run.folder.row("select activity_id from {snapshot/activity} where ratings >= 5 and rating is not null limit 1")
    assert few
    assert many
    assert "评价均分" not in web.get(f"/runs/{run.pk}/records/activity/{few['activity_id']}/").content.decode()
    assert "评价均分" in web.get(f"/runs/{run.pk}/records/activity/{many['activity_id']}/").content.decode()


def test_no_page_or_file_holds_identity_numbers_or_phones(web: Client, run: Run, upload: Upload) -> None:
    """All identity numbers of the sample begin with 999999, all phones with 100."""
    secret = re.compile(rb"(?<!\d)999999\d{11}[\dX](?!\d)|(?<!\d)100\d{8}(?!\d)")
    for url in (*COMMON, *pages(run), f"/uploads/{upload.pk}/problems.csv"):
        assert not secret.search(web.get(url).content), url
    for file in (f for f in run.path.rglob("*") if f.suffix in (".csv", ".html", ".json")):
        assert not secret.search(file.read_bytes()), file.name


def test_downloads_carry_their_purpose(web: Client, run: Run) -> None:
    response = web.get(f"/runs/{run.pk}/files/findings.csv")
    assert NOTICE.replace(",", "_") in unquote(response["Content-Disposition"])
    assert b"".join(response.streaming_content) == (run.path / "findings.csv").read_bytes()
    assert web.get(f"/runs/{run.pk}/files/timings.json").status_code == 404
    report = web.get(f"/runs/{run.pk}/report/")
    assert "script-src 'none'" in report["Content-Security-Policy"]
    assert b"".join(report.streaming_content).startswith(b"<!doctype html>")


def test_unknown_things_are_not_found(web: Client, run: Run) -> None:
    for url in (
        "/runs/999/", f"/runs/{run.pk}/organisations/NONE/",
        f"/runs/{run.pk}/findings/shell/NONE/", f"/runs/{run.pk}/findings/other/HW00015/",
        f"/runs/{run.pk}/records/person_secret/P1/", f"/runs/{run.pk}/records/activity/NONE/", f"/runs/{run.pk}/records/clause/Z1/",
    ):
        response = web.get(url)
        assert response.status_code == 404, url
        assert "没有找到这个页面" in response.content.decode()


def test_every_address_is_visited_by_a_test(run: Run) -> None:
    """A new page has to be listed in `pages`, or in the tests of uploads, answers and the living system."""
    named = {p.name for p in get_resolver("zaidao.diagnosis.urls").url_patterns}
    here = {"run", "picture", "findings", "load", "children", "organisation", "finding", "record", "compare", "problems", "file", "report"}
    there = {"uploads", "upload", "upload_progress", "diagnose", "delete", "problems_csv", "template"}
    there |= {"run_wait", "run_progress", "withdraw", "living", "begin_living", "keep", "what_if"}
    assert named == here | there | {"catalogue", "method"}


def test_hostile_codes_are_escaped(web: Client, run: Run, published: Path) -> None:
    response = web.get(f"/runs/{run.pk}/findings/", {"under": "<script>alert(1)</script>", "code": "'; drop table x --"})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def _broad(folder: Path, out: Path, *, roots: bool) -> None:
    """The published folder with 170 organisations instead: a root with 169 below it, or 170 roots."""
    shutil.copytree(folder, out)
    row = pq.read_table(folder / "derived/org.parquet").slice(0, 1).to_pylist()[0]
    rows = [row | {"org_id": f"R{i}", "name": f"第{i}支部", "ord": i, "depth": 0, "parent_id": None} for i in range(170)]
    if not roots:
        rows = [rows[0]] + [r | {"parent_id": "R0", "depth": 1} for r in rows[1:]]
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(folder / "derived/org.parquet")), out / "derived/org.parquet")


@pytest.mark.parametrize("roots", [True, False])
def test_every_organisation_of_a_broad_group_can_be_reached(web: Client, run: Run, tmp_path: Path, roots: bool) -> None:
    real = run.path.resolve()
    run.path.unlink()
    _broad(real, run.path, roots=roots)
    found: list[str] = []
    url: str | None = f"/runs/{run.pk}/"
    while url:
        text = web.get(url, headers={} if url == f"/runs/{run.pk}/" else {"HX-Request": "true"}).content.decode()
        found += re.findall(r'class="tree-name">\s*<a href="[^"]*/organisations/(R\d+)/"', text)
        more = re.search(r'class="more-row">.*?hx-get="([^"]+)"', text)
        url = more[1].replace("&amp;", "&") if more else None
    assert found == [f"R{i}" for i in range(170)]


def test_codes_with_odd_signs_have_pages(web: Client, run: Run) -> None:
    odd = "甲/1 #?%&<'"
    real = run.path.resolve()
    run.path.unlink()
    shutil.copytree(real, run.path)
    for name in ("derived/org", "findings"):
        table = pq.read_table(run.path / f"{name}.parquet")
        rows = [r | {"org_id": odd} if r["org_id"] == COPIED[0] else r for r in table.to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, table.schema), run.path / f"{name}.parquet")
    overview = web.get(f"/runs/{run.pk}/").content.decode()
    links = [u for u in re.findall(r'href="([^"]+)"', overview) if "%E7%94%B2" in u]
    assert {u.split("/")[3] for u in links} == {"organisations", "findings"}
    for url in links:
        assert web.get(unescape(url)).status_code == 200, url


def test_shared_causes_and_conflicts_are_told_where_they_belong(web: Client, run: Run) -> None:
    real = run.path.resolve()
    run.path.unlink()
    shutil.copytree(real, run.path)
    causes = {"site_id": "HW00001", "subject": "主题党日", "period_start": date(2026, 2, 1), "every_months": 1, "bound": 6, "off": 5}
    asks = {"subject": "支委会", "clause_asks": "每季度 1 次", "rule_asks": "每月 1 次"}
    loose = {"org_id": "HW00001", "institution_id": "Z00001", "article": "第二条"} | asks
    for name, row in (("shared_causes", causes), ("conflicts", loose)):
        schema = pq.read_schema(run.path / f"derived/{name}.parquet")
        pq.write_table(pa.Table.from_pylist([row], schema), run.path / f"derived/{name}.parquet")
    text = web.get(f"/runs/{run.pk}/organisations/HW00001/").content.decode()
    assert "2026年2月起的1个月,主题党日:应办的 6 个组织中 5 个未办或迟录" in text
    assert "第二条(支委会)要求 每季度 1 次" in text
    assert "共同原因" not in web.get(f"/runs/{run.pk}/organisations/HW00002/").content.decode().split("逐月应办事项")[0]
