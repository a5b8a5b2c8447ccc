"""What is done about somebody's standing: category, probation, reviews, dates, leaving, long absences."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zaidao.core.access import get_for
from zaidao.core.once import once
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import absences, people, standing
from zaidao.organisations.forms import people as forms
from zaidao.organisations.models import Absence, Membership, Person
from zaidao.organisations.queries import person as about
from zaidao.organisations.views.roster import act, crumbs, to_person


@require_http_methods(["GET", "POST"])
@once
def step(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.STEP, Person, pk)
    form = forms.StepForm(request.POST or None, category=found.category)

    def do(told: Any) -> None:
        standing.step(actor=request.user, person=found, **told)

    facts = [("现在的类别", found.get_category_display()), *about.standing(found)]
    return act(request, form, do, title=f"变更{found.name}的类别", to=to_person(found), done="类别已变更。",
               where=crumbs(found, ("变更类别", None)), facts=facts, submit="确认变更")


@require_http_methods(["GET", "POST"])
@once
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.STEP, Person, pk)

    def do(told: Any) -> None:
        standing.extend_probation(actor=request.user, person=found, **told)

    return act(request, forms.ExtendForm(request.POST or None), do, title=f"延长{found.name}的预备期", to=to_person(found),
               done="预备期已延长。", where=crumbs(found, ("延长预备期", None)), facts=about.standing(found), submit="确认延长")


@require_http_methods(["GET", "POST"])
@once
def review(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.STEP, Person, pk)

    def do(told: Any) -> None:
        standing.reviewed(actor=request.user, person=found, **told)

    form = forms.ReviewForm(request.POST or None, initial={"on": timezone.localdate()})
    return act(request, form, do, title=f"登记对{found.name}的考察", to=to_person(found), done="考察已登记。",
               where=crumbs(found, ("登记考察", None)), facts=about.standing(found))


@require_http_methods(["GET", "POST"])
@once
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.CORRECT, Person, pk)
    held = Membership.objects.filter(person=found, until=None).first()
    initial = {n: getattr(found, n) for n in ("version", *people.DATED)} | {"since": held.since if held else None}
    form = forms.DatesForm(request.POST or None, initial=initial)

    def do(told: Any) -> None:
        standing.correct_dates(actor=request.user, person=found, dates=form.dates(), reason=told["reason"], version=told["version"])

    return act(request, form, do, title=f"更正{found.name}的日期", to=to_person(found), done="日期已更正。",
               where=crumbs(found, ("更正日期", None)))


@require_http_methods(["GET", "POST"])
@once
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.LEAVE, Person, pk)

    def do(told: Any) -> None:
        standing.leave(actor=request.user, person=found, **told)

    posts = "、".join(f"{a.post.organisation.name}{a.post.title}" for a in about.in_office(found)) or "无"
    facts = [("所在组织", found.organisation.name), ("当日一并离任的职务", posts)]
    return act(request, forms.LeaveForm(request.POST or None), do, title=f"{found.name}离册", to=reverse("organisations:people"),
               done="已离册。", where=crumbs(found, ("离册", None)), facts=facts, submit="确认离册")


@require_http_methods(["GET", "POST"])
@once
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.ABSENCE, Person, pk)

    def do(told: Any) -> None:
        absences.begin(actor=request.user, person=found, **told)

    form = forms.AbsenceForm(request.POST or None, initial={"since": timezone.localdate()})
    return act(request, form, do, title=f"登记{found.name}流动、外出或停止", to=to_person(found), done="已登记。",
               where=crumbs(found, ("流动、外出、停止", None)), submit="登记")


@require_http_methods(["GET", "POST"])
@once
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    found, who = _absence(request, pk)

    def do(told: Any) -> None:
        absences.end(actor=request.user, absence=found, **told)

    form = forms.AbsenceEndForm(request.POST or None, initial={"until": timezone.localdate()})
    return act(request, form, do, title=f"结束{who.name}的登记", to=to_person(who), done="登记已结束。",
               where=crumbs(who, ("结束登记", None)), facts=_told(found), submit="确认结束")


@require_http_methods(["GET", "POST"])
@once
def absence_contact(request: HttpRequest, pk: int) -> HttpResponse:
    found, who = _absence(request, pk)

    def do(told: Any) -> None:
        absences.contacted(actor=request.user, absence=found, **told)

    form = forms.ContactForm(request.POST or None, initial={"on": timezone.localdate()})
    return act(request, form, do, title=f"登记与{who.name}的联系", to=to_person(who), done="联系已登记。",
               where=crumbs(who, ("登记联系", None)), facts=[*_told(found), ("最近联系", found.last_contact_on)])


def _absence(request: HttpRequest, pk: int) -> tuple[Absence, Person]:
    found = get_for(request.user, verbs.ABSENCE, Absence, pk)
    return found, found.person


def _told(found: Absence) -> list[tuple[str, Any]]:
    return [("情形", found.get_kind_display()), ("开始日期", found.since), ("去向", found.place)]
