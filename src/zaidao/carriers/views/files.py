"""Files of one meeting, and sheets to print. Each is on record before it is given."""

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.carriers import access as verbs
from zaidao.carriers.forms_out import pdf, word
from zaidao.carriers.forms_out.paper import Paper
from zaidao.carriers.models import Participation
from zaidao.carriers.queries import paper, rolls
from zaidao.carriers.views.ledger import attachment, recorded
from zaidao.core.errors import Refused
from zaidao.engine import schema
from zaidao.organisations import queries as organisations

NO_FONT = "服务器上没有中文字体,暂时不能生成 PDF。请改为导出 Word,或请系统管理员安装中文字体。"
Answer = HttpResponse | FileResponse


@never_cache
@require_GET
def minutes_word(request: HttpRequest, pk: int) -> Answer:
    """The record that holds, in Word."""
    return _minutes(request, pk, "Word", word.minutes, "docx", word.DOCX)


@never_cache
@require_GET
def minutes_pdf(request: HttpRequest, pk: int) -> Answer:
    """The record that holds, as PDF."""
    return _minutes(request, pk, "PDF", pdf.minutes, "pdf", pdf.PDF)


def _minutes(request: HttpRequest, pk: int, form: str, make: Callable[[Paper], bytes], ending: str, kind: str) -> Answer:
    mine = paper.participations(request.user, pk)
    try:
        if make is pdf.minutes:
            _fonts()
        found = paper.paper(mine)
    except Refused as refusal:
        return _back(request, refusal, _activity(pk))
    _record(request, mine, form)
    return attachment(make(found), f"{found.title}{_day(mine)}.{ending}", kind)


@never_cache
@require_GET
def attendance(request: HttpRequest, pk: int) -> Answer:
    """The attendance sheet: what has been told of who came, or with `?blank=1` everybody expected, with room to sign."""
    mine = paper.participations(request.user, pk)
    empty = "blank" in request.GET
    try:
        _fonts()
    except Refused as refusal:
        return _back(request, refusal, _activity(pk))
    sheets = rolls.blank(mine) if empty else rolls.filled(mine)
    _record(request, mine, "空白签到表" if empty else "到会情况")
    return attachment(pdf.attendance(sheets), f"{sheets[0].title}{_day(mine)}.pdf", pdf.PDF)


@never_cache
@require_GET
def blank_minutes(request: HttpRequest, pk: int) -> Answer:
    """An empty sheet for minutes taken on paper, of one organisation. `kind`: of meeting; nobody is named on it."""
    organisation = organisations.one(request.user, verbs.EXPORT, pk)
    title = f"{organisation.name}{_kind(request) or '会议'}记录"
    try:
        _fonts()
    except Refused as refusal:
        return _back(request, refusal, reverse("organisations:organisation", args=[pk]))
    recorded(request, Participation, {"form": "空白记录单"}, organisation.path)
    return attachment(pdf.blank(title), f"{title}.pdf", pdf.PDF)


@never_cache
@require_GET
def blank_attendance(request: HttpRequest, pk: int) -> Answer:
    """An empty attendance sheet of one organisation: who is expected today, with room to sign. `kind`: of meeting."""
    organisation = organisations.one(request.user, verbs.EXPORT, pk)
    try:
        _fonts()
    except Refused as refusal:
        return _back(request, refusal, reverse("organisations:organisation", args=[pk]))
    kind = _kind(request) or "党员大会"
    roll = rolls.of_organisation(organisation, kind, timezone.localdate(), [("会议", kind), ("时间", ""), ("地点", "")])
    recorded(request, Participation, {"form": "空白签到表"}, organisation.path)
    return attachment(pdf.attendance([roll]), f"{roll.title}.pdf", pdf.PDF)


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in schema.ACTIVITY_KINDS else ""


def _fonts() -> None:
    if not pdf.has_chinese():
        raise Refused(NO_FONT)


def _back(request: HttpRequest, refusal: Refused, to: str) -> HttpResponse:
    messages.error(request, str(refusal))
    return redirect(to)


def _activity(pk: int) -> str:
    return reverse("carriers:activity", args=[pk])


def _record(request: HttpRequest, mine: list[Participation], form: str) -> None:
    recorded(request, mine[0], {"form": form}, mine[0].organisation.path)


def _day(mine: list[Participation]) -> str:
    """20260305, of when it was held or is planned; empty where neither is known."""
    moment = mine[0].activity.held_at or mine[0].activity.planned_at
    return f"{timezone.localtime(moment):%Y%m%d}" if moment else ""
