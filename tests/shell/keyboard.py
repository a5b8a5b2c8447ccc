"""Somebody at a keyboard: Tab, Enter, Space, arrows and typing. Every press of Tab asserts that the focus is seen."""

from datetime import date
from typing import Any

from playwright.sync_api import Page

FURTHEST = 120  # presses of Tab after which something cannot be reached
INSIDE = 6  # presses that a field for a day may keep: year, month, day, its calendar
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect(), label = at.labels && at.labels[0];
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && !style.outlineColor.endsWith(', 0)');
  const ringed = /0px 0px 0px [1-9]/.test(style.boxShadow);
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!window.visited) window.visited = [];
  if (!window.visited.includes(at)) window.visited.push(at);
  return {
    key: window.visited.indexOf(at), tag: at.tagName.toLowerCase(), visible: (outlined || ringed) && inside,
    name: (at.getAttribute('aria-label') || (label ? label.textContent : at.textContent) || '').replace('(可不填)', '').trim(),
    html: at.outerHTML.slice(0, 120), wrong: at.matches('[aria-invalid=true], [data-errors]'),
  };
}"""


class Keys:
    """Somebody at a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self) -> dict[str, Any] | None:
        """Where the focus is; None where nothing has it."""
        told: dict[str, Any] | None = self.page.evaluate(FOCUS)
        return told

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def step(self, key: str = "Tab") -> dict[str, Any] | None:
        """One press of Tab, to something that is seen to have the focus, or out of the page."""
        self.press(key)
        at = self.at()
        assert at is None or at["visible"], f"{self.page.url}: focus is not seen on {at['html']}"
        return at

    def to(self, name: str, *, tag: str = "", back: bool = False) -> None:
        """Tab until what bears this name has the focus."""
        for _ in range(FURTHEST):
            at = self.step("Shift+Tab" if back else "Tab")
            if at and at["name"].startswith(name) and tag in ("", at["tag"]):
                return
        raise AssertionError(f"{self.page.url}: {name} is out of reach")

    def go(self, name: str, **how: Any) -> None:
        """Tab there, press Enter, and wait for the page that comes."""
        self.to(name, **how)
        with self.page.expect_navigation():
            self.press("Enter")

    def write(self, name: str, text: str) -> None:
        self.to(name)
        self.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, name: str, text: str) -> None:
        """Arrow down in a list of choices to the one that reads so."""
        self.to(name, tag="select")
        for _ in range(30):
            if self.page.evaluate("document.activeElement.selectedOptions[0].text") == text:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} does not offer {text}")

    def date(self, day: date) -> None:
        """Type a day where the focus is, in the order that the browser's own language has."""
        for parts in ("%m", "%d", "%Y"), ("%Y", "%m", "%d"):
            for _ in parts:
                self.press("ArrowLeft")
            for part in parts:
                self.page.keyboard.type(f"{day:{part}}")
                if part == "%Y":
                    self.press("ArrowRight")  # the others go on by themselves
            if self.page.evaluate("document.activeElement.value") == f"{day:%Y-%m-%d}":
                return
        raise AssertionError("the day is not taken")

    def around(self) -> int:
        """Once through the page and out of it; how many stops it has."""
        stops: list[int] = []
        kept = 0
        for _ in range(FURTHEST):
            at = self.step()
            if at is None or (stops and at["key"] == stops[0]):
                return len(stops)
            kept = kept + 1 if stops and at["key"] == stops[-1] else 0
            assert kept < INSIDE, f"{self.page.url}: the keyboard is caught in {at['html']}"
            if not kept:
                stops.append(at["key"])
        raise AssertionError(f"{self.page.url}: no way out of the page")
