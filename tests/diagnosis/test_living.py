"""The diagnosis of the living system: facts from the database, ledgers beside it, who sees what, who answers first."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from tests import world
from tests.world import signed_in
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.diagnosis import actions, living
from zaidao.diagnosis.lens import Lens
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.engine.facts import Facts
from zaidao.organisations import facts
from zaidao.organisations.models import Membership, Organisation, Person

TODAY = timezone.localdate()


@pytest.fixture
def living_run(small: world.World, place: Path) -> Run:
    """The small group, diagnosed by the officer; no secretary of 码头支部 gives it a finding."""
    return Run.objects.get(pk=living.begin(actor=small.users["office"]).pk)


def _finding_of(run: Run) -> tuple[str, str]:
    found = Folder(run.path).rows("select org_id, finding from {findings} where severity >= 2 and org_id = 'O-quay'")
    return found[0]["org_id"], found[0]["finding"]


def test_facts_follow_the_contract_and_tell_the_database(small: world.World, tmp_path: Path) -> None:
    with system_scope("test"):
        person = Person.everything.get(code="P-branch")
        Membership.everything.filter(person=person).update(until=date(2024, 5, 1))
        Membership.everything.create(person=person, organisation=small.orgs["quay"], since=date(2024, 5, 1))
        person.set_id_no("999999199001010018")
        person.save()
        counts = facts.write(tmp_path)
    read = Facts.from_parquet(tmp_path)
    people = {r["person_id"]: r for r in read.table("person").to_pylist()}
    assert counts == {"organisation": 6, "person": 12, "appointment": 5}
    assert (people["P-branch"]["org_id"], people["P-branch"]["moved_in_on"]) == ("O-quay", date(2024, 5, 1))
    assert people["P-branch"]["moved_out_on"] is None
    orgs = {r["org_id"]: r for r in read.table("organisation").to_pylist()}
    assert orgs["O-quay"]["parent_id"] == "O-other"
    assert orgs["O-group"]["parent_id"] is None
    assert orgs["O-quay"]["term_years"] == 3
    assert all(b"999999199001010018" not in f.read_bytes() for f in tmp_path.iterdir())


def test_facts_take_the_same_queries_for_one_and_many(small: world.World, tmp_path: Path, django_assert_num_queries: object) -> None:
    with system_scope("test"), django_assert_num_queries(3):  # type: ignore[operator]
        facts.write(tmp_path)
    with system_scope("test"):
        for i in range(30):
            world.person(f"X{i}", f"新{i}", small.orgs["quay"])
        with django_assert_num_queries(3):  # type: ignore[operator]
            facts.write(tmp_path)


def test_without_ledgers_their_parts_are_unknown_not_zero(living_run: Run) -> None:
    rows = Folder(living_run.path).rows("select element, pulse, why_null from {elements} where org_id = 'O-branch'")
    told = {r["element"]: r for r in rows}
    assert told["organisational_life"]["pulse"] is None
    assert told["organisational_life"]["why_null"]


def test_the_overview_says_unknown_where_nothing_was_recorded(small: world.World, living_run: Run) -> None:
    page = signed_in(small.users["head"]).get(f"/runs/{living_run.pk}/").content.decode()
    assert page.count("<b>未知</b>") == 2
    row = page.partition("?code=copied_minutes")[2].partition("</tr>")[0]
    assert row.count("—") == 3
    kinds = signed_in(small.users["head"]).get(f"/runs/{living_run.pk}/findings/").content.decode()
    assert "(未评估)" in kinds


def test_only_a_post_at_the_top_begins_one(small: world.World, place: Path) -> None:
    for key in ("superior", "secretary", "member", "nobody"):
        with pytest.raises(Denied):
            living.begin(actor=small.users[key])
    assert Run.objects.count() == 0
    assert signed_in(small.users["superior"]).post("/diagnosis/begin/").status_code == 403


def test_ledgers_stand_beside_the_database_once_kept(small: world.World, upload: Upload, published: Path) -> None:
    office = small.users["office"]
    with pytest.raises(Refused):
        actions.keep_as_ledgers(actor=office, upload=upload)
    upload.job = living.tasks.Job.objects.create(task="diagnosis.read", argument=1, state="done")
    upload.save()
    with pytest.raises(Denied):
        actions.keep_as_ledgers(actor=small.users["superior"], upload=upload)
    actions.keep_as_ledgers(actor=office, upload=upload)
    Organisation.everything.filter(pk=small.orgs["branch"].pk).update(code="HW00015")
    run = Run.objects.get(pk=living.begin(actor=office).pk)
    own = Folder(upload.folder).rows("select count(*) as n from {facts/activity} where org_id = 'HW00015'")[0]["n"]
    assert own > 10
    assert (run.manifest["rows"]["organisation"], run.manifest["rows"]["activity"]) == (6, own)
    assert not Path(str(run.path) + ".facts").exists()


SEES = {
    "head": {"group", "company", "branch", "sibling", "other", "quay"}, "superior": {"company", "branch", "sibling"},
    "secretary": {"branch"}, "sibling_secretary": {"sibling"},
}


@pytest.mark.parametrize("key", sorted(SEES))
def test_pages_of_a_run_show_the_organisations_of_ones_posts(small: world.World, living_run: Run, key: str) -> None:
    client = signed_in(small.users[key])
    for code, org in small.orgs.items():
        response = client.get(f"/runs/{living_run.pk}/organisations/{org.code}/")
        assert response.status_code == (200 if code in SEES[key] else 404), code
    overview = client.get(f"/runs/{living_run.pk}/").content.decode()
    names = {code for code, org in small.orgs.items() if org.name in overview}
    assert names == SEES[key]


@pytest.mark.parametrize("key", ["member", "nobody"])
def test_without_a_post_there_is_no_diagnosis(small: world.World, living_run: Run, key: str) -> None:
    client = signed_in(small.users[key])
    assert client.get("/diagnosis/").status_code == 403
    assert client.get("/uploads/").status_code == 403
    for url in ("", "findings/", "wait/", "progress/", "report/", "files/report.xlsx", "load/", "organisations/O-branch/"):
        assert client.get(f"/runs/{living_run.pk}/{url}").status_code == 404, url


def test_whole_files_are_for_those_who_see_everything(small: world.World, living_run: Run) -> None:
    FindingClock.objects.update(answered_on=TODAY)
    office, superior = signed_in(small.users["head"]), signed_in(small.users["superior"])
    for url in ("report/", "files/report.xlsx", "files/findings.csv"):
        assert superior.get(f"/runs/{living_run.pk}/{url}").status_code == 403
        assert b"".join(office.get(f"/runs/{living_run.pk}/{url}").streaming_content)  # type: ignore[attr-defined]


def _quay_secretary(small: world.World) -> Client:
    with system_scope("test"):
        user = world.User.objects.create(work_no="U-quay", name="码头书记")
        who = world.person("C-quay", "码头书记", small.orgs["quay"])
        who.user = user
        who.save()
        world.appoint(who, small.orgs["quay"], "组织委员")
    return signed_in(user)


def test_the_organisation_answers_first_and_its_superiors_see_it_then(small: world.World, living_run: Run) -> None:
    org, code = _finding_of(living_run)
    clock = FindingClock.objects.get(org_id=org, finding=code)
    assert clock.opens_on > TODAY + timedelta(days=10)
    address = f"/runs/{living_run.pk}/findings/{code}/{org}/"
    head, own = signed_in(small.users["head"]), _quay_secretary(small)
    assert head.get(address).status_code == 404
    assert own.get(address).status_code == 200
    assert "等本组织核实、回应的诊断提示" in own.get("/").content.decode()
    given = {"kind": "mended", "text": "已报请补选书记。", "role": "组织委员", "given_on": f"{TODAY}", "keys": [f"organisation:{org}"]}
    assert head.post(address, given).status_code == 404
    assert own.post(address, given).status_code == 302
    assert head.get(address).status_code == 200
    assert head.post(address, given).status_code == 403
    assert Entry.objects.filter(verb="diagnosis.answer").count() == 1


def test_the_days_over_the_superiors_see_it_without_an_answer(small: world.World, living_run: Run) -> None:
    org, code = _finding_of(living_run)
    FindingClock.objects.update(opens_on=TODAY)
    assert signed_in(small.users["head"]).get(f"/runs/{living_run.pk}/findings/{code}/{org}/").status_code == 200


def test_clocks_begin_once_and_anew_only_after_a_finding_was_gone(living_run: Run) -> None:
    org, code = _finding_of(living_run)
    clock = FindingClock.objects.filter(org_id=org, finding=code)
    clock.update(first_seen_on=date(2026, 1, 5), opens_on=date(2026, 1, 19))
    living.start_clocks(living_run, date(2026, 2, 2))
    assert clock.get().opens_on == date(2026, 1, 19)
    clock.update(gone_on=date(2026, 3, 1), answered_on=date(2026, 1, 9))
    living.start_clocks(living_run, date(2026, 4, 1))
    assert (clock.get().first_seen_on, clock.get().answered_on, clock.get().gone_on) == (date(2026, 4, 1), None, None)
    FindingClock.objects.create(org_id="gone", finding=code, first_seen_on=TODAY, opens_on=TODAY)
    living.start_clocks(living_run, TODAY)
    assert FindingClock.objects.get(org_id="gone").gone_on == TODAY


def _answered(run: Run, keys: list[str]) -> "tuple[QuerySet[FindingClock], Answer]":
    """The finding of 码头支部, answered before its days were over, for the given evidence."""
    org, code = _finding_of(run)
    given = Answer.objects.create(org_id=org, finding=code, keys=keys, kind="mended", text="已办", role="书记", given_on=TODAY)
    FindingClock.objects.filter(org_id=org, finding=code).update(answered_on=TODAY, opens_on=TODAY + timedelta(days=9))
    return FindingClock.objects.filter(org_id=org, finding=code), given


def _evidence(run: Run) -> list[str]:
    org, code = _finding_of(run)
    found = Folder(run.path).row("select evidence from {findings} where org_id = $org and finding = $code", {"org": org, "code": code})
    return list(found["evidence"])  # type: ignore[index]


def test_who_answered_is_asked_again_only_about_what_came_since(small: world.World, living_run: Run) -> None:
    clock, given = _answered(living_run, _evidence(living_run))
    living.start_clocks(living_run, TODAY)
    assert clock.get().answered_on == TODAY
    Answer.objects.filter(pk=given.pk).update(keys=["activity:before"])
    living.start_clocks(living_run, TODAY)
    assert (clock.get().answered_on, clock.get().opens_on) == (None, TODAY)
    org, code = _finding_of(living_run)
    assert signed_in(small.users["head"]).get(f"/runs/{living_run.pk}/findings/{code}/{org}/").status_code == 200
    assert "还没有回应" in _quay_secretary(small).get("/").content.decode()


def test_an_answer_taken_back_asks_again_and_hides_nothing(small: world.World, living_run: Run) -> None:
    clock, given = _answered(living_run, _evidence(living_run))
    own = _quay_secretary(small)
    assert own.post(f"/runs/{living_run.pk}/answers/{given.pk}/withdraw/").status_code == 302
    assert (clock.get().answered_on, clock.get().opens_on) == (None, TODAY)
    assert "还没有回应" in own.get("/").content.decode()
    org, code = _finding_of(living_run)
    assert signed_in(small.users["head"]).get(f"/runs/{living_run.pk}/findings/{code}/{org}/").status_code == 200


def test_superiors_see_sums_of_what_many_are_still_to_answer(small: world.World, living_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    head = signed_in(small.users["head"])
    assert "正由各组织先行核实" not in head.get(f"/runs/{living_run.pk}/").content.decode()
    monkeypatch.setattr(Lens, "kept_back", lambda _lens, _least: {"": 9, "backfill": 6})
    page = head.get(f"/runs/{living_run.pk}/").content.decode()
    assert "另有 9 个组织的提示正由各组织先行核实" in page
    assert "6 个组织" in page


def test_one_of_several_answers_taken_back_leaves_the_question_answered(small: world.World, living_run: Run) -> None:
    clock, given = _answered(living_run, _evidence(living_run))
    about = {"org_id": given.org_id, "finding": given.finding, "keys": given.keys}
    Answer.objects.create(**about, kind="disagreed", text="—", role="书记", given_on=TODAY)
    _quay_secretary(small).post(f"/runs/{living_run.pk}/answers/{given.pk}/withdraw/")
    assert clock.get().answered_on == TODAY


def test_what_cannot_start_its_clocks_is_not_published(small: world.World, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_run: Run, _day: date) -> None:
        raise OSError("no room left")

    monkeypatch.setattr(living, "start_clocks", dies)
    run = living.begin(actor=small.users["office"])
    assert run.job is not None
    assert run.job.state == "failed"
    assert not run.done
    assert signed_in(small.users["head"]).get(f"/runs/{run.pk}/findings/?all=1").status_code == 404


def test_a_published_run_is_not_made_anew_when_its_job_is_begun_again(living_run: Run) -> None:
    before = (living_run.path / "manifest.json").stat().st_mtime_ns
    living.diagnose(Run.objects.get(pk=living_run.pk), lambda _share, _step: None)
    assert (living_run.path / "manifest.json").stat().st_mtime_ns == before


def test_asked_for_twice_in_a_minute_both_have_results(small: world.World, living_run: Run) -> None:
    again = living.begin(actor=small.users["office"])
    assert again.pk != living_run.pk
    assert again.done


def test_the_night_makes_one_run_a_day_and_old_ones_are_pruned(small: world.World, place: Path) -> None:
    first, again = living.begin_nightly(TODAY), living.begin_nightly(TODAY)
    assert (first.pk, Run.objects.count()) == (again.pk, 1)
    first_of_month = timezone.now() - timedelta(days=100)
    for days in (0, 1):
        made = Run.objects.create(title="旧", manifest={"as_of": "2026-01-01"}, created_at=first_of_month + timedelta(days=days))
        made.path.mkdir(parents=True)
    months = {timezone.localdate(first_of_month + timedelta(days=d)).month for d in (0, 1)}
    assert living.prune(TODAY) == 2 - len(months)
    assert Run.objects.filter(title="旧").count() == len(months)


def test_home_tells_leaders_where_to_look_first_and_a_branch_of_itself(small: world.World, living_run: Run) -> None:
    def panel(key: str) -> str:
        user = small.users[key]
        return signed_in(user).get(f"/panels/home/zaidao-diagnosis-panels-glance/{user.pk}/").content.decode()

    org, code = _finding_of(living_run)
    name = small.orgs["quay"].name
    assert name not in panel("head")
    assert "看全组织诊断" in panel("head")
    pq.write_table(pq.read_table(living_run.path / "findings.parquet").set_column(
        5, "severity", pa.array([3] * Folder(living_run.path).rows("select count(*)::int as n from {findings}")[0]["n"], pa.int32()),
    ), living_run.path / "findings.parquet")
    FindingClock.objects.filter(org_id=org, finding=code).update(opens_on=TODAY)
    assert f"/runs/{living_run.pk}/findings/{code}/{org}/" in panel("head")
    assert "可以怎么做" in panel("head")
    assert name not in panel("secretary")
    assert "看本组织的诊断" in panel("secretary")
    assert "台账" in signed_in(small.users["head"]).get("/").content.decode()
    member = small.users["member"]
    assert signed_in(member).get(f"/panels/home/zaidao-diagnosis-panels-glance/{member.pk}/").status_code == 404


def test_the_organisation_page_shows_elements_by_panel(small: world.World, living_run: Run) -> None:
    client, number = signed_in(small.users["secretary"]), small.orgs["branch"].pk
    assert "台账与印证" in client.get(f"/organisations/{number}/").content.decode()
    address = f"/panels/organisation/zaidao-diagnosis-panels-elements/{number}/"
    for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
        page = client.get(address, **headers).content.decode()
        assert ("看诊断详情" in page, "<h1" in page) == (True, not headers)
    assert signed_in(small.users["sibling_secretary"]).get(address).status_code == 404
    assert signed_in(small.users["member"]).get(address).status_code == 404
