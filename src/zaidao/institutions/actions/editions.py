"""Institutions are drafted, adopted, amended and repealed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, locks, outbox
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.institutions import access as verbs
from zaidao.institutions.actions.laying import LOCK
from zaidao.institutions.actions.relaying import relay_back, relay_below
from zaidao.institutions.decisions import editions as decisions
from zaidao.institutions.models import Article, Clause, Edition, Institution
from zaidao.institutions.queries.preview import Preview, preview

ArticleRow = Mapping[str, Any]  # label, text
ClauseRow = Mapping[str, Any]  # article, subject, applies_to, every, at_least, evidence, grace_days, who, hours
TEXTS, FIGURES = ("article", "subject", "applies_to", "evidence", "who"), ("at_least", "grace_days", "hours")


class Stale(Refused):
    """What would be asked has changed since it was shown. `preview`: what holds now."""

    def __init__(self, now: Preview) -> None:
        super().__init__("您查看之后情况有了变化,还没有提交。请核对下面的内容,再确认一次。")
        self.preview = now


@transaction.atomic
def register(
    *, actor: Any, organisation: Any, title: str, origin: str, code: str = "", reason: str = "", document_no: str = "",
) -> Edition:
    """A new institution with an empty first draft; the code is made where none is given. Raises Denied, Refused."""
    grant = access.require(actor, verbs.DRAFT, organisation.path)
    locks.hold("institutions.codes")
    code = code.strip()
    taken = bool(code) and Institution.everything.filter(code=code).exists()
    _refuse(decisions.register(title=title, origin=origin, code=code, taken=taken, dissolved=organisation.dissolved_on is not None))
    made = Institution.everything.create(code=code or uuid4().hex, organisation=organisation, title=title.strip(), origin=origin,
                                         made_by=actor)
    if not code:
        made.code = _code(made.pk)
        made.save(update_fields=["code"])
    edition = Edition.everything.create(institution=made, number=1, reason=reason.strip(), document_no=document_no.strip(),
                                        drafted_by=actor)
    changes = {"code": [None, made.code], "title": [None, made.title], "origin": [None, origin]}
    _record(actor, verbs.DRAFT, made, changes, reason, grant)
    return edition


def _code(number: int) -> str:
    """A code that nobody has: Z and the number, with a letter behind it where somebody chose just that."""
    plain = f"Z{number:05d}"
    others = set(Institution.everything.filter(code__startswith=plain).values_list("code", flat=True))
    return next(c for c in (plain, *(f"{plain}-{n}" for n in range(1, len(others) + 2))) if c not in others)


@transaction.atomic
def draft_edition(*, actor: Any, institution: Institution, reason: str) -> Edition:
    """Begin an amendment: a new draft with the articles and clauses of the edition before. Raises Denied, Refused (a draft is there,
    repealed)."""
    grant = access.require(actor, verbs.DRAFT, institution.organisation.path)
    institution = _held(institution.pk)
    last = Edition.everything.filter(institution=institution).order_by("-number").first()
    _refuse(decisions.draft(has_draft=bool(last and last.since is None), repealed=institution.repealed_on is not None))
    number = last.number + 1 if last else 1
    made = Edition.everything.create(institution=institution, number=number, reason=reason.strip(), drafted_by=actor)
    if last:
        Article.everything.bulk_create([_copy(row, made) for row in Article.everything.filter(edition=last)])
        Clause.everything.bulk_create([_copy(row, made) for row in Clause.everything.filter(edition=last)])
    _record(actor, verbs.DRAFT, institution, {"edition": [None, number]}, reason, grant)
    return made


def _copy(row: Any, edition: Edition) -> Any:
    row.pk, row.edition = None, edition
    row._state.adding = True
    return row


@transaction.atomic
def save_articles(*, actor: Any, edition: Edition, rows: Sequence[ArticleRow]) -> Edition:
    """Replace the articles of a draft, in this order. Raises Denied, Refused."""
    grant, edition = _draft(actor, edition)
    _refuse(decisions.articles(rows))
    before = list(Article.everything.filter(edition=edition).order_by("position").values_list("label", "text"))
    after = [(str(row["label"]).strip(), str(row["text"]).strip()) for row in rows]
    if before != after:
        Article.everything.filter(edition=edition).delete()
        Article.everything.bulk_create([
            Article(edition=edition, position=n, label=label, text=text) for n, (label, text) in enumerate(after, 1)])
        _record(actor, verbs.DRAFT, edition.institution, {"articles": [len(before), len(after)]}, "", grant)
    return edition


@transaction.atomic
def save_clauses(*, actor: Any, edition: Edition, rows: Sequence[ClauseRow]) -> Edition:
    """Replace the clauses of a draft. Raises Denied, Refused (an article twice, 适用对象 that cannot be read, …)."""
    grant, edition = _draft(actor, edition)
    labels = set(Article.everything.filter(edition=edition).values_list("label", flat=True))
    _refuse(decisions.clauses(rows, labels))
    names = ("every", *TEXTS, *FIGURES)
    before = list(Clause.everything.filter(edition=edition).order_by("pk").values(*names))
    after = [_clause(row) for row in rows]
    if before != after:
        Clause.everything.filter(edition=edition).delete()
        Clause.everything.bulk_create([Clause(edition=edition, **row) for row in after])
        _record(actor, verbs.DRAFT, edition.institution, {"clauses": [len(before), len(after)]}, "", grant)
    return edition


def _clause(row: ClauseRow) -> dict[str, Any]:
    return {"every": row.get("every") or "none"} | {name: str(row.get(name) or "").strip() for name in TEXTS} | {
        name: row.get(name) for name in FIGURES}


@transaction.atomic
def discard_draft(*, actor: Any, edition: Edition) -> None:
    """Throw a draft away; an institution that has no other edition goes with it. Raises Denied, Refused."""
    grant, edition = _draft(actor, edition)
    institution, number = edition.institution, edition.number
    edition.delete()
    _record(actor, verbs.DRAFT, institution, {"edition": [number, None]}, "", grant)
    if not Edition.everything.filter(institution=institution).exists():
        institution.delete()


@transaction.atomic
def adopt(*, actor: Any, edition: Edition, since: date, document_no: str, token: str = "") -> Edition:
    """Put a draft into force from `since` on; the edition before ends there. `token`: that of `queries.preview.preview`, of what the
    person was shown. Duties of the running and coming periods, and from a date in the past on (`queries.past`), are laid out at once,
    or by a job where many are bound. Raises Denied, Stale (with the new preview) or Refused."""
    grant = access.require(actor, verbs.ADOPT, edition.institution.organisation.path)
    locks.hold(LOCK)
    institution = _held(edition.institution_id)
    edition = Edition.everything.select_for_update(of=("self",)).get(pk=edition.pk)
    edition.institution = institution
    if token and edition.since and edition.token == token and edition.adopted_by_id == actor.pk:
        return edition  # sent twice
    now = preview(edition, since)
    _refuse((*now.refusals, *decisions.document(document_no)))
    if token and token != now.token:
        raise Stale(now)
    former = Edition.everything.filter(institution=institution, since__isnull=False, until=None).first()
    if former:
        former.until = since
        former.save(update_fields=["until"])
    edition.since, edition.document_no, edition.token = since, document_no.strip(), token
    edition.adopted_by, edition.adopted_at = actor, timezone.now()
    edition.save()
    changes = {"edition": [former.number if former else None, edition.number], "since": [None, since], "document_no": [None, document_no]}
    _record(actor, verbs.ADOPT, institution, changes, edition.reason, grant)
    outbox.announce("institutions.adopted", institution.pk, edition=edition.pk, since=str(since))
    relay_below(institution.organisation_id)
    relay_back(institution)
    return edition


@transaction.atomic
def repeal(
    *, actor: Any, institution: Institution, on: date, document_no: str, reason: str, successor: Institution | None = None,
) -> Institution:
    """End an institution from a day on, with what takes its place where something does; from a day in the past on, what it asked and
    nobody has recorded goes. Raises Denied, Refused."""
    grant = access.require(actor, verbs.ADOPT, institution.organisation.path)
    locks.hold(LOCK)
    institution = _held(institution.pk)
    running = Edition.everything.filter(institution=institution, since__isnull=False, until=None).first()
    heir = (successor.pk == institution.pk, _in_force(successor)) if successor else None
    _refuse(decisions.repeal(on=on, since=running.since if running else None, repealed=institution.repealed_on is not None,
                             document_no=document_no, reason=reason, successor=heir))
    Edition.everything.filter(institution=institution, since__isnull=False, until=None).update(until=on)
    institution.repealed_on, institution.repeal_reason, institution.repeal_document = on, reason.strip(), document_no.strip()
    institution.successor, institution.version = successor, institution.version + 1
    institution.save()
    changes = {"repealed_on": [None, on], "repeal_document": [None, document_no.strip()]}
    _record(actor, verbs.ADOPT, institution, changes | ({"successor": [None, successor.code]} if successor else {}), reason, grant)
    outbox.announce("institutions.repealed", institution.pk, on=str(on))
    relay_below(institution.organisation_id)
    relay_back(institution)
    return institution


def _in_force(institution: Institution) -> bool:
    return Edition.everything.filter(institution=institution, since__isnull=False, until=None).exists()


def _held(pk: int) -> Institution:
    """The institution, nobody else deciding about it."""
    return Institution.everything.select_for_update(of=("self",)).select_related("organisation").get(pk=pk)


def _draft(actor: Any, edition: Edition) -> tuple[Grant | None, Edition]:
    grant = access.require(actor, verbs.DRAFT, edition.institution.organisation.path)
    institution = _held(edition.institution_id)
    edition = Edition.everything.select_for_update(of=("self",)).get(pk=edition.pk)
    if edition.since is not None:
        raise Refused("这一版已经施行,条文不能再改;请修订后施行新的一版。")
    edition.institution = institution
    return grant, edition


def _refuse(refusals: tuple[str, ...]) -> None:
    if refusals:
        raise Refused(*refusals)


def _record(actor: Any, verb: str, institution: Institution, changes: dict[str, Any], reason: str, grant: Grant | None) -> None:
    audit.record(actor, verb, institution, path=institution.organisation.path, changes=changes, reason=reason, grant=grant)
