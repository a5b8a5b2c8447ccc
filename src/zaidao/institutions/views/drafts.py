"""Institutions are registered, drafted, adopted, amended, repealed: forms, the preview of what would be asked, the confirmation."""

import hashlib
import json
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zaidao.core import access, pages
from zaidao.core.acts import attempt
from zaidao.core.errors import Refused
from zaidao.core.once import once
from zaidao.engine.schema import ACTIVITY_KINDS, ORG_KINDS
from zaidao.institutions import access as verbs
from zaidao.institutions import actions, forms
from zaidao.institutions.actions.editions import Stale
from zaidao.institutions.models import Clause, Edition, Institution
from zaidao.institutions.queries import register as queries
from zaidao.institutions.queries.preview import Asked, Preview, preview
from zaidao.institutions.views import parts
from zaidao.organisations.queries import reach

FIRST_ROWS = 5
SUGGESTED = 50
WHOM = (*ORG_KINDS.values(), "党支部且设支委会", "党支部且不设支委会", "党支部且设党小组", "党支部且正式党员数≥7", "全体党组织")


def about(request: HttpRequest, pk: int, verb: str) -> Institution:
    """The institution that the person may do something to. Raises Http404 or Denied."""
    found: Institution = access.get_for(request.user, verb, Institution, pk)
    return found


def draft_of(institution: Institution, token: str = "") -> Edition:
    """Its draft, or the edition that was adopted by this token: a confirmation may be sent twice. Raises Http404 where there is none."""
    sent = Q(token=token) if token.isalnum() else Q(pk__in=())
    found = Edition.objects.filter(Q(since=None) | sent, institution=institution).order_by("-number").first()
    if found is None:
        raise Http404("没有正在起草的版本")
    found.institution = institution
    return found  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
@once
def new(request: HttpRequest) -> HttpResponse:
    """Register an institution; its articles come next."""
    access.require_somewhere(request.user, verbs.DRAFT)
    offered = list(reach.standing(verbs.DRAFT)[:SUGGESTED])
    preset = request.GET.get("organisation", "") or (offered[0].code if len(offered) == 1 else "")
    form = forms.RegisterForm(request.POST or None, initial={"organisation": preset, "origin": "own"})
    made: list[Edition] = []
    if request.method == "POST" and form.is_valid() and attempt(form, lambda told: made.append(actions.register(
            actor=request.user, **told))):
        messages.success(request, "已登记,请填写条文。")
        return redirect("institutions:draft", made[0].institution_id)
    return render(request, "institutions/form.html", {
        "form": form, "title": "登记制度", "submit": "下一步:填写条文", "cancel": reverse("institutions:register"), "menu": parts.MENU,
        "crumbs": [("制度", reverse("institutions:register")), ("登记制度", None)], "suggestions": offered,
    })


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of a draft: articles and what they ask, row by row. Each button sends all rows; only two of them save."""
    institution = about(request, pk, verbs.DRAFT)
    edition = draft_of(institution)
    kept = _kept(edition)
    if request.method != "POST":
        return _editor(request, edition, forms.Sheet(kept).more(FIRST_ROWS if not kept else 1), _mark(kept))
    sheet, step = forms.Sheet.posted(request.POST), request.POST.get("step", "save")
    if step in ("save", "next"):
        return _saved(request, edition, sheet, kept)
    return _editor(request, edition, _changed(request, sheet), request.POST.get("mark", ""))


def _changed(request: HttpRequest, sheet: forms.Sheet) -> forms.Sheet:
    """The rows after a button that saves nothing."""
    step, _, at = request.POST.get("step", "").partition(":")
    if step == "insert":
        return sheet.insert(pages.number(at, 0))
    text = request.POST.get("whole", "")
    if step == "split" and text.strip():
        found = sheet.replaced(text)
        if found.rows:
            return found
        messages.warning(request, "没有找到“第…条”开头的条文,没有改动。")
    return sheet.more() if step == "more" else sheet


def _saved(request: HttpRequest, edition: Edition, sheet: forms.Sheet, kept: list[dict[str, Any]]) -> HttpResponse:
    if not sheet.is_valid():
        return _editor(request, edition, sheet, request.POST.get("mark", ""), ("请改正标出的地方,已填的内容都还在。",))
    if request.POST.get("mark") != _mark(kept):
        return _editor(request, edition, sheet, _mark(kept), ("这份草案刚被别人改过。请另开一页核对;再按一次保存,就以本页为准。",))
    try:
        with transaction.atomic():
            actions.save_articles(actor=request.user, edition=edition, rows=sheet.articles())
            actions.save_clauses(actor=request.user, edition=edition, rows=sheet.clauses())
    except Refused as told:
        return _editor(request, edition, sheet, _mark(kept), told.reasons)
    messages.success(request, "草案已保存。")
    return redirect("institutions:adopt" if request.POST.get("step") == "next" else "institutions:draft", edition.institution_id)


def _editor(request: HttpRequest, edition: Edition, sheet: forms.Sheet, mark: str, errors: tuple[str, ...] = ()) -> HttpResponse:
    institution = edition.institution
    return render(request, "institutions/draft.html", {
        "institution": institution, "edition": edition, "sheet": sheet, "mark": mark, "errors": errors, "menu": parts.MENU,
        "subjects": [kind for kind in ACTIVITY_KINDS if kind != "其他"], "whom": WHOM, "crumbs": parts.crumbs(institution, ("草案", None)),
    })


def _kept(edition: Edition) -> list[dict[str, Any]]:
    """The rows of a draft as they are on file. Two queries."""
    rows = queries.articles(edition)
    return [{"label": r.label, "text": r.text} | _clause(r.clause) for r in rows]


def _clause(clause: Clause | None) -> dict[str, Any]:
    return {name: getattr(clause, name) for name in forms.CLAUSE} if clause else {}


def _mark(rows: list[dict[str, Any]]) -> str:
    """What tells that a draft is still as it was when somebody began to write."""
    return hashlib.sha256(json.dumps(rows, default=str, ensure_ascii=False).encode()).hexdigest()[:24]


@require_http_methods(["GET", "POST"])
@once
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an amendment: a draft with the text in force."""
    institution = about(request, pk, verbs.DRAFT)
    form = forms.AmendForm(request.POST or None)
    return parts.act(
        request, form, lambda told: actions.draft_edition(actor=request.user, institution=institution, reason=told["reason"]),
        title=f"修订{institution.title}", back=parts.to(institution), then=reverse("institutions:draft", args=[pk]),
        done="草案已建立,条文与现行版相同,请修改。", where=parts.crumbs(institution, ("修订", None)), submit="下一步:修改条文",
        note="现行版在新版施行之前继续有效,修订不改变以往的应办事项和记录。",
    )


@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    institution = about(request, pk, verbs.DRAFT)
    edition, first = draft_of(institution), not Edition.objects.filter(institution=institution, since__isnull=False).exists()
    return parts.act(
        request, django_forms.Form(request.POST if request.method == "POST" else None),
        lambda _: actions.discard_draft(actor=request.user, edition=edition),
        title=f"删除{institution.title}的草案", done="草案已删除。", where=parts.crumbs(institution, ("删除草案", None)), submit="删除草案",
        back=parts.to(institution), then=reverse("institutions:register") if first else parts.to(institution),
        note="还没有施行过的制度连同登记一并删除。" if first else "只删除草案,现行版不受影响。",
    )


@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft into force: day and document, then what it will ask of whom, then the confirmation of exactly that."""
    institution = about(request, pk, verbs.ADOPT)
    edition = draft_of(institution, request.POST.get("token", ""))
    first = {"since": timezone.localdate(), "document_no": edition.document_no}
    form = forms.AdoptForm(request.POST or None, initial=first)
    step = request.POST.get("step", "")
    if step not in ("show", "confirm") or not form.is_valid():
        return _asked(request, edition, form)
    if step == "show":
        return _shown(request, edition, form, preview(edition, form.cleaned_data["since"]))
    return _adopted(request, edition, form)


def _asked(request: HttpRequest, edition: Edition, form: forms.AdoptForm) -> HttpResponse:
    institution = edition.institution
    return render(request, "institutions/adopt.html", {
        "form": form, "institution": institution, "edition": edition, "menu": parts.MENU, "cancel": parts.to(institution),
        "crumbs": parts.crumbs(institution, ("施行", None)),
    })


def _shown(request: HttpRequest, edition: Edition, form: forms.AdoptForm, seen: Preview) -> HttpResponse:
    """What it would ask; refusals go back to the form."""
    if seen.refusals:
        for reason in seen.refusals:
            form.add_error(None, reason)
        return _asked(request, edition, form)
    institution = edition.institution
    return render(request, "institutions/adopt_preview.html", {
        "form": form, "institution": institution, "edition": edition, "preview": seen, "menu": parts.MENU, "told": form.cleaned_data,
        "late": form.cleaned_data["since"] < timezone.localdate().replace(day=1),
        "asking": [_said(c) for c in seen.clauses if not c.decorative], "silent": [c for c in seen.clauses if c.decorative],
        "cancel": parts.to(institution), "crumbs": parts.crumbs(institution, ("施行", None)),
    })


def _said(clause: Asked) -> dict[str, Any]:
    """A clause with the kinds of organisations by their names."""
    return {"clause": clause, "kinds": [(queries.kind_name(kind), n) for kind, n in clause.kinds.items()]}


def _adopted(request: HttpRequest, edition: Edition, form: forms.AdoptForm) -> HttpResponse:
    """Make it if it is still what was shown."""
    told = form.cleaned_data
    try:
        actions.adopt(actor=request.user, edition=edition, token=request.POST.get("token") or "missing", **told)
    except Stale as stale:
        messages.warning(request, str(stale))
        return _shown(request, edition, form, stale.preview)
    except Refused as refused:
        for reason in refused.reasons:
            form.add_error(None, reason)
        return _asked(request, edition, form)
    messages.success(request, f"{edition.institution.title}已登记施行。")
    return redirect(parts.to(edition.institution))


@require_http_methods(["GET", "POST"])
@once
def repeal(request: HttpRequest, pk: int) -> HttpResponse:
    """End an institution from a day on."""
    institution = about(request, pk, verbs.ADOPT)
    form = forms.RepealForm(request.POST or None, initial={"on": timezone.localdate()})
    return parts.act(
        request, form, lambda told: actions.repeal(actor=request.user, institution=institution, **told),
        title=f"废止{institution.title}", back=parts.to(institution), done="已登记废止。", where=parts.crumbs(institution, ("废止", None)),
        submit="废止", note="从废止之日起不再产生应办事项,还没有记录的后续事项一并取消;条文、各版次和已有记录都保留,仍可查阅。",
    )
