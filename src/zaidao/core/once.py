"""A form that is sent twice is done once: by a double click, by an impatient thumb on a slow line, by going back and sending it again.

The page carries a token of its own (`ui/once.html`). What was sent with it and led on is on file; the very same sent again leads to the
same page and says so. Other words sent from the same page are another thing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils.crypto import get_random_string, salted_hmac

from zaidao.core import locks
from zaidao.core.models import Sent

View = Callable[..., HttpResponse]
TOKEN = "once"  # noqa: S105  the name of a hidden field
LONGEST = 40
KEPT = timedelta(days=2)  # a page that stayed open overnight still counts


def once(view: View) -> View:
    """The view, whose forms are done once. It runs in one transaction with the note that it was done, so that neither stays alone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = request.POST.get(TOKEN, "")
        whole = sent.isalnum() and len(sent) <= LONGEST
        request.once = sent if whole else get_random_string(24)  # type: ignore[attr-defined]
        if request.method != "POST" or not whole:
            return view(request, *args, **kwargs)
        return _noted(request, _mark(request), lambda: view(request, *args, **kwargs))

    return guarded


@transaction.atomic
def _noted(request: HttpRequest, mark: str, do: Callable[[], HttpResponse]) -> HttpResponse:
    """What it led to before, else what it leads to now. Two at the same moment wait for each other."""
    locks.hold(f"once.{mark}")
    before = _before(mark)
    if before is not None:
        messages.info(request, "这份表单刚才已经提交成功,没有重复办理。")
        return redirect(before.answer)
    response = do()
    if isinstance(response, HttpResponseRedirectBase):
        Sent.objects.create(mark=mark, answer=response.url)
    return response


def _before(mark: str) -> Sent | None:
    return Sent.objects.filter(mark=mark).first()


def _mark(request: HttpRequest) -> str:
    """Of the form, who sent it, where to, and all that was filled in: names, values, names and sizes of files."""
    filled = [(name, values) for name, values in sorted(request.POST.lists()) if name != "csrfmiddlewaretoken"]
    files = [(name, [(f.name, f.size) for f in found]) for name, found in sorted(request.FILES.lists())]
    told = repr((request.user.pk, request.path, filled, files))
    return salted_hmac("zaidao.core.once", told, algorithm="sha256").hexdigest()


def forget(now: datetime) -> None:
    """Remove what nobody sends again."""
    Sent.objects.filter(at__lt=now - KEPT).delete()
