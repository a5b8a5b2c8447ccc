"""Pages that appoint, end and correct."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zaidao.core.access import get_for
from zaidao.core.errors import Refused
from zaidao.core.once import once
from zaidao.organisations import access
from zaidao.organisations.actions import appointments as actions
from zaidao.organisations.decisions.posts import said
from zaidao.organisations.forms.posts import AppointForm, CorrectForm, EndForm, VoidForm
from zaidao.organisations.models import Appointment, Person, Post
from zaidao.organisations.queries import posts as queries
from zaidao.organisations.views.parts import act
from zaidao.organisations.views.posts import one, trail


@require_http_methods(["GET", "POST"])
@once
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint to a post; doubts are shown with their articles and confirmed one by one."""
    post = get_for(request.user, access.APPOINT, Post, pk)
    form = AppointForm(request.POST or None, initial={"since": timezone.localdate()})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:
        person = chosen(told.pop("person"))
        actions.appoint(actor=request.user, post=post, person=person, confirmed=confirmed, **told)

    return act(request, form, do, title=f"任职:{post.organisation.name}{post.title}", to=one(post), done="任职已登记。",
               where=trail(post, "任职"), submit="登记任职", suggestions=queries.eligible(post.organisation))


def chosen(text: str) -> Person:
    """The person that a code or name stands for, among those the active scope shows. Raises Refused."""
    found = queries.people_named(text)
    if not found:
        raise Refused("名册中没有这位同志;请核对人员编号或姓名。")
    if len(found) > 1:
        told = "、".join(f"{p.name}({p.code},{p.organisation.name if p.organisation else '已转出'})" for p in found)
        raise Refused(f"有重名:{told}。请填人员编号。")
    return found[0]


@require_http_methods(["GET", "POST"])
@once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    held = _held(request, pk)
    form = EndForm(request.POST or None, initial={"until": timezone.localdate()})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.end(actor=request.user, appointment=held, **told)

    return act(request, form, do, title=f"离任:{held.person.name}", to=one(held.post), done="离任已登记,交接清单已建立。",
               where=trail(held.post, "离任"), submit="登记离任", facts=_facts(held))


@require_http_methods(["GET", "POST"])
@once
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    held = _held(request, pk)
    form = CorrectForm(request.POST or None, initial=CorrectForm.of(held))

    def do(told: dict[str, Any], confirmed: list[str]) -> None:
        actions.correct(actor=request.user, appointment=held, confirmed=confirmed, **told)

    return act(request, form, do, title=f"更正任职:{held.person.name}", to=one(held.post), done="任职已更正。",
               where=trail(held.post, "更正"), submit="更正", facts=_facts(held))


@require_http_methods(["GET", "POST"])
@once
def void(request: HttpRequest, pk: int) -> HttpResponse:
    held = _held(request, pk)
    form = VoidForm(request.POST or None, initial={"version": held.version})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.void(actor=request.user, appointment=held, **told)

    return act(request, form, do, title=f"注销误登记的任职:{held.person.name}", to=one(held.post), done="误登记的任职已注销,记录保留。",
               where=trail(held.post, "注销登记"), submit="注销登记", facts=_facts(held))


def _held(request: HttpRequest, pk: int) -> Appointment:
    held = get_for(request.user, access.APPOINT, Appointment, pk)
    held.person  # noqa: B018  read while the request's grants are in force
    return held  # type: ignore[no-any-return]


def _facts(held: Appointment) -> list[tuple[str, Any]]:
    """What stands on file."""
    tenure = held.get_tenure_display()  # type: ignore[attr-defined]
    return [
        ("人员", held.person.name), ("岗位", f"{held.post.organisation.name}{held.post.title}"),
        ("任职日期", said(held.since)), ("离任日期", "在任" if held.until is None else said(held.until)), ("任职性质", tenure),
    ]
