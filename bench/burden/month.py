"""The month, step by step, as the branch's secretary does it: each visit begins by signing in, for nobody stays signed in overnight."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from playwright.sync_api import Browser

from bench.burden.branch import PASSWORD, PLACE, Branch, Clock
from bench.burden.hand import Hand, Step
from tests.shell import browsing
from zaidao.accounts.models import User
from zaidao.carriers.models import Activity, FollowUp
from zaidao.core.scope import system_scope
from zaidao.institutions.models import Duty

BEGINS = datetime(2026, 11, 2, 9, 0)  # a Monday: the branch has nothing of the month yet
# When somebody comes again: the committee met, the follow-up is done, the theme day was held, the month ends.
VISITS = (datetime(2026, 11, 13, 9, 0), datetime(2026, 11, 17, 12, 30), datetime(2026, 11, 24, 9, 0), datetime(2026, 11, 26, 9, 0))
VISITS_OF_THE_FIRST = tuple(datetime(2026, 11, day, 9, 0) for day in (4, 6, 9, 26))  # both are proposed for the next day of work
KINDS, CAME = ("支委会", "主题党日"), ((4, 5), (16, 18))  # how many came, of how many expected
THEME = "学习安全生产法规,排查仓库隐患"
DECISION = "同意把更新消防器材列为支部本月实事,由人员member负责落实。"
TASK, DUE = "更换仓库东门过期灭火器并登记台账", date(2026, 11, 20)
MINUTES = (
    "会议由支部书记主持。会议传达了公司安全生产会议精神,分析了仓库消防器材的现状。孙永强通报了检查情况:东门六具灭火器已过期。"
    "李秀兰建议与主题党日结合,先排查再更换。王建军提出登记台账、定期公示。会议研究了本月主题党日的主题和安排,"
    "检查了上次议定事项的办理情况,确定本月主题党日学习安全生产法规并现场排查隐患。"
)
THEME_MINUTES = (
    "全体党员集中学习了安全生产法的有关条款,由宣传委员领学。随后分三组排查仓库东区、西区和配电间,发现并当场整改隐患四处,"
    "登记需要报修的两处。党员交流了体会,书记作小结,要求把排查结果在班组公示。党费已按规定交纳。"
)


@contextmanager
def visit(browser: Browser, base: str, branch: Branch, user: User, steps: list[Step], name: str) -> Iterator[Hand]:
    """Somebody comes, signs in and leaves."""
    desk = {"width": 1280, "height": 900}
    opened = browser.new_context(base_url=base, viewport=desk, locale="zh-CN", reduced_motion="reduce")
    page = opened.new_page()
    wrong, hand = browsing.watch(page, base), Hand(page)
    try:
        _sign_in(hand, branch, user, name)
        yield hand
        assert not wrong, wrong
    finally:
        steps += hand.steps
        opened.close()


def _sign_in(hand: Hand, branch: Branch, user: User, name: str) -> None:
    hand.page.goto("/")
    hand.begin(f"sign in: {name}")
    hand.write("工号或手机号", user.work_no)
    hand.write("密码", PASSWORD)
    _enter(hand)
    number = branch.number(user)
    if number:
        hand.lands("第二重验证")
        hand.write("验证码", number)
        _enter(hand)
    hand.lands(f"{user.name},您好")


def _enter(hand: Hand) -> None:
    with hand.page.expect_navigation():
        hand.press("Enter")


def run(browser: Browser, base: str, branch: Branch, now: Clock) -> list[Step]:
    """The whole month; what each step took. Fails loudly where a step does not lead where it should."""
    steps: list[Step] = []
    committee, done, theme_day, end = VISITS_OF_THE_FIRST if branch.first else VISITS

    def come(at: datetime, user: User, name: str, do: Callable[[Hand], Any]) -> None:
        now.at = at
        with visit(browser, base, branch, user, steps, name) as hand:
            do(hand)

    come(BEGINS, branch.secretary, "beginning of the month", _plan_both)
    come(committee, branch.secretary, "after the committee met", _file_committee)
    come(done, branch.member, "who has the follow-up", _tell_done)
    come(theme_day, branch.secretary, "after the theme day", _file_theme_day)
    come(end, branch.secretary, "end of the month", _close)
    return steps


def _plan_both(hand: Hand) -> None:
    hand.begin("plan the committee meeting, give notice")
    hand.go("安排支委会", tag="a")
    hand.lands("安排会议和活动")
    _place(hand)
    hand.go("安排并发通知", tag="button")
    hand.lands("通知已发出", "11月支委会")
    hand.begin("plan the theme day, give notice")
    hand.go("载道", tag="a")
    hand.go("安排主题党日", tag="a")
    _place(hand)
    hand.write("主题", THEME)
    hand.go("安排并发通知", tag="button")
    hand.lands("通知已发出", THEME)


def _place(hand: Hand) -> None:
    """Where they meet: as last month, unless there was none."""
    hand.to("地点")
    if not hand.value():
        hand.type(PLACE)


def _file_committee(hand: Hand) -> None:
    hand.begin("record and file the committee meeting")
    hand.go("11月支委会", tag="a")
    hand.lands("应到 5 人")
    _everybody_but(hand, {"王建军": "外地出差"})
    hand.write("记录正文", MINUTES, own=True)
    hand.write("内容", DECISION)
    hand.write("事项", TASK)
    hand.choose("责任人", "人员member")
    hand.to("完成时限")
    hand.date(DUE)
    hand.go("归档", tag="button")
    hand.lands("已归档", "实到")


def _everybody_but(hand: Hand, away: dict[str, str]) -> None:
    """All are there at one press; those on leave are taken out, with the reason. Names stand in the order of the list."""
    hand.to("其余全部到会", tag="button")
    hand.press("Enter")
    for name, why in away.items():
        hand.to(name, tag="input")
        hand.press("Space")
        hand.choose(f"{name}没有到会", "请假")
        hand.write(f"{name}没有到会的原因", why)


def _tell_done(hand: Hand) -> None:
    hand.begin("follow-up: told as done")
    hand.go("已办", tag="a")
    hand.lands(TASK)
    hand.go("已办", tag="button")
    hand.lands("已登记,等组织确认")


def _file_theme_day(hand: Hand) -> None:
    hand.begin("record and file the theme day")
    hand.go(THEME, tag="a")
    hand.lands("应到 18 人")
    _everybody_but(hand, {"郑国庆": "住院", "陈志刚": "值夜班"})
    hand.write("记录正文", THEME_MINUTES, own=True)
    hand.go("归档", tag="button")
    hand.lands("已归档")


def _close(hand: Hand) -> None:
    hand.begin("follow-up: confirmed")
    hand.go("确认办结", tag="a")
    hand.lands(TASK)
    hand.go("确认办结", tag="button")
    hand.lands("已办结")
    hand.begin("receive a member")
    hand.go("载道", tag="a")
    hand.go("办理接收", tag="a")
    hand.go("确认接收", tag="button")
    hand.lands("已接收")


def left(branch: Branch) -> list[str]:
    """What is wrong with what the month left in the database: nothing, where it was done."""
    with system_scope("the bench looks at what came of it"):
        wrong = [problem for kind, here in zip(KINDS, CAME, strict=True) for problem in _meeting(branch, kind, here)]
        wrong += [f"{kind}: duty {state}" for kind, state in _duties(branch) if state != "kept"]
        rows = FollowUp.everything.filter(organisation=branch.organisation).values_list("what", "due_on", "state", "who__name")
        if list(rows) != [(TASK, DUE, "confirmed", branch.member.person.name)]:
            wrong.append(f"follow-ups: {list(rows)}")
        branch.transfer.refresh_from_db()
        branch.transfer.person.refresh_from_db()
        if branch.transfer.state != "received" or branch.transfer.person.organisation_id != branch.organisation.pk:
            wrong.append(f"transfer: {branch.transfer.state}")
    return wrong


def _meeting(branch: Branch, kind: str, here: tuple[int, int]) -> Iterator[str]:
    row = Activity.everything.filter(organisation=branch.organisation, kind=kind, held_at__gte=timezone.make_aware(BEGINS)).first()
    if row is None:
        yield f"{kind}: not on file"
        return
    part, minutes = row.participations.get(), row.minutes.get()
    text = MINUTES if kind == "支委会" else THEME_MINUTES
    if (row.state, minutes.text, minutes.late_reason) != ("filed", text, ""):
        yield f"{kind}: {row.state}, {minutes.text[:40]}, {minutes.late_reason}"
    if (part.present, part.eligible) != here:
        yield f"{kind}: {part.present} of {part.eligible}"
    decided = list(minutes.decisions.values_list("text", flat=True))
    if decided != ([DECISION] if kind == "支委会" else []):
        yield f"{kind}: decided {decided}"
    if not row.notices.exists():
        yield f"{kind}: no notice"


def _duties(branch: Branch) -> list[tuple[str, str]]:
    rows = Duty.everything.filter(organisation=branch.organisation, subject__in=KINDS, period_start=BEGINS.date().replace(day=1))
    found = dict(rows.values_list("subject", "state"))
    return [(kind, found.get(kind, "missing")) for kind in KINDS]
