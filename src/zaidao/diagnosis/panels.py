"""What the diagnosis adds to other modules' pages: elements and findings on the organisation's page, findings to answer on home."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.core import access as grants
from zaidao.core import history, panels, rulebook
from zaidao.diagnosis import access, living
from zaidao.diagnosis.models import FindingClock
from zaidao.diagnosis.queries import answers, load, organisation, overview, standards
from zaidao.engine import words
from zaidao.organisations import queries as organisations

history.words("diagnosis.run", "全组织诊断")
history.words("diagnosis.upload", "上传的台账", kept_at="作为台账留存")
history.words("diagnosis.answer", "对提示的回应")


@panels.panel("organisation", "diagnosis/panels/elements.html", order=60, verb=access.VIEW, later="台账与印证")
def elements(request: HttpRequest, obj: Any) -> dict[str, Any] | None:
    """Paper, pulse and gap of the organisation in the latest run, with the findings that this person may see."""
    run = living.latest()
    if run is None:
        return None
    folder = access.lens_on(request.user, run, obj.code, obj.path)
    rows = organisation.elements(folder, obj.code)
    if not rows:
        return None
    found = [f for f in organisation.findings(folder, obj.code) if f["severity"] >= overview.SHOWN_FROM]
    return {
        "run": run, "code": obj.code, "elements": rows, "element_names": words.ELEMENT_NAMES,
        "found": [f | {"title": words.FINDING_NAMES[f["finding"]]} for f in found],
    }


@panels.panel("organisation", "diagnosis/panels/load.html", order=50, verb=access.VIEW, later="岗位负荷")
def hours(request: HttpRequest, obj: Any) -> dict[str, Any] | None:  # noqa: ARG001
    """Hours by post inside the organisation, with the way to what-if."""
    rows = load.picture(obj, timezone.localdate()).rows()
    return {"rows": rows, "organisation": obj} if rows else None


BRIEF = 3  # organisations told of on the home page


@panels.panel("home", "diagnosis/panels/glance.html", order=45, verb=access.VIEW, later="台账与印证")
def glance(request: HttpRequest, _user: Any) -> dict[str, Any] | None:
    """What the latest run says of the organisations in sight: where to look first, on which evidence and with which next step; of a
    single organisation its elements."""
    run = living.latest()
    if run is None:
        return None
    run.look_through(access.lens(request.user, run))
    first, total = overview.first_looks(run.folder, standards.of(run).param("elements.gap_flag"))
    given = answers.by_finding({look["org_id"] for look in first[:BRIEF]}, run=run)
    for look in first[:BRIEF]:
        look["said"] = [f | {"answers": given.get((look["org_id"], f["finding"]))} for f in look["found"]]
    names, sums = overview.names(run.folder), run.folder.kept_back(int(rulebook.today().param("living.least_shown")))
    alone = next(iter(names)) if len(names) == 1 else None
    return {
        "run": run, "looks": first[:BRIEF], "looks_left": total - len(first[:BRIEF]), "size": len(names), "waiting": sums.get("", 0),
        "alone": alone, "elements": organisation.elements(run.folder, alone) if alone else [],
        "element_names": words.ELEMENT_NAMES, "severity_names": words.SEVERITY_NAMES,
    } if names else None


@panels.panel("home", "diagnosis/panels/to_answer.html", order=40, verb=access.ANSWER)
def to_answer(request: HttpRequest, _user: Any) -> dict[str, Any] | None:
    """Findings of one's own organisations that nobody has answered, with the day from which the superiors see them."""
    roles = grants.VERBS[access.ANSWER].roles
    own = organisations.at(g.path for g in grants.holder(request.user).grants if g.role in roles)
    rows = FindingClock.objects.filter(org_id__in=own, answered_on=None, gone_on=None).annotate(run=living.latest_number())
    waiting = list(rows.exclude(run=None).order_by("opens_on", "org_id", "finding"))
    today = timezone.localdate()
    return {"waiting": [(c, words.FINDING_NAMES[c.finding], c.opens_on > today) for c in waiting]} if waiting else None
