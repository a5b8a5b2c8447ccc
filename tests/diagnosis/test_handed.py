"""Sheets that no living module takes come with the import and stand beside the living system, without the files."""

import pytest
from django.conf import LazySettings

from tests import world
from tests.organisations.books import go_on, plan_of
from tests.organisations.test_import import man, org
from zaidao.core.parquet import Folder
from zaidao.core.plans import actions as plans
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Upload

pytestmark = pytest.mark.django_db
RULE = {"制度编号": "Z1", "制度名称": "三会一课制度", "制定组织编号": "N-1", "来源": "自主制定", "施行日期": "2025-01-01"}


@pytest.mark.parametrize(("key", "kept"), [("head", True), ("superior", False)])
def test_the_import_hands_ledgers_on(settings: LazySettings, tmp_path: object, key: str, kept: bool) -> None:
    settings.VAR = tmp_path
    owner = world.build().users[key]
    number = "999999199001010018"
    plan = plan_of(
        owner, organisation=[org("N-1", "O-company")], person=[man("N1", "N-1", id_no=number)], 制度=[RULE],
    )
    plans.confirm(actor=owner, plan=plan, seal=plan.seal, options={})
    if plan.state != plan.State.DONE:
        go_on(plan)
    upload = Upload.objects.get()
    assert (upload.owner_id, upload.title) == (owner.pk, plan.title)
    assert [r["institution_id"] for r in Folder(upload.folder).rows("select institution_id from {facts/institution}")] == ["Z1"]
    assert not upload.files.exists()
    assert all(number.encode() not in f.read_bytes() for f in upload.folder.rglob("*") if f.is_file())
    assert (living.latest_ledger() == upload) is kept


def test_an_import_of_living_sheets_alone_leaves_no_ledger(settings: LazySettings, tmp_path: object) -> None:
    settings.VAR = tmp_path
    owner = world.build().users["head"]
    plan = plan_of(owner, organisation=[org("N-1", "O-company")])
    plans.confirm(actor=owner, plan=plan, seal=plan.seal, options={})
    assert not Upload.objects.exists()
