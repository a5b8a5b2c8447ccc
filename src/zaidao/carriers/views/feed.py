"""One's own calendar feed: its page, and the calendar itself, which telephones fetch without signing in, by its secret alone."""

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zaidao.carriers import access as verbs
from zaidao.carriers import feeds
from zaidao.carriers.actions import feeds as actions
from zaidao.carriers.models import Feed
from zaidao.core import access

MISSES = {"feed": "60/5m/ip"}  # as many as sign-ins: a whole office may stand behind one address


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Whether one's feed is open, and what it holds."""
    access.require(request.user, verbs.FEED)
    feed = Feed.objects.filter(user=request.user.pk, revoked_at=None).first()
    return render(request, "carriers/feed.html", {"feed": feed, "menu": "feed"})


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once: not by a redirect, which would have to keep it somewhere."""
    token = actions.begin(actor=request.user)
    url = request.build_absolute_uri(reverse("carriers:feed_calendar", args=[token]))
    return render(request, "carriers/feed.html", {"feed": None, "url": url, "menu": "feed"})


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    if actions.close(actor=request.user):
        messages.success(request, "日历订阅已关闭,原来的地址不再有效。")
    return redirect("carriers:feed")


@login_not_required
@never_cache
@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar. A wrong, closed or unknown address answers one and the same; too many of them from one place, to wait."""
    if _limited(request, ask=True):
        return _plain(429)
    user = feeds.user_of(token)
    if user is None:
        _limited(request, ask=False)
        return _plain(404)
    feeds.read(user, timezone.localdate())
    made = feeds.calendar(user, timezone.now(), lambda name, pk: request.build_absolute_uri(reverse(name, args=[pk])))
    return HttpResponse(made, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": 'inline; filename="zaidao.ics"'})


def _limited(request: HttpRequest, *, ask: bool) -> bool:
    """Whether there were too many misses from this address; unless only asked, this is one more."""
    return ratelimit.consume(request, app="zaidao.carriers", action="feed", config=MISSES, dry_run=ask, limit_get=True) is None


def _plain(status: int) -> HttpResponse:
    return HttpResponse("没有这个地址。" if status == 404 else "请稍后再试。", status=status, content_type="text/plain; charset=utf-8")
