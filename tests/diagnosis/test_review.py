"""What a crafted workbook cannot do: speak for organisations of the living system, or read and take back what they said."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.world import signed_in
from zaidao.diagnosis import actions
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.diagnosis.queries import answers

GIVEN = {"kind": "explained", "text": "替别人说的话", "role": "书记", "given_on": date(2026, 11, 2)}
ABOUT = {"org_id": "O-quay", "finding": "structure_gap"}


@pytest.fixture
def own_run(small: world.World, run: Run) -> Run:
    """A run on the workbook of a branch's secretary, which may name any organisation."""
    Upload.objects.filter(pk=run.upload_id).update(demo=False, owner=small.users["sibling_secretary"])
    return Run.objects.select_related("upload").get(pk=run.pk)


def test_answers_beside_an_upload_stay_with_it(small: world.World, own_run: Run) -> None:
    day = timezone.localdate()
    FindingClock.objects.create(**ABOUT, first_seen_on=day, opens_on=day + timedelta(days=14))
    actions.answer(actor=small.users["sibling_secretary"], run=own_run, keys=["organisation:O-quay"], given=GIVEN, **ABOUT)
    assert FindingClock.objects.get().answered_on is None  # still the organisation's to answer first
    assert actions.explained(demo=False) == []  # nothing leaves the diagnosis of the living system
    assert actions.explained(**own_run.answers_of) == [("O-quay", "structure_gap", "organisation:O-quay")]
    assert answers.by_finding(["O-quay"], run=Run(title="全组织诊断")) == {}


def test_answers_of_organisations_are_not_reached_through_an_upload(small: world.World, own_run: Run) -> None:
    theirs = Answer.objects.create(**ABOUT, **GIVEN, keys=["organisation:O-quay"], evidence="x")
    client = signed_in(small.users["sibling_secretary"])
    assert client.post(f"/runs/{own_run.pk}/answers/{theirs.pk}/withdraw/").status_code == 404
    assert Answer.objects.filter(pk=theirs.pk).exists()
    assert answers.by_finding(["O-quay"], run=own_run) == {}
