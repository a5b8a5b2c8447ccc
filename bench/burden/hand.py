"""A hand at the keyboard that counts what it does: presses that act, presses that go from place to place, characters."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from playwright.sync_api import Page

from tests.shell.keyboard import Keys

PASSING = ("Tab", "Shift+Tab")


@dataclass
class Step:
    """What one step took. `clicks`: every press but Tab that is no character; `own`: characters of the minutes themselves."""

    name: str
    clicks: int = 0
    tabs: int = 0
    chars: int = 0
    own: int = 0
    most: int = 0  # presses of Tab between two acts, at most


class Hand(Keys):
    """Counts into the last step begun."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.steps: list[Step] = []
        self._run = 0

    def begin(self, name: str) -> None:
        self.steps.append(Step(name))
        self._run = 0

    def press(self, key: str) -> None:
        step = self.steps[-1]
        if key in PASSING:
            step.tabs, self._run = step.tabs + 1, self._run + 1
            step.most = max(step.most, self._run)
        else:
            step.clicks, self._run = step.clicks + 1, 0
        super().press(key)

    def type(self, text: str, *, own: bool = False) -> None:
        step = self.steps[-1]
        step.chars, step.own = step.chars + len(text) * (not own), step.own + len(text) * own
        self._run = 0
        self.page.keyboard.type(text)

    def to(self, name: str, *, tag: str = "", back: bool = False) -> None:
        """Where the focus is there already, nothing is pressed."""
        at = self.at()
        if not (at and at["name"].startswith(name) and tag in ("", at["tag"])):
            super().to(name, tag=tag, back=back)

    def write(self, name: str, text: str, *, own: bool = False) -> None:
        """Type into a field; what stood there goes first, by one press more."""
        self.to(name)
        if self.page.evaluate("document.activeElement.value"):
            self.press("ControlOrMeta+a")
        self.type(text, own=own)

    def date(self, day: date) -> None:
        """Type a day where the focus is, in the order that the browser's own language has: found out unseen, then typed once."""
        year_first = self.page.evaluate("new Intl.DateTimeFormat(navigator.language).formatToParts()[0].type === 'year'")
        for parts in (("%Y", "%m", "%d"), ("%m", "%d", "%Y")) if year_first else (("%m", "%d", "%Y"), ("%Y", "%m", "%d")):
            step = self.steps[-1]
            before = (step.clicks, step.chars)
            for part in parts:
                self.type(f"{day:{part}}")
                if part == "%Y":
                    self.press("ArrowRight")  # the others go on by themselves
            if self.value() == f"{day:%Y-%m-%d}":
                return
            for _ in parts:
                self.press("ArrowLeft")
            step.clicks, step.chars = before
        raise AssertionError("the day is not taken")

    def value(self) -> Any:
        return self.page.evaluate("document.activeElement.value")

    def lands(self, *words: str) -> None:
        """Fails unless the page that came says these words."""
        text = self.page.inner_text("main")
        missing = [word for word in words if word not in text]
        assert not missing, f"{self.steps[-1].name}: {self.page.url} does not say {missing}:\n{text[:600]}"
