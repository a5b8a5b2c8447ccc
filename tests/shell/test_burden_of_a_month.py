"""A branch's whole regular month by the keyboard alone takes no more than it may: the bench is run as it stands."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from pytest_django.live_server_helper import LiveServer

from bench.burden import branch, month, show
from bench.burden.hand import Step
from tests.shell import browsing


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_month_takes_sixty_clicks_and_four_hundred_characters_at_most(
    live_server: LiveServer, settings: LazySettings, tmp_path: Path,
) -> None:
    settings.VAR, settings.SECOND_FACTOR_REQUIRED = tmp_path, True
    cache.clear()
    with branch.clock(month.BEGINS) as now, browsing.chromium() as browser:
        made = branch.build(now)
        assert len(month.left(made)) == 6  # of what the month is to leave behind nothing is there yet
        steps = month.run(browser, live_server.url, made, now)
        assert month.left(made) == []
    assert show.over(steps) == [], f"\n{show.table(steps)}"
    taken, paper = show.total(steps), show.paper()
    assert taken.clicks > len(steps)  # each step acts at least once
    assert taken.clicks < sum(clicks for clicks, _ in paper.values())
    assert taken.chars < sum(chars for _, chars in paper.values())


def test_what_is_over_its_limit_is_told() -> None:
    steps = [Step("一", clicks=40, chars=390, most=26), Step("二", clicks=21, chars=11)]
    assert show.over(steps) == [
        "61 clicks, at most 60", "401 characters, at most 400", "一: 26 presses of Tab between two acts, at most 25",
    ]
    assert show.over([Step("一", clicks=60, chars=400, most=25)]) == []


def test_the_paper_month_has_the_steps_of_the_other_and_one_more() -> None:
    names = show.paper().keys()
    assert len(names) == 8
    assert all(clicks > 0 and chars > 0 for clicks, chars in show.paper().values())
