"""What posts and terms add to the pages of an organisation, of a person, and to the home page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from zaidao.core import history, menu, panels, rulebook
from zaidao.organisations import access
from zaidao.organisations.models import Appointment, Organisation, Person
from zaidao.organisations.queries import posts, structure, terms

menu.item("组织设置", "organisations:structure_list", verb=access.PEOPLE, order=30, key="structure")
history.words("organisations.post", "岗位")
history.words("organisations.term", "届次")
history.words("organisations.appointment", "任职", person_id="人员编号", confirmed="已核实的情况")
history.values("organisations.appointment", "confirmed", {
    "entered": "按所填登记", "party_years": "党龄", "outside": "组织关系不在本组织", "document": "任职依据", "discipline": "处分影响期",
    "full_time": "专兼职",
})
history.words("organisations.handover", "交接", items="交接清单", receiver="接收人", given_at="交出确认", received_at="接收确认")


def _held(request: HttpRequest, organisation: Organisation) -> list[Appointment]:
    """Who holds and held its posts: one query a page, for all panels here."""
    read: dict[int, list[Appointment]] = request.__dict__.setdefault("_appointments", {})
    if organisation.pk not in read:
        read[organisation.pk] = posts.appointments_in(organisation)
    return read[organisation.pk]


@panels.panel("organisation", "organisations/panels/posts.html", order=20, verb=access.VIEW)
def posts_panel(request: HttpRequest, organisation: Organisation) -> Mapping[str, Any]:
    """Posts and holders, and hand-overs that wait. Two queries."""
    held = _held(request, organisation)
    return {"organisation": organisation, "filled": posts.posts_of(organisation, timezone.localdate(), held),
            "hand_overs": posts.open_among(held, organisation)}


@panels.panel("organisation", "organisations/panels/term.html", order=30, verb=access.VIEW)
def term_panel(request: HttpRequest, organisation: Organisation) -> Mapping[str, Any] | None:  # noqa: ARG001
    """The running term with the days left. At most one query."""
    if organisation.kind == "group":
        return None
    return {"organisation": organisation, "running": terms.running(organisation, timezone.localdate())}


@panels.panel("organisation", "organisations/panels/structure.html", order=40, verb=access.PEOPLE)
def structure_panel(request: HttpRequest, organisation: Organisation) -> Mapping[str, Any] | None:
    """What the rules ask and is not there. One query beside the others' here."""
    if organisation.kind == "group" or organisation.dissolved_on:
        return None
    return {"organisation": organisation, "judged": structure.judged(organisation, timezone.localdate(), _held(request, organisation))}


@panels.panel("home", "organisations/panels/home_posts.html", order=20)
def home_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """Hand-overs that wait for the person. One query."""
    own = posts.own_hand_overs(user)
    return {"own": own} if own else None


@panels.panel("home", "organisations/panels/home_counts.html", order=30, verb=access.TERM, later="任期、空缺和交接")
def counts_panel(request: HttpRequest, user: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """For those who see to organisations the counts of what is near: apart from the page, for they count everything in sight. Five
    queries."""
    return _counts()


def _counts() -> dict[str, Any]:
    """How many organisations and lists wait in the active scope. Five queries."""
    today, known = timezone.localdate(), rulebook.today()
    within, late_after = max(known.param("living.term_notice_days")), known.param("living.hand_over_days")
    left_by = today - timedelta(days=late_after)
    return {
        **terms.counts(today, within), "vacant": terms.without_secretary(today).count(), "within": within, "late_after": late_after,
        **posts.hand_overs_in_reach().order_by().aggregate(waiting=Count("pk"), late=Count("pk", filter=Q(appointment__until__lt=left_by))),
    }


@panels.panel("person", "organisations/panels/career.html", order=20)
def career_panel(request: HttpRequest, person: Person) -> Mapping[str, Any] | None:
    """Posts held now and before: those in sight, or all of one's own. One query."""
    own = getattr(request.user, "person", None)
    career = posts.career(person, own=own is not None and own.pk == person.pk)
    return {"career": career} if career else None
