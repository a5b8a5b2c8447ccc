"""Facts of this module."""

from zaidao.carriers.models.activities import Activity, Attendance, Notice, Participation
from zaidao.carriers.models.carriers import Carrier
from zaidao.carriers.models.digest import Digest, Quiet
from zaidao.carriers.models.feeds import Feed
from zaidao.carriers.models.minutes import Decision, Draft, FollowUp, Minutes

__all__ = ["Activity", "Attendance", "Carrier", "Decision", "Digest", "Draft", "Feed", "FollowUp", "Minutes", "Notice", "Participation",
           "Quiet"]
