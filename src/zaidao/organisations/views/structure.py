"""Structure held against the catalogue, for one organisation and as a list; and who is expected on a day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.core.access import get_for, require
from zaidao.core.pages import number
from zaidao.organisations import access
from zaidao.organisations.forms.posts import DayForm
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import expected as expectations
from zaidao.organisations.queries import structure as queries
from zaidao.organisations.views.hand_over import tabs
from zaidao.organisations.views.parts import crumbs, day_of, somewhere


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Organisations in the tree's order with what is open; `under` a node, behind `after`. About nine queries."""
    somewhere(request, access.PEOPLE)
    what = request.GET.get("what", "open")
    what = what if what in queries.LISTS else "open"
    top = Organisation.objects.within(access.PEOPLE).filter(pk=number(request.GET.get("under"), 0)).first()
    after = request.GET.get("after", "")
    found = queries.listing(timezone.localdate(), what=what, under=top.path if top else "", after=after if after.isdigit() else "")
    place = f"&under={top.pk}" if top else ""
    return render(request, "organisations/structure.html", {
        "found": found, "what": what, "top": top, "place": place, "tabs": tabs("structure"), "menu": "structure",
        "kinds": [{"text": text, "href": f"?what={key}{place}", "here": key == what} for key, text in queries.LISTS.items()],
    })


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation's lines. About seven queries."""
    organisation = get_for(request.user, access.VIEW, Organisation, pk)
    require(request.user, access.PEOPLE, organisation.path)
    return render(request, "organisations/structure_of.html", {
        "organisation": organisation, "judged": queries.judged(organisation, timezone.localdate()), "today": timezone.localdate(),
        "menu": "structure", "crumbs": crumbs(organisation, ("组织设置", None)),
    })


@require_GET
def expected(request: HttpRequest, pk: int) -> HttpResponse:
    """应到名单 of a day with reasons, for print. About seven queries."""
    organisation = get_for(request.user, access.VIEW, Organisation, pk)
    require(request.user, access.PEOPLE, organisation.path)
    day = day_of(request.GET.get("on"))
    rows = expectations.expected_at(organisation, day)
    return render(request, "organisations/structure_expected.html", {
        "organisation": organisation, "day": day, "form": DayForm(initial={"on": day}), "menu": "structure",
        "counted": [r for r in rows if r.verdict.counted], "left_out": [r for r in rows if not r.verdict.counted],
        "votes": sum(r.verdict.votes for r in rows), "crumbs": crumbs(organisation, ("应到名单", None)),
    })
