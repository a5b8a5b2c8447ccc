"""Load inside one organisation now, and what would change if a post or a kind of duty moved."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.diagnosis.access import VIEW
from zaidao.diagnosis.decisions import what_if
from zaidao.diagnosis.forms import WhatIfForm
from zaidao.diagnosis.queries import load
from zaidao.engine.schema import POST_DOMAINS
from zaidao.organisations import queries as organisations


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Hours by post, and the answer to a question asked by the form. Nothing is changed."""
    organisation = organisations.one(request.user, VIEW, pk)
    picture = load.picture(organisation, timezone.localdate())
    form = WhatIfForm(request.GET if "post" in request.GET else None, picture=picture)
    content: dict[str, Any] = {"organisation": organisation, "rows": picture.rows(), "form": form, "domains": POST_DOMAINS}
    if form.is_bound and form.is_valid():
        content |= _answer(picture, form)
    return render(request, "diagnosis/what_if.html", content)


def _answer(picture: load.Picture, form: WhatIfForm) -> dict[str, Any]:
    index = form.cleaned_data["post"]
    about = (picture.kinds, picture.scale, picture.day)
    taker = form.cleaned_data["taker"]
    others = what_if.stand_ins(picture.posts, index, *about)
    found: dict[str, Any] = {"stand_ins": _named(picture, others), "moved": picture.posts[index].post}
    if taker:
        move = what_if.Move(index, taker, form.cleaned_data["share"])
        found["changes"] = _named(picture, what_if.changes(picture.posts, move, *about))
    return found


def _named(picture: load.Picture, changes: list[what_if.Changed]) -> list[tuple[str, what_if.Changed]]:
    return [(picture.names.get(c.person, ""), c) for c in changes]
