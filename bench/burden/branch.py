"""The branch before its month: a committee of five, eighteen members, last month on file, nothing of this one but what is owed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from unittest.mock import patch

from allauth.core import context
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from tests import world
from zaidao.accounts.models import User
from zaidao.carriers.actions import filing, planning
from zaidao.carriers.decisions.record import Record, Ticks
from zaidao.core.scope import system_scope
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.models import Duty
from zaidao.organisations.actions import transfers
from zaidao.organisations.models import Organisation, Person, Transfer

PASSWORD = "清晨的海湾-2026"
COMMITTEE = (("孙永强", "副书记"), ("李秀兰", "组织委员"), ("王建军", "宣传委员"), ("赵春梅", "纪检委员"))
MEMBERS = ("周大海", "吴小丽", "郑国庆", "冯玉珍", "陈志刚", "褚卫东", "卫红霞", "蒋明", "沈爱华", "韩冬", "杨柳青")
DOER, MOVER = "member", "at_sibling"  # who has the follow-up, and who moves in
MONTHS = (date(2026, 10, 1), date(2026, 11, 1))  # whose duties are laid out: the last, and this one
LAST = {"支委会": datetime(2026, 10, 8, 16, 0), "主题党日": datetime(2026, 10, 16, 14, 30)}  # what was held last month, in local time
PLACE = "二楼党员活动室"


class Clock:
    """The day of the bench. It stands still until it is set."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return timezone.make_aware(self.at)


@contextmanager
def clock(start: datetime) -> Iterator[Clock]:
    """Everybody in this process has the bench's day."""
    made = Clock(start)
    with patch.object(timezone, "now", made):
        yield made


@dataclass
class Branch:
    """The branch, its secretary and one of its members, with the secrets by which they sign in."""

    organisation: Organisation
    secretary: User
    member: User
    transfer: Transfer
    secrets: dict[str, str]
    first: bool = False

    def number(self, user: User) -> str:
        """What the person's telephone shows now; empty where they need none. Each number is good once: the note of used ones goes."""
        cache.clear()
        secret = self.secrets.get(user.work_no)
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30)) if secret else ""


def build(now: Clock, *, first: bool = False) -> Branch:
    """Write the branch into an empty database; the clock ends where it was. `first`: it has no month before this one on file."""
    begins, made = now.at, world.build()
    branch = made.orgs["branch"]
    with system_scope("the bench writes its branch"):
        for n, (name, title) in enumerate(COMMITTEE):
            world.appoint(world.person(f"K-{n}", name, branch), branch, title)
        for n, name in enumerate(MEMBERS):
            world.person(f"M-{n}", name, branch)
        for month in MONTHS[first:]:
            lay_out([branch.pk], month, 1)
        for kind, held in LAST.items() if not first else ():
            _last_month(made, kind, held, now)
        now.at = begins
    asked = _letter(made)
    secretary, member = (_account(made.users[name]) for name in ("secretary", DOER))
    return Branch(branch, secretary, member, asked, {secretary.work_no: _factor(secretary)}, first)


def _last_month(made: world.World, kind: str, held: datetime, now: Clock) -> None:
    """A meeting of last month, as the pages would have planned and filed it."""
    branch, actor = made.orgs["branch"], made.users["secretary"]
    due = Duty.everything.get(organisation=branch, subject=kind, period_start=MONTHS[0])
    now.at = held.replace(hour=8)
    at = timezone.make_aware(held)
    planned = planning.plan(
        actor=actor, organisation=branch, kind=kind, title=f"10月{kind}", planned_at=at, place=PLACE, duty=due, host=actor.person)
    now.at = held.replace(hour=18)
    told = Record(at, "上月的记录。", 1.0, PLACE, actor.person.pk, actor.person.pk, ticks={branch.pk: Ticks(rest="present")})
    filing.file(actor=actor, activity=planned, record=told)


def _letter(made: world.World) -> Transfer:
    """A sibling branch sends one of its members here."""
    today = timezone.localdate()
    person = Person.everything.get(pk=made.people[MOVER].pk)
    return transfers.ask(
        actor=made.users["sibling_secretary"], person=person, receiver=made.orgs["branch"], letter_no="海转2026-31", issued_on=today,
        valid_until=date(2026, 12, 31), reason="工作调动")


def _account(user: User) -> User:
    user.activated_at = timezone.now()
    user.set_password(PASSWORD)
    user.save()
    return user


def _factor(user: User) -> str:
    """The secret of a second factor, which is asked of whoever keeps a roster."""
    secret = generate_totp_secret()
    with context.request_context(RequestFactory().get("/")):
        TOTP.activate(user, secret)
    return secret
