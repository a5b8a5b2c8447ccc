"""How long pages take, in this process: median and 95th percentile of warm requests, queries, bytes.

Seconds are those of the whole request through Django's test client, middleware and templates included; no network, no second process.
"""

import math
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.living import month
from bench.living.cast import Cast
from zaidao.accounts.models import User
from zaidao.organisations.models import Link, Post, Term

WARM, TIMES = 3, 30
EARLIER = "2024-11-01"
DUES = "zaidao-organisations-panels-people-dues_panel"


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    fragment: bool = False


@dataclass(frozen=True)
class Timed:
    """One page as one person sees it, in milliseconds of a request. `own`, `base`: processor time of this process and of the database's
    on the mean, which say what the page costs where others press on the machine."""

    who: str
    page: str
    status: int
    median: float
    p95: float
    own: float
    base: float
    queries: int
    kilobytes: float


def client_of(user: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def at(name: str, *args: Any, query: dict[str, str] | None = None) -> str:
    found = reverse(name, args=args)
    return f"{found}?{urlencode(query)}" if query else found


def pages(cast: Cast, who: str) -> Iterator[Page]:
    """What this person opens."""
    if who in ("auditor", "keeper"):
        yield from _keeping(cast, who)
        return
    yield Page("home", at("shell:home"))
    yield Page("tree", at("organisations:tree"))
    yield Page("branch", at("organisations:organisation", cast.branch.pk))
    yield from (Page(name, address) for name, address in month.addresses(cast, who))
    if who == "member":
        yield Page("own records", at("organisations:own"))
        return
    yield from _organisations(cast, who)
    yield from _roster(cast)
    yield from _lists(cast)


def _organisations(cast: Cast, who: str) -> Iterator[Page]:
    above = {"head": ("root", "division", "company"), "office": ("root", "division", "company"), "superior": ("division", "company")}
    for name in above.get(who, ()):
        row = getattr(cast, name)
        yield Page(name, at("organisations:organisation", row.pk))
        yield Page(f"level under {name}", at("organisations:level", row.pk), fragment=True)
        under = list(Link.everything.filter(parent=row, until=None).order_by("child__path").values_list("child", flat=True)[:100])
        yield Page(f"numbers under {name}", _numbers(under), fragment=True)
        yield Page(f"dues of {name}", at("shell:panel", "organisation", DUES, row.pk), fragment=True)
    top = getattr(cast, above[who][0]) if who in above else cast.branch
    yield Page("numbers of the tree", _numbers([top.pk]), fragment=True)
    yield Page("tree two years ago", at("organisations:tree", query={"day": EARLIER}))
    yield Page("numbers two years ago", _numbers([top.pk], day=EARLIER), fragment=True)
    yield Page("posts", at("organisations:posts", cast.branch.pk))
    yield Page("term", at("organisations:term", Term.everything.filter(organisation=cast.branch, ended_on=None)[0].organisation_id))
    yield Page("post", at("organisations:post", Post.everything.filter(organisation=cast.branch)[0].pk))
    yield Page("structure of one", at("organisations:structure", cast.branch.pk))
    yield Page("expected", at("organisations:expected", cast.branch.pk))
    yield Page("history", at("organisations:history", cast.branch.pk))
    if who != "secretary":  # the superior's to decide
        yield Page("move a branch", at("organisations:change", cast.branch.pk, "move"))
    for key in ("zaidao-diagnosis-panels-hours", "zaidao-diagnosis-panels-elements"):
        yield Page(f"panel {key.rpartition('-')[2]}", at("shell:panel", "organisation", key, cast.branch.pk), fragment=True)


def _numbers(of: list[int], **day: str) -> str:
    """Where the tree fetches the numbers of these organisations."""
    return at("organisations:numbers", query=day | {"of": ",".join(map(str, of))})


SEARCHES = {
    "search name, common surname": {"q": "王"}, "search name, common": {"q": "王伟"}, "search name, rare": {"q": "尉迟"},
    "search name, no hit": {"q": "龘"}, "search pinyin": {"q": "wangwei"}, "search pinyin, one letter": {"q": "w"},
    "search initials": {"q": "zsh"}, "search code": {"q": "R0012345"}, "search code, part": {"q": "R001"},
    "search letters, no hit": {"q": "qqqqq"},
}
FILTERS = {
    "roster": {}, "roster, page 40": {"page": "40"}, "roster, last page": {"page": "3000"}, "roster, category": {"category": "activist"},
    "roster, mobile": {"state": "mobile"}, "roster, leaving": {"state": "leaving"}, "roster, due": {"state": "due"},
    "roster, left": {"state": "left"}, "left, common surname": {"state": "left", "q": "王"},
}


def _roster(cast: Cast) -> Iterator[Page]:
    for name, query in (FILTERS | SEARCHES).items():
        yield Page(name, at("organisations:people", query=query))
    yield Page("roster of a company", at("organisations:people", query={"organisation": cast.company.code}))
    yield Page("roster, organisation's name", at("organisations:people", query={"organisation": "机关"}))
    yield Page("person", at("organisations:person", cast.person.pk))
    yield Page("person history", at("organisations:person_history", cast.person.pk))


def _lists(cast: Cast) -> Iterator[Page]:
    yield Page("dates", at("organisations:dates"))
    yield Page("transfers", at("organisations:transfers"))
    yield Page("hand-overs", at("organisations:hand_overs"))
    for what in ("over", "soon", "vacant"):
        yield Page(f"terms, {what}", at("organisations:terms", query={"what": what}))
    for what in ("open", "vacant", "all"):
        yield Page(f"structure list, {what}", at("organisations:structure_list", query={"what": what}))
    yield Page("imports", at("organisations:imports"))
    yield Page("register", at("organisations:person_new"))


def _keeping(cast: Cast, who: str) -> Iterator[Page]:
    yield Page("home", at("shell:home"))
    if who == "keeper":
        yield Page("health", at("shell:health"))
        yield Page("accounts", at("accounts:users"))
        yield Page("accounts, search", at("accounts:users", query={"q": "王"}))
        return
    yield Page("audit", at("accounts:audit"))
    yield Page("audit, place", at("accounts:audit", query={"place": cast.branch.name}))
    yield Page("audit, verb", at("accounts:audit", query={"verb": "posts.appoint"}))
    yield Page("audit, a day", at("accounts:audit", query={"since": "2024-01-01", "until": "2024-01-02"}))


def measure(cast: Cast, who: str, page: Page, times: int = TIMES) -> Timed:
    """Ask for a page `times` times after some that do not count."""
    client = client_of(cast.users[who])
    headers = {"HX-Request": "true"} if page.fragment else {}
    for _ in range(WARM):
        answer = client.get(page.url, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        client.get(page.url, headers=headers)
        queries = len(asked)
    walls, own, base = [], time.process_time(), backend_seconds()
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(page.url, headers=headers)
        walls.append(1000 * (time.perf_counter() - began))
    own, base = (1000 * (time.process_time() - own) / times, 1000 * (backend_seconds() - base) / times)
    return Timed(who, page.name, answer.status_code, statistics.median(walls), percentile(walls, 95), own, base, queries,
                 len(answer.content) / 1024)


def backend_seconds() -> float:
    """Processor time of the process that serves this connection, without helpers of parallel plans; 0 on SQLite, where it is one's own."""
    if connection.vendor != "postgresql":
        return 0.0
    fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: list[float], share: int) -> float:
    """The least value that `share` percent of all do not exceed."""
    return sorted(values)[max(math.ceil(len(values) * share / 100) - 1, 0)]


def told(found: Timed) -> str:
    mark = " " if found.p95 < 150 and found.queries <= 15 and found.status == 200 else "*"
    return (f"{mark} {found.who:10} {found.page:32} {found.status} {found.median:8.1f} {found.p95:8.1f} {found.own:7.1f} {found.base:7.1f} "
            f"{found.queries:4} {found.kilobytes:7.1f}")


HEAD = f"  {'who':10} {'page':32} {'':3} {'p50 ms':>8} {'p95 ms':>8} {'own ms':>7} {'db ms':>7} {'sql':>4} {'KB':>7}"
