"""The main job in headless Chromium, on the real server: enter the demo world, look at the sample down to two texts, answer, upload,
correct, diagnose; and what each of the six persons sees first.

Fails on any violation of the content security policy, any script error, any serious finding of axe-core.
"""

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.shell import browsing
from zaidao.shell.demo import persons

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "tests/data/haiwan-group-errors.xlsx"
PAUSE = 2_000  # milliseconds between two looks
SLOW = 420_000  # milliseconds to wait for the demo world, for reading and diagnosing on a busy machine
expect.set_options(timeout=60_000)  # of a page, while the worker keeps the machine busy

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own, as `zaidao run` starts it."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    environment = os.environ | {
        "ZAIDAO_VAR": str(tmp_path_factory.mktemp("var")), "ZAIDAO_TASKS": "worker", "DJANGO_SETTINGS_MODULE": "zaidao.config.settings",
    }
    command = [sys.executable, "-m", "zaidao", "run", "--port", str(port)]
    said = tmp_path_factory.mktemp("said") / "stderr"  # a file: a pipe that nobody reads would stop the server once it is full
    with said.open("w") as out:
        server = subprocess.Popen(command, env=environment, stderr=out, start_new_session=True)
    try:
        while "网页已可打开" not in said.read_text() and server.poll() is None:
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


def _enter(page: Page, role: persons.Role = persons.OFFICE) -> None:
    """Sign in as one of the six, as soon as the world stands."""
    page.goto("/sign-in/")
    page.get_by_role("button", name=role.label, exact=True).click(timeout=SLOW)
    expect(page.get_by_role("heading", name="您好")).to_be_visible()


@pytest.fixture
def page(chromium: Browser, base: str) -> Iterator[Page]:
    """A page of the Party-affairs officer that remembers what went wrong and fails the test for it."""
    context = chromium.new_context(base_url=base, viewport={"width": 1280, "height": 900}, locale="zh-CN")
    made = context.new_page()
    wrong = browsing.watch(made, base)
    _enter(made)
    yield made
    context.close()
    assert not wrong


def _sample(page: Page) -> None:
    """Open the sample group's overview once it is diagnosed."""
    ready, until = page.get_by_role("link", name="打开示例集团的诊断"), time.monotonic() + SLOW / 1000
    page.goto("/")
    while not ready.count() and time.monotonic() < until:  # home loads itself anew meanwhile: a click at that moment would be lost
        page.wait_for_timeout(PAUSE)
        page.goto("/")
    ready.click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible(timeout=SLOW)


def test_from_the_overview_down_to_two_texts_and_an_answer(page: Page) -> None:
    _sample(page)
    expect(page.locator("[data-chart=scatter] canvas")).to_be_visible()
    page.get_by_role("link", name="载体", exact=True).click()
    expect(page.locator("#picture [aria-current]")).to_have_text("载体")
    expect(page.locator("[data-chart=scatter] canvas")).to_be_visible()
    page.get_by_role("link", name="提示", exact=True).click()
    page.get_by_label("种类").select_option("copied_minutes")
    page.get_by_role("button", name="筛选").click()
    page.locator("article").first.get_by_role("link", name="记录文本高度相近").click()
    page.get_by_role("link", name="并排对照").first.click()
    expect(page.locator(".compare .side")).to_have_count(2)
    expect(page.locator(".compare mark").first).to_be_visible()
    page.get_by_text("写回应").click()
    page.get_by_label("回应", exact=True).select_option(label="说明")
    page.get_by_role("textbox", name="内容").fill("按统一格式填写,已与支部核对。")
    page.get_by_label("回应人职务").fill("党支部书记")
    page.get_by_role("button", name="提交回应").click()
    expect(page.locator(".given")).to_contain_text("已与支部核对")
    page.get_by_role("link", name="总览").click()
    expect(page.locator(".answer").first).to_have_text("说明")


def _corrected(target: Path) -> Path:
    """The workbook with errors, every planted one undone as its key says."""
    book = openpyxl.load_workbook(ERRORS)
    with (ROOT / "tests/data/haiwan-group-errors.key.csv").open(encoding="utf-8-sig") as key:
        for row in csv.DictReader(key):
            if row["kind"] == "member_in_two_branches":
                for cell in book[row["sheet"]][int(row["row"])]:
                    cell.value = None
            else:
                book[row["sheet"]][row["cell"]].value = row["was"] or None
    book.save(target)
    return target


def test_upload_with_errors_correct_and_diagnose(page: Page, tmp_path: Path) -> None:
    page.goto("/uploads/")
    page.get_by_label(re.compile("台账文件")).set_input_files(ERRORS)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("button", name="开始诊断")).to_be_visible(timeout=SLOW)
    expect(page.locator(".problems tbody tr").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^错误")).click()
    expect(page.locator(".problems")).to_contain_text("I14")
    page.get_by_role("link", name="上传更正后的文件").click()
    page.get_by_label(re.compile("台账文件")).set_input_files(_corrected(tmp_path / "更正.xlsx"))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("没有错误,可以诊断")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="开始诊断").click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible(timeout=SLOW)
    page.goto("/uploads/")
    for left in (1, 0):
        page.get_by_role("button", name="删除").first.click()
        expect(page.get_by_role("button", name="删除")).to_have_count(left)


FIRST = (  # what each person sees first, and what not
    (
        persons.SECRETARY,
        ("冷链公司修理厂党支部书记", "预备期满", "联系流动党员", "待接收", "等您确认的交接", "等本组织核实、回应的诊断提示"), ("散货码头",),
    ),
    (persons.SIBLING, ("冷链公司仓库党支部书记", "待接收"), ("崔伟", "修理厂党支部书记")),
    (persons.OFFICE, ("党务干事", "代办", "等您确认的导入"), ("等本组织核实、回应的诊断提示",)),
    (persons.SUPERIOR, ("中共海湾实业集团委员会书记", "180天内届满"), ("代办",)),
    (persons.MEMBER, ("您在名册上是", "关于我的记录"), ("名册上要办的", "台账导入")),
    (persons.STRANGER, ("还没有对应到任何组织的名册",), ("组织树", "名册上要办的")),
)


@pytest.mark.parametrize(("role", "seen", "unseen"), FIRST, ids=[role.work_no for role, *_ in FIRST])
def test_each_person_sees_their_own_first(page: Page, role: persons.Role, seen: tuple[str, ...], unseen: tuple[str, ...]) -> None:
    page.locator("details.me summary").click()
    page.get_by_role("button", name="退出登录").click()
    _enter(page, role)
    expect(page.locator("body.demo")).to_be_visible()
    expect(page.locator("main .later")).to_have_count(0, timeout=SLOW)  # parts that are fetched apart have come
    text = page.locator("body").inner_text()
    assert [word for word in seen if word not in text] == []
    assert [word for word in unseen if word in text] == []


@pytest.mark.parametrize("width", browsing.WIDTHS)
def test_pages_are_accessible_and_never_scroll_sideways(chromium: Browser, base: str, page: Page, width: int) -> None:
    _sample(page)
    run = page.url.removeprefix(base)
    page.goto(f"{run}findings/?code=copied_minutes")
    finding = page.locator("article a").first.get_attribute("href")
    organisation = page.locator("article a").nth(1).get_attribute("href")
    assert finding
    assert organisation
    context = chromium.new_context(base_url=base, viewport={"width": width, "height": 900})
    looked = context.new_page()
    _enter(looked)
    for url in (
        "/", "/about/", "/uploads/", "/catalogue/", "/method/", "/nothing/",
        run, f"{run}?view=below", f"{run}findings/", f"{run}load/", f"{run}problems/", finding, organisation,
        "/organisations/", "/organisations/10/", "/organisations/people/", "/organisations/people/85/", "/organisations/people/dates/",
        "/organisations/transfers/", "/organisations/structure/", "/organisations/terms/", "/organisations/10/posts/",
        "/organisations/imports/", "/organisations/export/", "/diagnosis/", "/me/", "/organisations/me/",
    ):
        looked.goto(url)
        assert browsing.serious(looked) == [], url
        assert browsing.aside(looked) == 0, url
    context.close()
