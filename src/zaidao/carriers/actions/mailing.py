"""A notice goes out by mail, where a server is named: to everybody expected who has an address, once."""

from django.utils import timezone

from zaidao.carriers.actions import attending
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.models import Attendance, Notice, Participation
from zaidao.core import mail as post
from zaidao.core import rulebook
from zaidao.core.mail import Letter
from zaidao.organisations.queries.expecting import addresses

TASK = "carriers.mail_notice"


def mail(number: int) -> int:
    """Send the notice of this number; returns how many letters the server took. It is marked before, so that none goes twice."""
    if not post.able() or not Notice.everything.filter(pk=number, mailed_at=None).update(mailed_at=timezone.now()):
        return 0
    notice = Notice.everything.select_related("activity").get(pk=number)
    activity, people = notice.activity, set[int]()
    for part in Participation.everything.filter(activity=activity).select_related("organisation").order_by("pk"):
        part.activity = activity
        people |= _whom(part)
    subject = f"{'取消通知' if notice.cancels else '通知'}:{activity.kind}"
    return post.send(Letter(user, address, subject, notice.text) for user, address in addresses(people).items())


def _whom(part: Participation) -> set[int]:
    """Those expected. Of a meeting to which nobody is bound to come, only those who are on its list: a talk is nobody else's."""
    told = set(Attendance.everything.filter(participation=part).exclude(person=None).values_list("person_id", flat=True))
    if gathering(part.activity.kind, part.organisation.kind, rulebook.today()) is Gathering.OPEN:
        return {n for n in told if n}
    return {r.person.pk for r in attending.listed(part, attending.day_of(part.activity)) if r.verdict.counted}
