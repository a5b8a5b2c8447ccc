"""Duties of one organisation, one duty, and what is decided about it: let off, put off, taken back."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core import access, audit, history, pages
from zaidao.core.once import once
from zaidao.institutions import access as verbs
from zaidao.institutions import actions, columns, forms
from zaidao.institutions.actions.by_hand import tell_by_hand, withdraw_by_hand
from zaidao.institutions.models import Duty, Exemption, Fulfilment
from zaidao.institutions.queries import execution as queries
from zaidao.institutions.queries.register import BY_HAND, by_hand
from zaidao.institutions.views import parts
from zaidao.organisations.queries import one as organisation_of

SIZE = 60


def _crumbs(organisation: Any, *more: tuple[str, str | None]) -> parts.Crumbs:
    of = reverse("institutions:duties", args=[organisation.pk])
    return [(organisation.name, reverse("organisations:organisation", args=[organisation.pk])), ("应办事项", of if more else None), *more]


def _year(request: HttpRequest) -> forms.YearFilter:
    return forms.YearFilter(request.GET if request.GET.get("year") else {"year": timezone.localdate().year})


@require_GET
def of_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The duties of one organisation in a year, in the order of time. About eight queries."""
    organisation = organisation_of(request.user, verbs.DUTIES, pk)
    form, today, page = _year(request), timezone.localdate(), pages.page_of(request)
    year = form.cleaned_data["year"] if form.is_valid() else today.year
    found = queries.of_organisation(organisation, year)
    rows = queries.lines(found[(page - 1) * SIZE:page * SIZE], today)
    return render(request, "institutions/duties.html", {
        "organisation": organisation, "rows": rows, "year": year, "form": form, "menu": parts.MENU, "crumbs": _crumbs(organisation),
        "counts": queries.own(organisation.path, queries.Span(year), today), **pages.paging(page, SIZE, found.count()),
    })


@never_cache
@require_GET
def export(request: HttpRequest, pk: int) -> FileResponse:
    """The same as a workbook, on record."""
    organisation = organisation_of(request.user, verbs.EXPORT, pk)
    form, today = _year(request), timezone.localdate()
    year = form.cleaned_data["year"] if form.is_valid() else today.year
    lines = [_line(each) for each in queries.lines(queries.of_organisation(organisation, year), today)]
    grant = access.holder(request.user).grant_for(verbs.EXPORT, organisation.path)
    told = {"rows": [None, len(lines)], "of": [None, {"year": year}]}
    audit.record(request.user, verbs.EXPORT, organisation, path=organisation.path, changes=told, grant=grant)
    return parts.attachment(columns.workbook("应办事项", columns.DUTIES, lines), f"应办事项{organisation.code}-{year}.xlsx")


def _line(line: queries.Line) -> list[Any]:
    duty = line.duty
    every, last = queries.every(duty), queries.last_day(duty)
    return [duty.subject, every, duty.period_start, last, duty.due_on, duty.times, duty.done, line.words, duty.why, line.basis]


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One duty: what asks for it, what was recorded, what was decided about it. About ten queries."""
    duty = _duty(request, pk, verbs.DUTIES)
    today = timezone.localdate()
    [line] = queries.lines([duty], today)
    return render(request, "institutions/duty.html", {
        "line": line, "duty": duty, "organisation": duty.organisation, "every": queries.every(duty), "last": queries.last_day(duty),
        "records": queries.records(duty), "exemptions": queries.exemptions(duty), "plan": _plan(duty), "menu": parts.MENU,
        "crumbs": _crumbs(duty.organisation, (duty.subject, None)), "entries": history.of(duty), "open": duty.state == Duty.State.OPEN,
        "by_hand": by_hand(duty.subject), "hand": BY_HAND,
    })


def _plan(duty: Duty) -> str:
    """Where a meeting is planned for it, where a module offers that."""
    try:
        return f"{reverse('carriers:plan')}?duty={duty.pk}"
    except NoReverseMatch:
        return ""


def _duty(request: HttpRequest, pk: int, verb: str) -> Duty:
    rows = Duty.objects.select_related(*queries.BESIDE)
    found: Duty = access.get_for(request.user, verb, Duty, pk, rows)
    return found


def _facts(duty: Duty) -> list[tuple[str, Any]]:
    [line] = queries.lines([duty], timezone.localdate())
    return [("组织", duty.organisation.name), ("事项", duty.subject), ("办结期限", duty.due_on), ("情况", line.words), ("依据", line.basis)]


@require_http_methods(["GET", "POST"])
@once
def exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """The superior lets an organisation off a duty."""
    duty = _duty(request, pk, verbs.EXEMPT)
    return parts.act(
        request, forms.ExemptForm(request.POST or None), lambda told: actions.exempt(actor=request.user, duty=duty, **told),
        title="免办应办事项", back=reverse("institutions:duty", args=[pk]), done="已登记免办。", submit="登记免办", facts=_facts(duty),
        where=_crumbs(duty.organisation, (duty.subject, reverse("institutions:duty", args=[pk])), ("免办", None)),
    )


@require_http_methods(["GET", "POST"])
@once
def postpone(request: HttpRequest, pk: int) -> HttpResponse:
    """A duty is put off to a later day."""
    duty = _duty(request, pk, verbs.POSTPONE)
    return parts.act(
        request, forms.PostponeForm(request.POST or None), lambda told: actions.postpone(actor=request.user, duty=duty, **told),
        title="说明顺延", back=reverse("institutions:duty", args=[pk]), done="已登记延期。", submit="登记延期", facts=_facts(duty),
        where=_crumbs(duty.organisation, (duty.subject, reverse("institutions:duty", args=[pk])), ("延期", None)),
    )


@require_http_methods(["GET", "POST"])
@once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an exemption or a postponement back."""
    rows = Exemption.objects.select_related(*(f"duty__{name}" for name in queries.BESIDE))
    found = access.get_for(request.user, verbs.DUTIES, Exemption, pk, rows)
    own = found.kind == Exemption.Kind.POSTPONE and found.decided_by_id == request.user.pk
    access.require(request.user, verbs.POSTPONE if own else verbs.EXEMPT, found.duty.organisation.path)
    back = reverse("institutions:duty", args=[found.duty_id])
    return parts.act(
        request, forms.WithdrawForm(request.POST or None),
        lambda told: actions.withdraw_exemption(actor=request.user, exemption=found, why=told["why"]),
        title=f"撤回{found.get_kind_display()}", back=back, done="已撤回。", submit="撤回", facts=_facts(found.duty),
        where=_crumbs(found.duty.organisation, (found.duty.subject, back), ("撤回", None)),
    )


@require_http_methods(["GET", "POST"])
@once
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Say by hand on which day something was done that is no meeting or activity."""
    duty = _duty(request, pk, verbs.FULFIL)
    back = reverse("institutions:duty", args=[pk])

    def do(told: dict[str, Any]) -> None:
        if tell_by_hand(actor=request.user, duty=duty, held_on=told["held_on"]) is None:
            messages.warning(request, "这一天不在本期和宽限期内,没有计入;日期有误的请撤回后重新登记。")

    return parts.act(
        request, forms.ByHandForm(request.POST or None, initial={"held_on": timezone.localdate()}), do, title="登记办理", back=back,
        done="已登记。", submit="登记", facts=_facts(duty), where=_crumbs(duty.organisation, (duty.subject, back), ("登记办理", None)),
    )


@require_http_methods(["GET", "POST"])
@once
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was told by hand."""
    rows = Fulfilment.objects.select_related(*(f"duty__{name}" for name in queries.BESIDE)).filter(withdrawn_at=None)
    found = access.get_for(request.user, verbs.FULFIL, Fulfilment, pk, rows)
    back = reverse("institutions:duty", args=[found.duty_id])
    return parts.act(
        request, forms.WithdrawForm(request.POST or None),
        lambda told: withdraw_by_hand(actor=request.user, fulfilment=found, why=told["why"]), title="撤回办理记录", back=back,
        done="已撤回。", submit="撤回", facts=_facts(found.duty),
        where=_crumbs(found.duty.organisation, (found.duty.subject, back), ("撤回", None)),
    )
