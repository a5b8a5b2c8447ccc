"""Pages of 组织关系转接. Until it is received, the receiving side is shown what the transfer shows and nothing else of the person."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core import access, pages
from zaidao.core.access import get_for
from zaidao.core.once import once
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import people, standing, transfers
from zaidao.organisations.decisions.transfers import ending, valid_until
from zaidao.organisations.forms import people as forms
from zaidao.organisations.models import Person, Transfer
from zaidao.organisations.queries import transfers as queries
from zaidao.organisations.views.people import tabs
from zaidao.organisations.views.roster import Crumbs, act, asked_or_only, crumbs, offered, organisations, require_somewhere, to_person

SIZE = 30


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What waits on either side, and what is settled."""
    require_somewhere(request, verbs.TRANSFER)
    coming, going = queries.waiting()
    numbers, shown = pages.searched(request, queries.visible(), SIZE)
    return render(request, "organisations/transfers.html", {
        "coming": coming, "going": going, "settled": queries.of_numbers(numbers), "today": timezone.localdate(),
        "most": queries.MOST_WAITING, "tabs": tabs("transfers"), "menu": "people", **shown,
    })


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    row = seen.transfer
    reach = access.holder(request.user).reach(verbs.PEOPLE)
    return render(request, "organisations/transfer.html", {
        "transfer": row, "seen": seen, "today": timezone.localdate(), "crumbs": [*_trail(row)[:-1], (row.person.name, None)],
        "open": row.state == Transfer.State.ASKED, "menu": "people",
        "page": to_person(row.person) if row.person.organisation and reach.covers(row.person.organisation.path) else "",
    })


def _seen(request: HttpRequest, pk: int) -> queries.Seen:
    """Raises Http404 for what lies beyond the person on both sides."""
    require_somewhere(request, verbs.TRANSFER)
    seen = queries.find(pk)
    if seen is None:
        raise Http404("没有找到")
    return seen


def _trail(row: Transfer, *more: tuple[str, str | None]) -> Crumbs:
    listed: Crumbs = [("组织关系转接", reverse("organisations:transfers"))]
    return [*listed, (row.person.name, _to(row)), *more]


def _to(row: Transfer) -> str:
    return reverse("organisations:transfer", args=[row.pk])


@require_GET
def receivers(request: HttpRequest) -> HttpResponse:
    """Options for the field of the receiver: names and codes of organisations of the whole system."""
    require_somewhere(request, verbs.TRANSFER)
    return render(request, "organisations/transfers_receivers.html", {"found": queries.receivers(request.GET.get("receiver", ""))})


@require_http_methods(["GET", "POST"])
@once
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.TRANSFER, Person, pk)
    today = timezone.localdate()
    first = {"issued_on": today, "valid_until": valid_until(today, standing.clocks())}
    form = forms.TransferForm(request.POST or None, initial=first)

    def do(told: Any) -> None:
        transfers.ask(actor=request.user, person=found, **told)

    return act(
        request, form, do, title=f"转出{found.name}的组织关系", to=to_person(found), done="已提交,对方接收之前仍由本组织负责。",
        where=crumbs(found, ("转接组织关系", None)), submit="提交转接", facts=_ask_facts(found),
        receivers=reverse("organisations:receivers"),
    )


def _ask_facts(found: Person) -> list[tuple[str, Any]]:
    held = ending(transfers.posts_of(found), people.place(found), None)
    posts = "、".join(f"{p.organisation}{p.title}" for p in held) or "无"
    where = found.organisation.name if found.organisation else None
    return [("现在的组织", where), ("接收之前", "仍在本组织名册,计入应到"), ("接收当日随之结束的党内职务", posts)]


@require_http_methods(["GET", "POST"])
@once
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides at once, for whoever acts on both."""
    found = get_for(request.user, verbs.TRANSFER, Person, pk)
    form = forms.MoveForm(request.POST or None, initial={"on": timezone.localdate()})
    form.fields["receiver"].rows = organisations(verbs.TRANSFER)  # type: ignore[attr-defined]

    def do(told: Any) -> None:
        transfers.move(actor=request.user, person=found, **told)

    return act(
        request, form, do, title=f"调整{found.name}所在组织", to=to_person(found), done="已调整。", submit="确认调整",
        where=crumbs(found, ("调整所在组织", None)), facts=_ask_facts(found), offered=offered(verbs.TRANSFER),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@once
def take_in(request: HttpRequest) -> HttpResponse:
    """Somebody from an outside organisation."""
    require_somewhere(request, verbs.TRANSFER)
    today = timezone.localdate()
    near = offered(verbs.TRANSFER)
    first = {"organisation": asked_or_only(request, near), "issued_on": today - timedelta(days=1), "on": today, "category": "full"}
    form = forms.TakeInForm(request.POST or None, initial=first)
    form.fields["organisation"].rows = organisations(verbs.TRANSFER)  # type: ignore[attr-defined]
    own = ("organisation", "code", "outside", "letter_no", "issued_on", "on", "reason")

    def do(told: Any) -> None:
        transfers.take_in(actor=request.user, facts=form.facts(), **{n: told[n] for n in own})

    return act(
        request, form, do, title="从系统外转入", to=reverse("organisations:transfers"), done="已转入并登记。", submit="转入",
        where=[("组织关系转接", reverse("organisations:transfers")), ("从系统外转入", None)], offered=near,
    )


@require_http_methods(["GET", "POST"])
@once
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    row = _on_side(request, pk, receives=True)

    def do(told: Any) -> None:
        transfers.receive(actor=request.user, transfer=row, **told)

    form = forms.ReceiveForm(request.POST or None, initial={"on": timezone.localdate()})
    facts = [*_letter(row), ("接收之后", "自接收之日起列入本组织名册;在原组织的党内职务当日结束,流动登记当日结束")]
    return act(request, form, do, title=f"接收{row.person.name}的组织关系", to=_to(row), done="已接收。",
               where=_trail(row, ("接收", None)), submit="确认接收", facts=facts)


@require_http_methods(["GET", "POST"])
@once
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    row = _on_side(request, pk, receives=True)

    def do(told: Any) -> None:
        transfers.send_back(actor=request.user, transfer=row, **told)

    form = forms.ReasonForm(request.POST or None)
    return act(request, form, do, title=f"退回{row.person.name}的组织关系", to=_to(row), done="已退回。",
               where=_trail(row, ("退回", None)), submit="确认退回", facts=_letter(row))


@require_http_methods(["GET", "POST"])
@once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _on_side(request, pk, receives=False)

    def do(told: Any) -> None:
        transfers.withdraw(actor=request.user, transfer=row, **told)

    form = forms.WithdrawForm(request.POST or None)
    return act(request, form, do, title=f"撤回{row.person.name}的转接", to=_to(row), done="已撤回。",
               where=_trail(row, ("撤回", None)), submit="确认撤回", facts=_letter(row))


@require_http_methods(["GET", "POST"])
@once
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of an outside organisation."""
    row = _on_side(request, pk, receives=False)

    def do(told: Any) -> None:
        transfers.confirm_outside(actor=request.user, transfer=row, **told)

    form = forms.ReceiptForm(request.POST or None, initial={"on": timezone.localdate()})
    facts = [*_letter(row), ("登记之后", "自回执之日起不在本组织名册;党内职务当日结束")]
    return act(request, form, do, title=f"登记{row.person.name}的回执", to=_to(row), done="已登记回执。",
               where=_trail(row, ("登记回执", None)), submit="确认登记", facts=facts)


def _on_side(request: HttpRequest, pk: int, *, receives: bool) -> Transfer:
    """Raises Http404 for what lies beyond the person, Denied on the wrong side of what they see."""
    seen = _seen(request, pk)
    if not (seen.receives if receives else seen.sends):
        side = "接收" if receives else "转出"
        raise access.Denied(f"这一步由{side}组织办理。", verb=verbs.TRANSFER)
    return seen.transfer


def _letter(row: Transfer) -> list[tuple[str, Any]]:
    sender, receiver = (o.name if o else row.outside for o in (row.sender, row.receiver))
    return [
        ("姓名", row.person.name), ("人员类别", row.person.get_category_display()), ("转出组织", sender), ("接收组织", receiver),
        ("介绍信编号", row.letter_no), ("开出日期", row.issued_on),
        ("有效期至", row.valid_until), ("事由", row.reason),
    ]
