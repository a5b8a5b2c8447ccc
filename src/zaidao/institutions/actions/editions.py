"""Institutions are drafted, adopted, amended and repealed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from zaidao.institutions.models import Edition, Institution

ArticleRow = Mapping[str, Any]  # label, text
ClauseRow = Mapping[str, Any]  # article, subject, applies_to, every, at_least, evidence, grace_days, who, hours


@transaction.atomic
def register(
    *, actor: Any, organisation: Any, title: str, origin: str, code: str = "", reason: str = "", document_no: str = "",
) -> Edition:
    """A new institution with an empty first draft; the code is made where none is given. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def draft_edition(*, actor: Any, institution: Institution, reason: str) -> Edition:
    """Begin an amendment: a new draft with the articles and clauses of the edition before. Raises Denied, Refused (a draft is there,
    repealed)."""
    raise NotImplementedError


@transaction.atomic
def save_articles(*, actor: Any, edition: Edition, rows: Sequence[ArticleRow]) -> Edition:
    """Replace the articles of a draft, in this order. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def save_clauses(*, actor: Any, edition: Edition, rows: Sequence[ClauseRow]) -> Edition:
    """Replace the clauses of a draft. Raises Denied, Refused (an article twice, 适用对象 that cannot be read, …)."""
    raise NotImplementedError


@transaction.atomic
def discard_draft(*, actor: Any, edition: Edition) -> None:
    """Throw a draft away; an institution that has no other edition goes with it. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def adopt(*, actor: Any, edition: Edition, since: date, document_no: str, token: str = "") -> Edition:
    """Put a draft into force from `since` on; the edition before ends there. `token`: that of `queries.preview.preview`, of what the
    person was shown. Raises Denied, Stale (with the new preview) or Refused."""
    raise NotImplementedError


@transaction.atomic
def repeal(
    *, actor: Any, institution: Institution, on: date, document_no: str, reason: str, successor: Institution | None = None,
) -> Institution:
    """End an institution from a day on, with what takes its place where something does. Raises Denied, Refused."""
    raise NotImplementedError
