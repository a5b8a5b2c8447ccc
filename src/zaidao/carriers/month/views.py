"""Pages of the month: one's own organisations, those below by subject, and closing the day's reminder."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zaidao.carriers import access
from zaidao.carriers.forms_out import sheets
from zaidao.carriers.models import Participation
from zaidao.carriers.month import below as below_
from zaidao.carriers.month import board, digest, queries
from zaidao.carriers.month.forms import BelowFilter, DigestForm
from zaidao.carriers.views.ledger import MOST_ROWS, attachment, recorded
from zaidao.core import access as core_access
from zaidao.core import calendar
from zaidao.core.acts import attempt
from zaidao.core.pages import page_of, paging
from zaidao.institutions.queries import month as duties
from zaidao.institutions.queries.month import Tally
from zaidao.organisations.actions.standing import clocks
from zaidao.organisations.queries import dates

SIZE = 50
NOTHING = {
    "open": "都有记录了", "past": "没有逾期未见记录的组织", "done": "还没有组织有记录", "exempt": "没有不适用的组织", "all": "没有组织",
}
DATES = 12  # of what is due about people; the rest has a page of its own


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Everything of the month for the organisations where one holds a post. Nine queries with those of signing in, however many."""
    core_access.require_somewhere(request.user, access.MONTH)
    held, today = core_access.holder(request.user), timezone.localdate()
    due = dates.dues(today, clocks(), me=request.user.pk) if held.may_somewhere(dates.EDIT) else []
    return render(request, "carriers/month.html", {
        "board": board.of(held, timezone.now(), today), "today": today, "dues": due[:DATES], "more": len(due) > DATES,
        "terms": queries.ending(queries.own(held), today), "menu": "month",
    })


@require_GET
def below(request: HttpRequest) -> HttpResponse:
    """Counts by subject in a month; of one subject the organisations in the tree's order and the text to paste. At most thirteen queries
    with those of signing in."""
    core_access.require_somewhere(request.user, access.MONTH)
    today = timezone.localdate()
    form, part = _asked(request, today)
    under = part.path if part else ""
    tallies = duties.tallies(form.first, today, under, form.told("subject"))
    chosen = tallies[0] if tallies and form.told("subject") else None
    shown = _rows(request, form, chosen, under, today) if chosen else {}
    return render(request, "carriers/month_below.html", {
        "form": form, "tallies": tallies, "chosen": chosen, "part": part, "first": form.first, "menu": "month",
        "exports": core_access.holder(request.user).may_somewhere(access.EXPORT), **shown,
    })


def _asked(request: HttpRequest, today: date) -> tuple[BelowFilter, Any]:
    """The filter, and the part of the tree that was chosen."""
    offered = queries.parts(queries.own(core_access.holder(request.user)))
    form = BelowFilter(request.GET, today=today, offered=offered)
    return form, next((each for each in offered if str(each.pk) == form.told("under")), None)


@never_cache
@require_GET
def below_file(request: HttpRequest) -> FileResponse:
    """What the page shows as a workbook, all pages of it, where one may export; on record."""
    core_access.require_somewhere(request.user, access.EXPORT)
    today = timezone.localdate()
    form, part = _asked(request, today)
    subject, show, under = form.told("subject"), request.GET.get("show", ""), part.path if part else ""
    if subject:
        kind = show if show in duties.SHOWN else "open"
        rows = duties.of_subject(form.first, subject, kind, today, under, access.EXPORT)[:MOST_ROWS]
        page = below_.listed(subject, below_.page(rows, today, calendar.load()))
    else:
        page = below_.counted(duties.tallies(form.first, today, under, verb=access.EXPORT))
    told = {"form": "所辖组织办理情况", "month": form.told("month"), "subject": subject, "show": show, "under": part.code if part else ""}
    recorded(request, Participation._meta.get_field("duty").related_model, {name: value for name, value in told.items() if value})
    return attachment(sheets.workbook([page]), f"所辖组织办理情况{subject}{form.first:%Y%m}.xlsx", sheets.XLSX)


def _rows(request: HttpRequest, form: BelowFilter, chosen: Tally, under: str, today: date) -> dict[str, Any]:
    """The rows of one subject, page by page, and the words to paste. At most eight queries."""
    asked, subject = request.GET.get("show", ""), chosen.subject
    show, page, days = asked if asked in duties.SHOWN else "open", page_of(request), calendar.load()
    opened = duties.places(form.first, subject, "open", today, under) if chosen.open else []
    listed = opened if show == "open" else duties.places(form.first, subject, show, today, under)
    rows = duties.standing_at(form.first, subject, listed[(page - 1) * SIZE:page * SIZE])
    return {
        "rows": below_.page(rows, today, days), "nothing": NOTHING[show], "text": below_.text(chosen, form.first, opened, today, days),
        "tabs": below_.tabs(chosen, show, month=form.told("month"), under=form.told("under")),
        **paging(page, SIZE, below_.total(chosen, show)),
    }


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """The day's reminder goes until tomorrow's."""
    core_access.require(request.user, access.MINE)
    digest.close(request.user, timezone.localdate())
    return redirect("shell:home")


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """How one wants the day's reminder from now on."""
    form = DigestForm(request.POST)
    if form.is_valid() and attempt(form, lambda told: digest.choose(actor=request.user, how=told["how"])):
        messages.success(request, "已保存,从下一个工作日起按此提醒。")
    else:
        messages.error(request, "没有保存:请从列出的方式中选择。")
    return redirect("accounts:me")
