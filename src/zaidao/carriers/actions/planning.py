"""Verbs of planning: a meeting is planned, put off, called off, announced."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from zaidao.carriers.models import Activity, Notice


@transaction.atomic
def plan(
    *, actor: Any, organisation: Any, kind: str, title: str, planned_at: datetime, place: str = "", agenda: str = "",
    carrier: Any = None, duty: Any = None, joint: Collection[Any] = (), host: Any = None, recorder: Any = None, token: str = "",
) -> Activity:
    """Plan a meeting of `organisation`, together with those in `joint`. `duty`: what it is meant for. `token`: of the form, sent twice
    done once. Raises Denied (for any of the organisations), Refused."""
    raise NotImplementedError


@transaction.atomic
def replan(
    *, actor: Any, activity: Activity, planned_at: datetime, remark: str, title: str | None = None, place: str | None = None,
    agenda: str | None = None, host: Any = None, version: int | None = None,
) -> Activity:
    """Move a plan to another time, or change its words (None: as they are). A move to another day asks for a remark; the first day
    stays on record. `version`: of what the person saw. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def cancel(*, actor: Any, activity: Activity, reason: str, version: int | None = None) -> Activity:
    """Call a plan off, with the reason. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def give_notice(*, actor: Any, activity: Activity, text: str) -> Notice:
    """Announce a plan, or that it was called off: the text as it goes out. Mail goes where there is an address. Raises Denied, Refused."""
    raise NotImplementedError


def notice_text(activity: Activity) -> str:
    """The text of a notice to paste or send: of the meeting, or of its being called off. No names of members."""
    raise NotImplementedError


def agenda_for(duty: Any) -> tuple[str, str, str]:
    """Kind, title and agenda that a plan for a duty begins with, from its rule; kind is empty where the subject is no kind of activity.
    Minutes are never begun with anything."""
    raise NotImplementedError
