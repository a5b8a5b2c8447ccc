"""Answers beside findings, whatever snapshot they were given on."""

from collections.abc import Collection
from typing import Any

from zaidao.diagnosis.models import Answer, Run


def by_finding(orgs: Collection[str], *, run: Run) -> dict[tuple[str, str], list[Answer]]:
    """(organisation, code) -> answers that stand beside a run, oldest first, for the given organisations. One statement."""
    found: dict[tuple[str, str], list[Answer]] = {}
    for answer in Answer.objects.filter(**run.answers_of, org_id__in=list(orgs)):
        found.setdefault((answer.org_id, answer.finding), []).append(answer)
    return found


def beside(answers: list[Answer], keys: Collection[str]) -> list[dict[str, Any]]:
    """Each answer with how its evidence stands to that of the finding as it is now."""
    now = {k.split("~")[0] for k in keys}
    told = []
    for answer in answers:
        shared = sum(k.split("~")[0] in now for k in answer.keys)
        told.append({"answer": answer, "shared": shared, "gone": len(answer.keys) - shared})
    return told
