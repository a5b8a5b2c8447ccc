"""How far the demo world is: seen before anybody can sign in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.shell.demo import world


@login_not_required
@never_cache
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """The progress (fragment); once it has ended, HTMX is told to load the page anew. Outside a demonstration there is no such page."""
    if not settings.DEMO:
        raise Http404("没有这个页面")
    job = world.latest()
    response = render(request, "ui/progress.html", {"job": job, "url": request.path})
    if job is None or not job.active:
        response["HX-Refresh"] = "true"
    return response
