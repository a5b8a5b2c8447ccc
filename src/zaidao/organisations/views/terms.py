"""Pages of terms: those that end, one organisation's, its election, extension and correction."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core import rulebook
from zaidao.core.access import get_for
from zaidao.core.once import once
from zaidao.core.pages import page_of, paging
from zaidao.organisations import access
from zaidao.organisations.actions import terms as actions
from zaidao.organisations.forms.posts import ElectForm, ExtendForm, RequestForm, TermForm
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import terms as queries
from zaidao.organisations.views.hand_over import tabs
from zaidao.organisations.views.parts import act, crumbs, somewhere

SIZE = 25


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Terms over and ending, and organisations without a secretary, in the tree's order. About eight queries."""
    somewhere(request, access.PEOPLE)
    today, steps = timezone.localdate(), rulebook.today().param("living.term_notice_days")
    what, page = request.GET.get("what", "soon"), page_of(request)
    lists = {"over": queries.over, "vacant": queries.without_secretary, "request": queries.to_request}
    rows = lists.get(what, lambda day: queries.soon(day, max(steps)))(today)
    part = list(rows[(page - 1) * SIZE:page * SIZE])
    shown = [row if what == "vacant" else queries.told(row.organisation, row, today) for row in part]
    choices = [("soon", f"{max(steps)}天内届满"), ("request", "待请示换届"), ("over", "已届满未换届"), ("vacant", "书记空缺")]
    return render(request, "organisations/terms.html", {
        "rows": shown, "what": what, "steps": steps, "menu": "structure", "tabs": tabs("terms"),
        "kinds": [{"text": text, "href": f"?what={key}", "here": key == what} for key, text in choices],
        **paging(page, SIZE, rows.count()),
    })


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    organisation, today = get_for(request.user, access.VIEW, Organisation, pk), timezone.localdate()
    return render(request, "organisations/terms_of.html", {
        "organisation": organisation, "running": queries.running(organisation, today), "past": queries.past(organisation),
        "menu": "structure", "crumbs": crumbs(organisation, ("任期", None)),
    })


@require_http_methods(["GET", "POST"])
@once
def elect(request: HttpRequest, pk: int) -> HttpResponse:
    """Register an election: the new term, and who stays."""
    organisation, today = get_for(request.user, access.TERM, Organisation, pk), timezone.localdate()
    held = actions.elected(organisation, today)
    form = ElectForm(request.POST or None, held=held, initial={"on": today})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:
        stay = {int(number) for number in told.pop("stay", ())}
        actions.elect(actor=request.user, organisation=organisation, today=today, stay=stay, confirmed=confirmed, **told)

    facts = [("本届", "换届日期前一天止"), ("没有勾选的", "换届日期起离任,并建立交接清单"), ("新当选的", "登记换届后在岗位页登记任职")]
    return act(request, form, do, title="登记换届", to=_posts(organisation), done="换届已登记;新当选的请逐一登记任职。",
               where=crumbs(organisation, ("任期", _one(organisation)), ("登记换届", None)), submit="登记换届", facts=facts)


@require_http_methods(["GET", "POST"])
@once
def request_election(request: HttpRequest, pk: int) -> HttpResponse:
    """That the superior was asked for the election: the reminder ends."""
    organisation, today = get_for(request.user, access.TERM, Organisation, pk), timezone.localdate()
    form = RequestForm(request.POST or None, initial={"on": today})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.request(actor=request.user, organisation=organisation, today=today, **told)

    return act(request, form, do, title="登记换届请示", to=_one(organisation), done="换届请示已登记。",
               where=crumbs(organisation, ("任期", _one(organisation)), ("登记换届请示", None)), submit="登记请示")


@require_http_methods(["GET", "POST"])
@once
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_for(request.user, access.TERM, Organisation, pk)
    form = ExtendForm(request.POST or None)

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.extend(actor=request.user, organisation=organisation, **told)

    return act(request, form, do, title="登记延期", to=_one(organisation), done="延期已登记。",
               where=crumbs(organisation, ("任期", _one(organisation)), ("登记延期", None)), submit="登记延期")


@require_http_methods(["GET", "POST"])
@once
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    organisation, today = get_for(request.user, access.TERM, Organisation, pk), timezone.localdate()
    form = TermForm(request.POST or None, initial=TermForm.of(queries.running(organisation, today).term))

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.correct(actor=request.user, organisation=organisation, today=today, **told)

    return act(request, form, do, title="更正本届资料", to=_one(organisation), done="本届资料已更正。",
               where=crumbs(organisation, ("任期", _one(organisation)), ("更正", None)), submit="更正")


def _one(organisation: Organisation) -> str:
    return reverse("organisations:term", args=[organisation.pk])


def _posts(organisation: Organisation) -> str:
    return reverse("organisations:posts", args=[organisation.pk])
