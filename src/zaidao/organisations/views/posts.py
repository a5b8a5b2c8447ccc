"""Pages of an organisation's posts, and of one post."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core.access import get_for
from zaidao.core.once import once
from zaidao.organisations import access
from zaidao.organisations.actions import posts as actions
from zaidao.organisations.forms.posts import AbolishForm, PostForm, SeatsForm
from zaidao.organisations.models import Organisation, Post
from zaidao.organisations.queries import posts as queries
from zaidao.organisations.views.parts import act, crumbs


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Posts, seats and holders; hand-overs that wait. About six queries."""
    organisation, today = get_for(request.user, access.VIEW, Organisation, pk), timezone.localdate()
    return render(request, "organisations/posts.html", {
        "organisation": organisation, "filled": queries.posts_of(organisation, today), "abolished": queries.abolished(organisation, today),
        "hand_overs": queries.open_hand_overs(organisation), "crumbs": crumbs(organisation, ("岗位任职", None)), "menu": "structure",
    })


@require_http_methods(["GET", "POST"])
@once
def create(request: HttpRequest, pk: int) -> HttpResponse:
    organisation = get_for(request.user, access.POSTS, Organisation, pk)
    form = PostForm(request.POST or None)

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.create(actor=request.user, organisation=organisation, **told)

    return act(request, form, do, title="设置岗位", to=_all(organisation), done="岗位已设置。",
               where=crumbs(organisation, ("岗位任职", _all(organisation)), ("设置岗位", None)))


@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: who holds it and who held it. About four queries."""
    found = get_for(request.user, access.VIEW, Post, pk)
    return render(request, "organisations/post.html", {
        "post": found, "organisation": found.organisation, "appointments": queries.history(found), "today": timezone.localdate(),
        "crumbs": crumbs(found.organisation, ("岗位任职", _all(found.organisation)), (found.title, None)), "menu": "structure",
    })


@require_http_methods(["GET", "POST"])
@once
def seats(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.POSTS, Post, pk)
    form = SeatsForm(request.POST or None, initial=SeatsForm.of(found) | {"on": timezone.localdate()})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.change(actor=request.user, post=found, **told)

    return act(request, form, do, title=f"调整“{found.title}”", to=one(found), done="岗位已调整。", where=trail(found, "调整"))


@require_http_methods(["GET", "POST"])
@once
def abolish(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.POSTS, Post, pk)
    form = AbolishForm(request.POST or None, initial={"on": timezone.localdate()})

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.abolish(actor=request.user, post=found, **told)

    holders = [a.person.name for a in queries.history(found) if a.until is None]
    facts = [("岗位", found.title), ("职数", found.seats), ("在任", "、".join(holders) or "无")]
    return act(request, form, do, title=f"撤销“{found.title}”", to=one(found), done="岗位已定撤销日期。", where=trail(found, "撤销"),
               submit="撤销岗位", facts=facts)


def one(found: Post) -> str:
    return reverse("organisations:post", args=[found.pk])


def trail(found: Post, text: str) -> list[tuple[str, str | None]]:
    return crumbs(found.organisation, ("岗位任职", _all(found.organisation)), (found.title, one(found)), (text, None))


def _all(organisation: Organisation) -> str:
    return reverse("organisations:posts", args=[organisation.pk])
