"""Judgements about 组织关系转接: what may be asked, received, returned and withdrawn, and which posts end with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from zaidao.accounts.access import SECRETARY
from zaidao.core import written
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.decisions.people import Flaws
from zaidao.organisations.decisions.roles import role_of


@dataclass(frozen=True)
class Held:
    """A post in office. `path`, `kind`: of its organisation."""

    number: int
    title: str
    domain: str
    tenure: str
    kind: str
    path: str
    organisation: str = ""


def valid_until(issued_on: date, clocks: Clocks) -> date:
    """How long a letter holds where nothing else is said."""
    return issued_on + timedelta(days=clocks.letter_days)


def letter_flaws(issued_on: date, valid_until: date, *, day: date, clocks: Clocks) -> Flaws:
    """What is wrong with the dates of a letter."""
    if issued_on > day:
        return {"issued_on": "开出日期晚于今天,请核对。"}
    latest = issued_on + timedelta(days=clocks.letter_most_days)
    if not issued_on < valid_until <= latest:
        return {"valid_until": f"有效期应晚于开出日期,最长 {clocks.letter_most_days} 天,即不晚于{written.day(latest)}。"}
    return {}


def ending(held: Iterable[Held], sender: str, receiver: str | None) -> list[Held]:
    """The Party posts that end: in organisations of the sender's subtree to which the person will no longer belong."""
    return [
        post for post in held
        if post.domain in ("party", "") and post.path.startswith(sender) and not (receiver or "").startswith(post.path)
    ]


def still_leads(posts: Iterable[Held]) -> list[str]:
    """Why somebody cannot be received yet: the secretary's posts among those that would end."""
    return [
        f"还在任{post.organisation}{post.title},请先办理免职和交接。" for post in posts
        if role_of(post.title, post.domain, post.kind, post.tenure) == SECRETARY
    ]


def reception_flaws(issued_on: date, valid_until: date, since: date | None, on: date, note: str, *, day: date) -> Flaws:
    """What stands against receiving on a day. `since`: when the person came to the old organisation."""
    if on > day:
        return {"on": "接收日期晚于今天,请核对。"}
    if on < issued_on:
        return {"on": f"接收日期早于介绍信开出日期({written.day(issued_on)}),请核对。"}
    if since and on < since:
        return {"on": f"接收日期早于转入原组织的日期({written.day(since)}),请核对。"}
    if on > valid_until and not note.strip():
        return {"note": f"介绍信有效期到{written.day(valid_until)},已过期;如仍接收,请写明情况。"}
    return {}
