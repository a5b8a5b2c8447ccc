"""One rule, duty and whatever else institutions has in 车间支部, each with its canary; see `planted.py`."""

from datetime import date, timedelta

from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.institutions.models import Article, Clause, Duty, Edition, Exemption, Fulfilment, Institution, Record

CANARY = world.canary("sibling")


def plant(made: World, keys: dict[str, int]) -> None:
    """Write them, and put the numbers that addresses want into `keys`."""
    sibling = made.orgs["sibling"]
    institution = Institution.everything.create(code="Z-sibling", organisation=sibling, title=f"{CANARY}制度", origin="own")
    edition = Edition.everything.create(
        institution=institution, number=1, since=date(2026, 1, 1), document_no=f"{CANARY}文号", reason=f"{CANARY}缘由",
    )
    keys |= {"institution": institution.pk, "draft": _draft(institution).pk}
    Article.everything.create(edition=edition, position=1, label="第一条", text=f"{CANARY}条文")
    clause = Clause.everything.create(
        edition=edition, article="第一条", subject="支委会", applies_to="党支部", every="month", at_least=1, evidence=f"{CANARY}佐证",
        who="书记",
    )
    duty = _duty(made, clause)
    exemption = Exemption.everything.create(
        duty=_duty(made, clause, months=1), kind="postpone", until=timezone.localdate() + timedelta(days=60), reason=f"{CANARY}原因",
        decided_by=made.users["sibling_secretary"],
    )
    keys |= {"institution_duty": duty.pk, "exemption": exemption.pk, "record_by_hand": _told(made, _duty(made, clause, f"{CANARY}事项")).pk}


def _told(made: World, duty: Duty) -> Fulfilment:
    """What somebody said by hand."""
    told = {"kind": "by-hand-1", "number": duty.pk, "held_on": duty.period_start, "filed_on": duty.period_start}
    record = Record.everything.create(organisation=made.orgs["sibling"], subject=duty.subject, **told)
    return Fulfilment.everything.create(duty=duty, record=record, how="kept", **told)


def _draft(institution: Institution) -> Institution:
    """Another one that is still being written."""
    other = Institution.everything.create(code="Z-draft", organisation=institution.organisation, title=f"{CANARY}草案", origin="own")
    draft = Edition.everything.create(institution=other, number=1, reason=f"{CANARY}草案缘由")
    Article.everything.create(edition=draft, position=1, label="第一条", text=f"{CANARY}草案条文")
    return other


def _duty(made: World, clause: Clause, subject: str = "支委会", months: int = 0) -> Duty:
    today = timezone.localdate()
    number = today.year * 12 + today.month - 1 + months
    start, end = date(number // 12, number % 12 + 1, 1), date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return Duty.everything.create(
        organisation=made.orgs["sibling"], subject=subject, source="clause:Z-sibling|第一条", clause=clause, every="month",
        period_start=start, period_end=end, due_on=end - timedelta(days=1), why=f"{CANARY}说明",
    )
