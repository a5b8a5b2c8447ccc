"""Pages of the roster: the list, one person, and what is done to one. Opening somebody else's page is on record once a day."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.accounts import factors
from zaidao.core import access, history, masks, pages
from zaidao.core.access import get_for
from zaidao.core.errors import Refused
from zaidao.core.once import once
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import account, people, standing
from zaidao.organisations.actions.reading import read
from zaidao.organisations.forms import people as forms
from zaidao.organisations.models import Organisation, Person
from zaidao.organisations.queries import dates as due_dates
from zaidao.organisations.queries import people as queries
from zaidao.organisations.queries import person as about
from zaidao.organisations.views.roster import (
    act,
    asked_or_only,
    attempt,
    crumbs,
    keeps,
    offered,
    organisations,
    require_somewhere,
    to_person,
)

SIZE = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The roster in the tree's order, by filters; who has left it. At most fifteen queries, however many people."""
    require_somewhere(request, verbs.PEOPLE)
    form = forms.RosterFilter(request.GET)
    asked = queries.Asked(**form.cleaned_data) if form.is_valid() else queries.Asked()
    if queries.looks_sensitive(asked.q):
        messages.warning(request, "号码不能放在网址里查找;请用下面的“按号码查找”。")
        return redirect("organisations:people_find")
    shown = _left(request, asked) if asked.state == "left" else _on_roster(request, asked)
    may = access.holder(request.user).may_somewhere
    return render(request, "organisations/people.html", {
        "form": form, "tabs": tabs("people"), "menu": "people", "asked": asked, "registers": may(verbs.REGISTER),
        "takes_in": may(verbs.TRANSFER), "finds": may(verbs.SENSITIVE), **shown,
    })


def tabs(here: str) -> list[dict[str, Any]]:
    named = (("people", "名册"), ("dates", "日期提醒"), ("transfers", "组织关系转接"))
    return [{"text": text, "href": reverse(f"organisations:{name}"), "here": name == here} for name, text in named]


def _on_roster(request: HttpRequest, asked: queries.Asked) -> dict[str, Any]:
    today = timezone.localdate()
    found = queries.people(asked, today, standing.clocks())
    if asked.q:
        numbers, shown = pages.searched(request, found, SIZE)
        rows = queries.of_numbers(numbers)
    else:
        page, total = pages.page_of(request), found.count()
        rows, shown = queries.page(found, (page - 1) * SIZE, page * SIZE, total), pages.paging(page, SIZE, total)
    notes = queries.notes(rows, today) if rows else {}
    return {"rows": [(p, notes[p.pk]) for p in rows], **shown}


def _left(request: HttpRequest, asked: queries.Asked) -> dict[str, Any]:
    numbers, shown = pages.searched(request, queries.left(asked), SIZE)
    return {"left": queries.left_of(numbers), **shown}


@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Somebody by identity number or phone, inside one's scope; the number travels in the body, never in an address."""
    require_somewhere(request, verbs.SENSITIVE)
    form = forms.FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = queries.by_number(form.cleaned_data["number"])
        if found is not None:
            return redirect("organisations:person", found.pk)
        form = forms.FindForm()
        messages.info(request, "在您的管理范围内没有找到,或不止一人;请核对号码。")
    where: Any = [("名册", reverse("organisations:people")), ("按号码查找", None)]
    shown = {"form": form, "title": "按号码查找", "crumbs": where, "submit": "查找", "cancel": reverse("organisations:people")}
    return render(request, "organisations/person_form.html", shown | {"menu": "people"})


@require_GET
def dates(request: HttpRequest) -> HttpResponse:
    """What is due about people in one's scope, the most overdue first."""
    require_somewhere(request, verbs.PEOPLE_EDIT)
    found = due_dates.dues(timezone.localdate(), standing.clocks(), me=request.user.pk)
    page, total = pages.page_of(request), len(found)
    return render(request, "organisations/people_dates.html", {
        "dues": found[(page - 1) * SIZE:page * SIZE], "tabs": tabs("dates"), "menu": "people", "more": total >= due_dates.MOST,
        **pages.paging(page, SIZE, total),
    })


@never_cache
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything kept on one person, sensitive numbers masked."""
    today = timezone.localdate()
    found = get_for(request.user, verbs.PEOPLE, Person, pk, about.noted_today(request.user, today))
    read(actor=request.user, person=found, noted=found.noted)
    belongings = about.belongings(found)
    return render(request, "organisations/person.html", {
        "person": found, "facts": about.facts(found), "masked": {n: masks.shown(found, n) for n in people.SENSITIVE},
        "dues": about.dues(found, belongings["absences"], today, standing.clocks), **belongings, "keeps": keeps(request, found),
        "fields": forms.KEPT, "crumbs": [*crumbs(found)[:1], (found.name, None)], "menu": "people",
    })


@never_cache
@require_GET
def acts(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of the record, the newest first."""
    found = get_for(request.user, verbs.PEOPLE, Person, pk)
    read(actor=request.user, person=found)
    return render(request, "organisations/person_history.html", {
        "person": found, "entries": history.of(found, limit=200), "crumbs": crumbs(found, ("变动记录", None)), "menu": "people",
    })


@never_cache
@require_http_methods(["GET", "POST"])
@once
def create(request: HttpRequest) -> HttpResponse:
    require_somewhere(request, verbs.REGISTER)
    near = offered(verbs.REGISTER)
    form = forms.PersonForm(request.POST or None, initial={"organisation": asked_or_only(request, near), "category": "activist"})
    form.fields["organisation"].rows = organisations(verbs.REGISTER)  # type: ignore[attr-defined]

    def do(told: Any) -> None:
        made = people.register(
            actor=request.user, organisation=told["organisation"], since=told["since"], facts=form.facts(), code=told["code"],
        )
        form.made = made  # type: ignore[attr-defined]

    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, "已登记。")
        return redirect(to_person(form.made))  # type: ignore[attr-defined]
    return render(request, "organisations/person_form.html", {
        "form": form, "title": "登记人员", "crumbs": [("名册", reverse("organisations:people")), ("登记人员", None)], "submit": "登记",
        "cancel": reverse("organisations:people"), "offered": near, "menu": "people",
    })


@never_cache
@require_http_methods(["GET", "POST"])
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, verbs.PEOPLE_EDIT, Person, pk)
    form = forms.EditForm(request.POST or None, initial=forms.EditForm.of(found))

    def do(told: Any) -> None:
        people.edit(actor=request.user, person=found, changes=form.changes(), version=told["version"], reason=told["reason"])

    facts = [(label, masks.shown(found, name) or None) for name, label in forms.SENSITIVE.items()]
    return act(request, form, do, title=f"修改{found.name}的资料", to=to_person(found), done="已保存。",
               where=crumbs(found, ("修改资料", None)), facts=facts)


@never_cache
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Open sensitive numbers with a reason: shown once, in the answer to the form, kept nowhere."""
    found = get_for(request.user, verbs.SENSITIVE, Person, pk)
    form, values = forms.RevealForm(request.POST or None), {}
    if request.method == "POST" and not factors.second_factor_ok(request):
        return factors.ask(request, back=request.path)
    if request.method == "POST" and form.is_valid():
        values = _opened(request, found, form)
    shown = [(forms.SENSITIVE[n], v or None) for n, v in values.items()]
    return render(request, "organisations/person_reveal.html", {
        "form": form, "person": found, "values": shown, "crumbs": crumbs(found, ("查看号码", None)), "menu": "people",
    })


def _opened(request: HttpRequest, found: Person, form: forms.RevealForm) -> dict[str, str]:
    try:
        return masks.reveal(
            actor=request.user, verb=verbs.SENSITIVE, obj=found, fields=form.cleaned_data["fields_wanted"],
            reason=form.cleaned_data["reason"], confirmed=factors.second_factor_ok(request),
        )
    except Refused as refused:
        form.add_error(None, "".join(refused.reasons))
        return {}


@never_cache
@require_http_methods(["GET", "POST"])
def open_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Open or link an account; the code is shown once, to be printed."""
    found = get_for(request.user, verbs.ACCOUNT, Person, pk)
    form, text = forms.AccountForm(request.POST or None, initial={"how": "new"}), ""
    if request.method == "POST" and form.is_valid():

        def do(told: Any) -> None:
            if told["how"] == "link":
                account.link(actor=request.user, person=found, work_no=told["work_no"])
            else:
                _, form.code = account.open_account(actor=request.user, person=found, work_no=told["work_no"])  # type: ignore[attr-defined]

        if attempt(form, do):
            text = getattr(form, "code", "")
            if not text:
                messages.success(request, "账号已关联。")
                return redirect(to_person(found))
            found = get_for(request.user, verbs.ACCOUNT, Person, pk)
    return render(request, "organisations/person_account.html", {
        "form": form, "person": found, "code": text, "crumbs": crumbs(found, ("开通账号", None)), "menu": "people",
    })


@require_GET
def of_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The roster of one organisation and what lies below: the list, filtered."""
    found = get_for(request.user, verbs.PEOPLE, Organisation, pk)
    return redirect(f"{reverse('organisations:people')}?organisation={found.code}")
