"""What every page says: notices, the menu, and who is signed in as what."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from zaidao.accounts.access import MEMBER
from zaidao.core import access, menu
from zaidao.core.middleware import request_id
from zaidao.engine.words import NOTICE

SECRECY = "非涉密系统,不得录入涉密信息"
HTMX = (
    '{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"selfRequestsOnly":true,'
    '"refreshOnHistoryMiss":true}'
)


def plain() -> dict[str, Any]:
    """What a page says without asking the database: enough for one that tells of a failure."""
    return {
        "notice": NOTICE, "secrecy_notice": SECRECY, "htmx_config": HTMX, "demo": getattr(settings, "DEMO", False),
        "request_number": request_id.get(),
    }


def base(request: HttpRequest) -> dict[str, Any]:
    """`holder`: the signed-in person's grants, else None. `posts`: what they act as. `menu_items`: sections of what they may open.

    The same under `shell`, which the frame of the page reads, so that a view may use these names for what it shows.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        told: dict[str, Any] = {"holder": None, "posts": (), "menu_items": ()}
    else:
        held = access.holder(user)
        told = {
            "holder": held, "posts": SimpleLazyObject(lambda: posts(held)),
            "menu_items": SimpleLazyObject(lambda: menu.visible(held, request.path)),
        }
    return plain() | told | {"shell": told, "preparing": _preparing(request)}


def _preparing(request: HttpRequest) -> Any:
    """In a demonstration, the job that brings its world in, on the two pages where people wait for it."""
    if not settings.DEMO or request.path not in (reverse("shell:home"), reverse(settings.LOGIN_URL)):
        return None
    from zaidao.shell.demo import world  # knows every module, as these pages do not need to

    job = world.latest()
    return job if job and job.state != job.State.DONE else None


def posts(holder: access.Holder) -> list[dict[str, Any]]:
    """What somebody acts as: title and whether for somebody else, once each, own first. Being on a roster is no post."""
    told: dict[str, bool] = {}
    for grant in sorted(holder.grants, key=lambda g: g.on_behalf_of is not None):
        if grant.title and grant.role != MEMBER:
            told.setdefault(grant.title, grant.on_behalf_of is not None)
    return [{"title": title, "delegated": delegated} for title, delegated in told.items()]
