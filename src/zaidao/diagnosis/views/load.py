"""Load inside one organisation now, and what would change if a post or a kind of duty moved."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.diagnosis.access import VIEW
from zaidao.diagnosis.decisions import what_if
from zaidao.diagnosis.forms import WhatIfForm, a_month
from zaidao.diagnosis.queries import carried, load
from zaidao.engine.schema import POST_DOMAINS
from zaidao.organisations import queries as organisations


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Hours by post, and the answer to a question asked by the form. Nothing is changed."""
    organisation = organisations.one(request.user, VIEW, pk)
    today = timezone.localdate()
    picture, duties = load.picture(organisation, today), carried.carried(organisation, today)
    form = WhatIfForm(request.GET if "post" in request.GET else None, picture=picture, duties=duties)
    content: dict[str, Any] = {"organisation": organisation, "rows": picture.rows(), "form": form, "domains": POST_DOMAINS}
    if form.is_bound and form.is_valid():
        content |= _answer(picture, form.cleaned_data["post"], form.cleaned_data["part"], form.cleaned_data["taker"])
    return render(request, "diagnosis/what_if.html", content)


def _answer(picture: load.Picture, index: int, part: float | carried.Carried, taker: str) -> dict[str, Any]:
    """What changes if the part of the post went to the taker, or to each who could take it."""
    if isinstance(part, float):
        return _changes(picture, what_if.Move(index, taker, part)) | {"moved": picture.posts[index].post}
    post = picture.posts[index]
    share = carried.held_share(post, picture.kinds.get(post.org_id), picture.day)
    hours = part.a_month(share)
    told = {
        "duty": part, "each": part.each(share), "a_month": a_month(part.duty.a_month), "hours": hours, "moved": part.duty.subject,
        "giver": (picture.names[post.person_id], part.by(post.person_id)), "taker": (picture.names.get(taker, ""), part.by(taker)),
    }
    return told if hours is None else told | _changes(picture, what_if.Move(index, taker, hours=hours))


def _changes(picture: load.Picture, move: what_if.Move) -> dict[str, Any]:
    about = (picture.kinds, picture.scale, picture.day)
    found: dict[str, Any] = {"stand_ins": _named(picture, what_if.stand_ins(picture.posts, move, *about))}
    if move.taker:
        found["changes"] = _named(picture, what_if.changes(picture.posts, move, *about))
    return found


def _named(picture: load.Picture, changes: list[what_if.Changed]) -> list[tuple[str, what_if.Changed]]:
    return [(picture.names.get(c.person, ""), c) for c in changes]
