"""Answers: kept by organisation, code and evidence, shown beside the number, and what they explain leaves the next run."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from tests.world import World
from zaidao.core.parquet import Folder
from zaidao.diagnosis import actions
from zaidao.diagnosis.models import Answer, Run, evidence_hash
from zaidao.diagnosis.queries import answers

GIVEN = {"kind": "explained", "text": "按统一格式填写,已与支部核对。", "role": "党支部书记", "given_on": "2026-11-02"}


@pytest.fixture
def finding(run: Run) -> dict[str, Any]:
    found = run.folder.row("select org_id, finding, evidence from {findings} where finding = 'copied_minutes' and severity >= 2 limit 1")
    assert found
    return found


def _url(run: Run, finding: dict[str, Any]) -> str:
    return f"/runs/{run.pk}/findings/{finding['finding']}/{finding['org_id']}/"


def test_an_answer_is_kept_and_shown_wherever_the_finding_is(web: Client, run: Run, finding: dict[str, Any]) -> None:
    assert web.post(_url(run, finding), GIVEN | {"keys": finding["evidence"]}).status_code == 302
    kept = Answer.objects.get()
    assert kept.evidence == evidence_hash(finding["evidence"])
    assert kept.demo
    for url in (f"/runs/{run.pk}/", f"/runs/{run.pk}/findings/", f"/runs/{run.pk}/organisations/{finding['org_id']}/", _url(run, finding)):
        assert 'class="answer"' in web.get(url).content.decode(), url
    assert GIVEN["text"] in web.get(_url(run, finding)).content.decode()


def test_the_same_answer_replaces_itself_and_can_be_withdrawn(web: Client, run: Run, finding: dict[str, Any]) -> None:
    for text in ("第一次", "第二次"):
        web.post(_url(run, finding), GIVEN | {"keys": finding["evidence"], "text": text})
    kept = Answer.objects.get()
    assert kept.text == "第二次"
    web.post(f"/runs/{run.pk}/answers/{kept.pk}/withdraw/")
    assert not Answer.objects.exists()


@pytest.mark.parametrize(("wrong", "said"), [
    ({"kind": ""}, "请选择回应种类"), ({"text": ""}, "请写明情况"),
    ({"role": ""}, "请填写回应人职务"), ({"given_on": "昨天"}, "2026-10-31"),
    ({"keys": []}, "请至少勾选一条依据"), ({"keys": ["activity:NONE"]}, "不在本条提示之内"),
])
def test_incomplete_answers_say_what_is_missing(web: Client, run: Run, finding: dict[str, Any], wrong: dict[str, Any], said: str) -> None:
    response = web.post(_url(run, finding), GIVEN | {"keys": finding["evidence"]} | wrong)
    assert response.status_code == 422
    assert re.search(rf'class="field-error"[^>]*>(<p>)?[^<]*{said}', response.content.decode())  # beside its field
    assert not Answer.objects.exists()


def test_answers_stand_beside_later_evidence() -> None:
    given = Answer(org_id="O1", finding="backfill", keys=["activity:A1", "activity:A2~activity:A9"], kind=Answer.Kind.EXPLAINED)
    assert answers.beside([given], ["activity:A2", "activity:A3"]) == [{"answer": given, "shared": 1, "gone": 1}]


def test_only_explained_and_wrong_data_leave_the_count_and_only_in_their_world(db: None) -> None:
    for i, kind in enumerate(Answer.Kind):
        about = {"org_id": f"O{i}", "finding": "backfill", "keys": [f"activity:A{i}"], "evidence": str(i)}
        Answer.objects.create(**about, kind=kind, role="书记", text="—", given_on=date(2026, 1, 1))
    assert actions.explained(demo=False) == [("O0", "backfill", "activity:A0"), ("O1", "backfill", "activity:A1")]
    assert actions.explained(demo=True) == []


def test_explained_evidence_leaves_the_next_run_which_says_how_many(run: Run, finding: dict[str, Any], small: World) -> None:
    given, about = GIVEN | {"given_on": date(2026, 11, 2)}, {"org_id": finding["org_id"], "finding": finding["finding"]}
    actions.answer(actor=small.users["office"], run=run, keys=finding["evidence"], given=given, **about)
    (run.upload.folder / "problems.parquet").symlink_to(_problems(run))
    later = actions.begin_diagnosis(run.upload)
    later.refresh_from_db()
    assert later.done, later.job.error if later.job else ""
    assert later.manifest["explained_evidence"] == len(finding["evidence"])
    left = Folder(later.path).rows("select org_id from {findings} where finding = 'copied_minutes' and severity > 0")
    assert finding["org_id"] not in {r["org_id"] for r in left}


def _problems(run: Run) -> Path:
    """A list of problems without any."""
    target = run.upload.folder / "none.parquet"
    schema = pa.schema([("n", pa.int32()), *((f, pa.string()) for f in actions.PROBLEM_FIELDS)])
    pq.write_table(schema.empty_table(), target)
    return target
