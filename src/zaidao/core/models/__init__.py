"""Rows that every module shares: jobs, audit, outbox, import plans, the calendar, names of keys."""

from zaidao.core.models.audit import Check, Entry, Seal, Sealed
from zaidao.core.models.burden import BurdenCount
from zaidao.core.models.calendar import Holiday
from zaidao.core.models.job import Job, Schedule, WorkerBeat
from zaidao.core.models.key import KeyMark
from zaidao.core.models.outbox import Delivery, Message
from zaidao.core.models.plan import Plan, PlanRow
from zaidao.core.models.search import SearchEntry
from zaidao.core.models.sent import Sent

__all__ = [
    "BurdenCount", "Check", "Delivery", "Entry", "Holiday", "Job", "KeyMark", "Message", "Plan", "PlanRow", "Schedule", "Seal",
    "Sealed", "SearchEntry", "Sent", "WorkerBeat",
]
