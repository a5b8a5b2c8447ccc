"""The diagnosis of the living system judges by the office's own values of its day, and says so ever after."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests import world
from tests.world import signed_in
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Run, Upload
from zaidao.diagnosis.queries import standards
from zaidao.engine import catalogue
from zaidao.engine.catalogue.labels import FIXED
from zaidao.institutions import actions
from zaidao.institutions.queries import settings
from zaidao.organisations.queries import structure

TODAY = timezone.localdate()
KEY, NEVER = "structure_gap.secretary_days", 100_000  # days that no vacancy lasts


def _set(made: world.World) -> None:
    actions.set_value(actor=made.users["office"], key=KEY, value=NEVER, since=TODAY, reason="由单位另行规定")


def _severity(run: Run) -> int:
    found = Folder(run.path).rows("select max(severity) as s from {findings} where org_id = 'O-quay' and finding = 'structure_gap'")
    return found[0]["s"] or 0


def test_a_value_changes_the_judgement_from_its_day_on_and_no_earlier_one(small: world.World, place: Path) -> None:
    office = small.users["office"]
    before = Run.objects.get(pk=living.begin(actor=office).pk)
    _set(small)
    asked = Run.objects.create(title="昨天", asked_as_of=TODAY - timedelta(days=1))
    living.diagnose(asked, lambda *_: None)
    after = Run.objects.create(title="今天", asked_as_of=TODAY)
    living.diagnose(after, lambda *_: None)
    assert _severity(before) == _severity(asked) > _severity(after)
    assert [run.manifest["office_values"] for run in (before, asked)] == [[], []]
    told = after.manifest["office_values"]
    assert [(v["key"], v["value"], v["words"], v["since"]) for v in told] == [(KEY, NEVER, "100000 天", TODAY.isoformat())]
    assert after.manifest["catalogue"] != before.manifest["catalogue"] == catalogue.load().version

    client = signed_in(office)
    pages = {run.pk: client.get(f"/runs/{run.pk}/").content.decode() for run in (before, after)}
    assert "按本单位取值" not in pages[before.pk]
    assert "书记空缺视为待补的天数:100000 天" in pages[after.pk]
    assert "由单位另行规定" in (after.path / "report.html").read_text(encoding="utf-8")
    assert "由单位另行规定" not in (before.path / "report.html").read_text(encoding="utf-8")

    actions.set_value(actor=office, key=KEY, value=7, since=TODAY, reason="后来又改")
    assert standards.of(after).param(KEY) == NEVER
    assert standards.of(before).param(KEY) == catalogue.load().param(KEY)
    assert "后来又改" not in client.get(f"/runs/{after.pk}/").content.decode()


def test_pages_of_structure_judge_by_the_value_of_the_day(small: world.World) -> None:
    quay = small.orgs["quay"]
    with system_scope("test"):
        before = structure.judged(quay, TODAY).severity
        _set(small)
        assert structure.judged(quay, TODAY).severity < before
        assert structure.judged(quay, TODAY - timedelta(days=1)).severity == before


def test_uploads_are_judged_as_the_package_says(upload: Upload, published: Path) -> None:
    run = Run.objects.create(upload=upload, manifest={"as_of": "2026-11-01"})
    assert standards.values(run) == []
    assert standards.of(run) is catalogue.load()
    shown = standards.of_finding(run, "structure_gap")
    assert all(each.title and each.reason and each.value and not each.own for each in shown)


def test_every_threshold_has_a_name_and_no_two_of_a_group_share_one() -> None:
    known = catalogue.load()
    assert set(known.labels) == set(known.params)
    named = [(p.group, p.label.name) for p in known.parameters]
    assert len(set(named)) == len(named)
    assert all(p.label.name and p.said for p in known.parameters)
    coded = [p for p in known.parameters if p.label.words]
    for each in coded:
        values = each.value if isinstance(each.value, list) else [each.value]
        assert set(values) <= set(each.label.words), each.name
    numbers = [p for p in known.parameters if isinstance(p.value, int | float) and not p.label.unit and not p.label.fixed]
    assert numbers == []
    assert {p.label.fixed for p in known.parameters} == {"", *FIXED}


@pytest.mark.parametrize(("value", "unit", "said"), [
    (0.15, "%", "15%"), (45, "天", "45 天"), ([180, 90], "天", "180、90 天"), (["full"], "", "正式党员"), (True, "", "是"),
])
def test_values_are_told_with_their_unit(value: object, unit: str, said: str) -> None:
    label = replace(catalogue.load().labels["living.vote_categories"], unit=unit)
    assert label.said(value) == said


def test_sentences_are_filled_from_the_offices_value() -> None:
    """A field of a sentence that its row lacks is a parameter of the card: the one that was judged by."""
    known = catalogue.load()
    found = settings.as_told([{"key": KEY, "value": 7, "since": "2026-01-01"}])
    assert (found.card("structure_gap")["params"]["secretary_days"]["v"], found.param(KEY)) == (7, 7)
    assert known.card("structure_gap")["params"]["secretary_days"]["v"] == known.param(KEY) != 7
    said = {f"{code}.{name}": each["v"] for code, card in found.cards.items() for name, each in card.get("params", {}).items()}
    assert said == {key: found.param(key) for key in said}
    assert found.card("backfill") is known.card("backfill")
