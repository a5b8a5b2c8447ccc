"""Posts and their seats: create, change, abolish. Nothing ends silently: holders are in the way until their end is part of the act."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access as core_access
from zaidao.core import audit, locks, outbox, scrub
from zaidao.core.errors import Refused
from zaidao.organisations import access
from zaidao.organisations.decisions import posts as decisions
from zaidao.organisations.decisions.posts import Span
from zaidao.organisations.models import Appointment, Organisation, Post, Resize

FIELDS = ("title", "domain", "seats", "since", "until")


def locked(post: Post) -> Post:
    """The post as it is now, nobody else deciding about posts of its organisation until the transaction ends."""
    locks.hold(f"organisations.posts:{post.organisation_id}")
    return Post.everything.select_for_update(of=("self",)).select_related("organisation").get(pk=post.pk)


def spans(post: Post) -> list[Span]:
    """The spans of all appointments to the post."""
    return [Span(*row) for row in Appointment.everything.filter(post=post).values_list("since", "until")]


def facts(post: Post) -> dict[str, Any]:
    return {name: getattr(post, name) for name in FIELDS}


@transaction.atomic
def create(
    *, actor: Any, organisation: Organisation, title: str, domain: str = "party", seats: int = 1, since: date | None = None,
) -> Post:
    """A new post of the organisation. Raises Denied, Refused."""
    grant = core_access.require(actor, access.POSTS, organisation.path)
    locks.hold(f"organisations.posts:{organisation.pk}")
    organisation = Organisation.everything.get(pk=organisation.pk)
    title = scrub.visible(title)
    if organisation.dissolved_on:
        raise Refused("该组织已撤销,不能再设岗位。")
    if Post.everything.filter(organisation=organisation, title=title).exists():
        raise Refused(f"本组织已有“{title}”这个岗位。")
    _refuse(decisions.resize(seats, [], title, domain, since or date.min))
    post = Post.everything.create(organisation=organisation, title=title, domain=domain, seats=seats, since=since)
    audit.record(actor, access.POSTS, post, path=organisation.path, changes=audit.changed({}, facts(post)), grant=grant)
    outbox.announce("organisations.post_created", post.pk)
    return post


@transaction.atomic
def change(*, actor: Any, post: Post, seats: int, on: date, reason: str = "", domain: str | None = None, title: str | None = None) -> Post:
    """Other seats from `on`; another domain; another title while nobody was ever appointed. Raises Denied, Refused."""
    grant = core_access.require(actor, access.POSTS, post.organisation.path)
    post = locked(post)
    before, held = facts(post), spans(post)
    title, domain = (post.title if title is None else scrub.visible(title)), (post.domain if domain is None else domain)
    if title != post.title and held:
        raise Refused("这个岗位已有任职记录,名称不能再改;请另设岗位。")
    if title != post.title and Post.everything.filter(organisation=post.organisation, title=title).exists():
        raise Refused(f"本组织已有“{title}”这个岗位。")
    _refuse(decisions.resize(seats, held, title, domain, on))
    if seats != post.seats:
        _resize(post, on)
    post.seats, post.title, post.domain = seats, title, domain
    return _keep(actor, post, before, reason, grant, "organisations.post_changed")


def _resize(post: Post, on: date) -> None:
    """Keep what the seats were until the day, so that numbers of earlier days stay."""
    latest = Resize.everything.filter(post=post).order_by("-on").values_list("on", flat=True).first()
    _refuse(decisions.from_day(on, timezone.localdate(), latest))
    Resize.everything.get_or_create(post=post, on=on, defaults={"before": post.seats})


@transaction.atomic
def abolish(*, actor: Any, post: Post, on: date, reason: str, end_holders: bool = False) -> Post:
    """The post stands until before `on`; `end_holders` ends those in office that day. Raises Denied, Refused."""
    from zaidao.organisations.actions import appointments  # appointments lock by this module

    grant = core_access.require(actor, access.POSTS, post.organisation.path)
    post = locked(post)
    if post.until:
        raise Refused(f"这个岗位已定于{decisions.said(post.until)}撤销。")
    if not reason.strip():
        raise Refused("请写明撤销的依据或原因。")
    _refuse(decisions.abolish(on, post.since, spans(post), end_holders))
    if end_holders:
        for held in Appointment.everything.filter(post=post, until=None):
            appointments.end(actor=actor, appointment=held, until=on, reason=f"岗位撤销:{reason}")
    before, post.until = facts(post), on
    return _keep(actor, post, before, reason, grant, "organisations.post_abolished")


def _keep(actor: Any, post: Post, before: dict[str, Any], reason: str, grant: Any, topic: str) -> Post:
    changes = audit.changed(before, facts(post))
    if changes:
        post.save(update_fields=list(FIELDS))
        audit.record(actor, access.POSTS, post, path=post.organisation.path, changes=changes, reason=reason, grant=grant)
        outbox.announce(topic, post.pk)
    return post


def _refuse(reasons: tuple[str, ...]) -> None:
    if reasons:
        raise Refused(*reasons)
