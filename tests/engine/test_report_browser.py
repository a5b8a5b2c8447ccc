"""The report in a browser: nothing runs off a phone's screen, no serious accessibility finding, printable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.engine.result_world import PROBLEM, world
from zaidao.engine import outputs

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "out"
    outputs.write(world(), out, [PROBLEM])
    return f"file://{out / 'report.html'}"


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_the_screen_and_can_be_read_by_everyone(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_it_prints_on_a4(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    pdf = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594.9" in pdf or b"/MediaBox [0 0 595" in pdf
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 3
