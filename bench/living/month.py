"""Pages of rules, duties and meetings, of the search and the burden, as the same persons open them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from bench.living.cast import Cast
from zaidao.carriers.models import Activity
from zaidao.institutions.models import Duty, Institution

QUESTIONS = {
    "search for a common word": "检修", "search for a surname": "王", "search for a title": "主题党日", "search without a hit": "龘龘",
}
Address = tuple[str, str]


def _at(name: str, *args: int, **query: str) -> str:
    return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")


def addresses(cast: Cast, who: str) -> Iterator[Address]:
    """(name, address) of what this person opens."""
    yield "meetings", _at("carriers:list")
    yield "follow-ups", _at("carriers:follow_ups")
    yield "calendar feed", _at("carriers:feed")
    for name, text in QUESTIONS.items():
        yield name, _at("shell:search", q=text)
    if who == "member":
        return
    yield "month", _at("carriers:month")
    yield from _meetings(cast)
    yield from _rules(cast)
    if who != "secretary":
        yield "not yet, below", _at("carriers:below")
        for name, subject in (("hardly any", "主题党日"), ("nearly all", "党课")):
            yield f"not yet, {name}", _at("carriers:below", subject=subject)
        yield "coverage", _at("institutions:coverage")
    yield "burden", _at("shell:burden")


def _meetings(cast: Cast) -> Iterator[Address]:
    of_branch = Activity.everything.filter(organisation=cast.branch).order_by("pk")
    filed = of_branch.filter(state=Activity.State.FILED).last()
    coming = of_branch.filter(state=Activity.State.PLANNED).last()
    if filed is not None:
        yield "filed meeting", _at("carriers:activity", filed.pk)
        yield "history of a meeting", _at("carriers:history", filed.pk)
    if coming is not None:
        yield "planned meeting", _at("carriers:activity", coming.pk)
        yield "record of a meeting", _at("carriers:record", coming.pk)
    yield "meetings, page 40", _at("carriers:list", page="40")
    yield "meetings of a kind", _at("carriers:list", kind="支委会")
    yield "plan", _at("carriers:plan", organisation=str(cast.branch.pk))
    yield "ledger", _at("carriers:ledger")
    yield "ledger of a branch", _at("carriers:ledger", organisation=cast.branch.code)
    yield "year of a branch", _at("carriers:year", cast.branch.pk)
    yield "carriers", _at("carriers:carriers")
    yield "sheets", _at("carriers:sheets")


def _rules(cast: Cast) -> Iterator[Address]:
    rule = Institution.everything.order_by("pk")[0]
    duty = Duty.everything.filter(organisation=cast.branch, period_start__lte=timezone.localdate()).order_by("-period_start")[0]
    yield "register", _at("institutions:register")
    yield "institution", _at("institutions:institution", rule.pk)
    yield "duties of a branch", _at("institutions:duties", cast.branch.pk)
    yield "duty", _at("institutions:duty", duty.pk)
    yield "execution", _at("institutions:execution")
    yield "execution by organisation", _at("institutions:execution_organisations")
    yield "coverage of a branch", _at("institutions:coverage_of", cast.branch.pk)
    yield "conflicts", _at("institutions:conflicts")
    yield "values", _at("institutions:values")
