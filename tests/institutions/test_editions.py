"""From a draft to a rule in force, amended, repealed: what is previewed, written, refused and left alone."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from zaidao.carriers.decisions import votes
from zaidao.core import access, outbox, rulebook, scope, tasks
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Job
from zaidao.engine.catalogue.rules import cite
from zaidao.institutions import actions, reactions
from zaidao.institutions.actions import relaying
from zaidao.institutions.actions.editions import Stale
from zaidao.institutions.actions.relaying import relay
from zaidao.institutions.decisions import editions as decisions
from zaidao.institutions.models import Article, Clause, Duty, Edition, Institution, OfficeValue, Waiting
from zaidao.institutions.queries import preview
from zaidao.institutions.queries.month import basis
from zaidao.organisations import tree
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import bound

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 10)
JULY = date(2026, 7, 1)
MONTHLY = {"article": "第三条", "subject": "主题党日", "applies_to": "党支部", "every": "month", "at_least": 1, "grace_days": 7,
           "hours": 2.5}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> world.World:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    return world.build()


def draft(made: world.World, who: str = "superior", org: str = "company", *, rows: Any = (MONTHLY,), **more: Any) -> Edition:
    actor = made.users[who]
    told = {"organisation": made.orgs[org], "title": "组织生活办法", "origin": "own", "code": "Z9"} | more
    edition = actions.register(actor=actor, **told)
    labels = dict.fromkeys(["第一条", *(row["article"] for row in rows)])
    actions.save_articles(actor=actor, edition=edition, rows=[{"label": label, "text": "各支部应当……"} for label in labels])
    return actions.save_clauses(actor=actor, edition=edition, rows=list(rows))


def adopt(made: world.World, edition: Edition, since: date = JULY, who: str = "superior", **more: Any) -> Edition:
    return actions.adopt(actor=made.users[who], edition=edition, since=since, document_no="〔2026〕1号", **more)


def theme_days(made: world.World, org: str = "branch") -> dict[int, str]:
    rows = Duty.everything.filter(organisation=made.orgs[org], subject="主题党日").order_by("period_start")
    return {d.period_start.month: d.source for d in rows}


def test_a_draft_is_registered_with_its_text(made: world.World) -> None:
    edition = draft(made, code="")
    assert edition.institution.code == f"Z{edition.institution_id:05d}"
    assert list(Article.everything.filter(edition=edition).values_list("label", flat=True)) == ["第一条", "第三条"]
    assert [e.verb for e in Entry.objects.order_by("pk")] == ["institutions.draft"] * 3


@pytest.mark.parametrize("who", ["secretary", "member", "nobody", "sibling_secretary"])
def test_only_who_manages_the_maker_drafts_adopts_and_repeals(made: world.World, who: str) -> None:
    with pytest.raises(access.Denied):
        draft(made, who)
    edition = draft(made)
    for act in (lambda: actions.save_articles(actor=made.users[who], edition=edition, rows=[]), lambda: adopt(made, edition, who=who),
                lambda: actions.repeal(actor=made.users[who], institution=edition.institution, on=JULY, document_no="1", reason="并")):
        with pytest.raises(access.Denied):
            act()
    assert Edition.everything.get().since is None


def test_the_preview_tells_what_is_asked_of_whom(made: world.World) -> None:
    found = preview(draft(made), JULY)
    assert (found.organisations, found.duties, found.most, found.hours, found.refusals) == (2, 24, 12, 30.0, ())
    assert (found.clauses[0].times, found.clauses[0].kinds, found.clauses[0].hours) == (12, {"branch": 2}, 30.0)
    assert found.clauses[0].displaces == (("中国共产党支部工作条例(试行)", "第16条(条号待核)"),)


def test_the_preview_tells_what_asks_for_nothing_and_what_a_firm_rule_overrides(made: world.World) -> None:
    rows = [MONTHLY | {"every": "quarter"}, {"article": "第四条", "every": "none", "subject": "学习"},
            {"article": "第五条", "every": "year", "subject": "走访", "applies_to": "党小组"},
            {"article": "第六条", "every": "term", "subject": "换届", "applies_to": "党支部"},
            {"article": "第七条", "every": "month", "subject": "支委会", "applies_to": "党支部", "at_least": 2}]
    found = preview(draft(made, rows=rows), JULY)
    less, never, nobody, term, unmet = found.clauses
    assert "每月 1 次" in less.conflict
    assert "每季度 1 次" in less.conflict
    assert (less.organisations, less.decorative) == (0, "")
    assert never.decorative == "本条没有明确周期,不产生应办事项"
    assert nobody.decorative == "现在没有适用的组织"
    assert term.decorative == "每届一次,不按月列出应办事项"
    assert unmet.organisations == 0  # no committee sits in either branch
    assert (found.duties, found.hours) == (0, None)


def test_adopting_lays_out_the_running_and_the_coming_quarter(made: world.World) -> None:
    relay(None)
    assert theme_days(made) == dict.fromkeys(range(6, 10), "rule:frequency.theme_day")
    edition = adopt(made, draft(made))
    assert (edition.since, edition.adopted_by) == (JULY, made.users["superior"])
    assert theme_days(made) == {6: "rule:frequency.theme_day"} | dict.fromkeys(range(7, 10), "clause:Z9|第三条")
    assert theme_days(made, "quay") == dict.fromkeys(range(6, 10), "rule:frequency.theme_day")
    entry = Entry.objects.get(verb="institutions.adopt")
    assert (entry.path, entry.changes["since"]) == (made.orgs["company"].path, [None, "2026-07-01"])


def test_what_was_shown_is_what_is_adopted(made: world.World) -> None:
    edition = draft(made)
    shown = preview(edition, JULY)
    actions.save_clauses(actor=made.users["superior"], edition=edition, rows=[MONTHLY | {"at_least": 2}])
    with pytest.raises(Stale) as stale:
        adopt(made, edition, token=shown.token)
    assert stale.value.preview.duties == 48
    assert Edition.everything.get().since is None
    token = stale.value.preview.token
    assert adopt(made, edition, token=token) == adopt(made, edition, token=token)  # sent twice, done once
    assert Entry.objects.filter(verb="institutions.adopt").count() == 1


def test_an_edition_in_force_is_never_edited(made: world.World) -> None:
    edition, actor = adopt(made, draft(made)), made.users["superior"]
    for act in (lambda: actions.save_articles(actor=actor, edition=edition, rows=[]),
                lambda: actions.save_clauses(actor=actor, edition=edition, rows=[]),
                lambda: actions.discard_draft(actor=actor, edition=edition)):
        with pytest.raises(Refused, match="已经施行"):
            act()
    with pytest.raises(Refused, match="已经施行"):
        adopt(made, edition, date(2026, 8, 1))


def test_an_amendment_begins_with_the_text_and_ends_the_edition_before(made: world.World) -> None:
    first, actor = adopt(made, draft(made)), made.users["superior"]
    second = actions.draft_edition(actor=actor, institution=first.institution, reason="减负")
    assert [(c.article, c.hours) for c in Clause.everything.filter(edition=second)] == [("第三条", 2.5)]
    with pytest.raises(Refused, match="草案"):
        actions.draft_edition(actor=actor, institution=first.institution, reason="减负")
    with pytest.raises(Refused, match="晚于上一版"):
        adopt(made, second, JULY)
    actions.save_clauses(actor=actor, edition=second, rows=[MONTHLY | {"grace_days": 10}])
    assert preview(second, date(2026, 8, 1)).clauses[0].displaces == (("组织生活办法", "第三条"),)
    adopt(made, second, date(2026, 8, 1))
    first.refresh_from_db()
    assert (first.until, Clause.everything.get(edition=first).grace_days) == (date(2026, 8, 1), 7)
    grace = Duty.everything.filter(organisation=made.orgs["branch"], subject="主题党日", period_start__gte=JULY).order_by("period_start")
    assert list(grace.values_list("grace_days", flat=True)) == [7, 10, 10]


def test_a_repealed_one_asks_no_more(made: world.World) -> None:
    relay(None)
    edition, actor = adopt(made, draft(made)), made.users["superior"]
    heir = adopt(made, draft(made, code="Z10", rows=()), JULY)
    done = actions.repeal(actor=actor, institution=edition.institution, on=date(2026, 9, 1), document_no="〔2026〕2号", reason="合并",
                          successor=heir.institution)
    assert (done.repealed_on, done.successor) == (date(2026, 9, 1), heir.institution)
    assert theme_days(made)[8] == "clause:Z9|第三条"
    assert theme_days(made)[9] == "rule:frequency.theme_day"
    for again in (lambda: actions.repeal(actor=actor, institution=edition.institution, on=JULY, document_no="1", reason="并"),
                  lambda: actions.draft_edition(actor=actor, institution=edition.institution, reason="改")):
        with pytest.raises(Refused, match="废止"):
            again()


def test_a_draft_alone_goes_with_its_institution(made: world.World) -> None:
    actions.discard_draft(actor=made.users["superior"], edition=draft(made))
    assert not Institution.everything.exists()
    edition = adopt(made, draft(made))
    second = actions.draft_edition(actor=made.users["superior"], institution=edition.institution, reason="改")
    actions.discard_draft(actor=made.users["superior"], edition=second)
    assert Edition.everything.get() == edition


@pytest.mark.parametrize(("rows", "said"), [
    ([MONTHLY, MONTHLY], "写了两次"), ([MONTHLY | {"article": "第九条"}], "没有对应的条文"), ([MONTHLY | {"subject": " "}], "什么事项"),
    ([MONTHLY | {"applies_to": "先进支部"}], "无法识别"), ([MONTHLY | {"at_least": 0}], "1至366"), ([MONTHLY | {"every": "week"}], "周期"),
    ([MONTHLY | {"applies_to": "党支部且正式党员数≥7"}], ""), ([{"article": "第一条"}], ""),
])
def test_what_a_clause_must_say(rows: list[dict[str, Any]], said: str) -> None:
    found = ";".join(decisions.clauses(rows, {"第一条", "第三条"}))
    assert (said in found) if said else not found


def test_codes_are_unique_and_plain(made: world.World) -> None:
    draft(made)
    for code, said in (("Z9", "已经有"), ("a@1", "@"), ("a|b", "@"), ("a b", "@")):
        with pytest.raises(Refused, match=said):
            draft(made, code=code)
    assert Institution.everything.count() == 1


def test_an_office_sets_its_own_lecture_rhythm(made: world.World) -> None:
    base = {"actor": made.users["office"], "key": "frequency.party_lecture", "since": JULY, "reason": "集团党委要求"}
    with pytest.raises(Refused, match="周期"):
        actions.set_value(**base, value={"per": "week", "n": 1})
    actions.set_value(**base, value={"per": "quarter", "n": 2})
    assert Job.objects.filter(task="institutions.lay_out").count() == 1
    relay(None, date(2026, 7, 2))
    rows = Duty.everything.filter(organisation=made.orgs["branch"], subject="党课").order_by("period_start")
    assert [(d.period_start, d.times, d.source) for d in rows] == [
        (JULY, 2, "rule:frequency.party_lecture"), (date(2026, 10, 1), 2, "rule:frequency.party_lecture")]
    with pytest.raises(Refused, match="不能早于"):
        actions.set_value(**base | {"since": TODAY}, value={"per": "year", "n": 1})


@pytest.mark.parametrize(("key", "value", "said"), [
    ("duties.moved_days", 30, ""), ("duties.moved_days", -1, "整数"), ("duties.moved_days", "30", "整数"),
    ("duties.moved_days", True, "是"), ("election.quorum", {"num": 3, "den": 4}, ""), ("election.quorum", {"num": 5, "den": 4}, "比例"),
    ("election.quorum", {"x": 1}, "没有这些"),
    ("frequency.theme_day", {"n": 2}, "不能自行改动"), ("election.remind_before_months", {"v": 4}, ""), ("no.such", 1, "没有这一项"),
    ("living.burden_least_people", 1, "下限"), ("statistics.p_sound", 0.5, "方法内部"), ("living.election_win_of", "x", "要从这些中选"),
    ("living.vote_categories", ["full", "y"], "要从这些中选"), ("living.vote_categories", ["full"], ""),
])
def test_what_an_office_may_set(made: world.World, key: str, value: Any, said: str) -> None:
    wanted = {"actor": made.users["head"], "key": key, "value": value, "since": TODAY, "reason": "本单位规定"}
    if said:
        with pytest.raises(Refused, match=said):
            actions.set_value(**wanted)
        assert not OfficeValue.objects.exists()
        return
    actions.set_value(**wanted)
    known = rulebook.on(TODAY)
    assert (known.param(key) if key in known.params else {k: known.rule(key).values[k] for k in value}) == value
    assert rulebook.on(date(2026, 6, 9)).version != known.version


@pytest.mark.parametrize("who", ["superior", "secretary", "member", "nobody"])
def test_values_of_the_whole_tree_are_set_at_its_top(made: world.World, who: str) -> None:
    with pytest.raises(access.Denied):
        actions.set_value(actor=made.users[who], key="duties.moved_days", value=30, since=TODAY, reason="本单位规定")


def test_duties_follow_a_move(made: world.World) -> None:
    adopt(made, draft(made), since=date(2026, 1, 1))
    assert theme_days(made)[6] == "clause:Z9|第三条"
    moved = made.orgs["branch"]
    Organisation.everything.filter(pk=moved.pk).update(path=made.orgs["other"].path + moved.path[-8:])
    message = outbox.announce("organisations.moved", moved.pk, on="2026-06-10")
    with scope.system_scope("tests react"):
        reactions.subtree(message)
        reactions.subtree(message)
    assert Job.objects.filter(task="institutions.catch_up").count() == Waiting.everything.count() == 1
    work("institutions.catch_up")
    assert set(theme_days(made).values()) == {"rule:frequency.theme_day"}
    assert theme_days(made, "sibling")[6] == "clause:Z9|第三条"
    assert not Waiting.everything.exists()


def work(task: str) -> None:
    """Do the jobs of a task now, as the worker would."""
    for job in Job.objects.filter(task=task, state=Job.State.WAITING):
        tasks.perform(job)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error


def test_many_bound_organisations_are_laid_out_by_a_job(made: world.World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.TASKS = "worker"
    monkeypatch.setattr(relaying, "AT_ONCE", 2)
    adopt(made, draft(made))
    assert not Duty.everything.exists()
    work("institutions.lay_out_below")
    assert theme_days(made)[7] == "clause:Z9|第三条"
    assert not theme_days(made, "quay")


def test_the_night_lays_out_everybody(made: world.World, settings: Any) -> None:
    settings.TASKS = "worker"
    tasks.enqueue("institutions.lay_out", 0)
    work("institutions.lay_out")
    assert set(theme_days(made)) == set(theme_days(made, "quay")) == {6, 7, 8, 9}


def test_what_bears_on_whom(made: world.World) -> None:
    group = world.organisation("g", "第一党小组", "group", made.orgs["branch"])
    tree.rebuild([group.pk])
    branch, company = made.orgs["branch"].pk, made.orgs["company"].pk
    assert set(bound.near(branch)) == set(bound.near(group.pk)) == {branch, group.pk}
    assert bound.near(company) == [company]
    assert set(bound.whole([company])) == {company, branch, group.pk, made.orgs["sibling"].pk}
    assert bound.whole([], ["O-quay"]) == [made.orgs["quay"].pk]
    assert bound.whole([], []) == []
    assert bound.roots() == [made.orgs["group"].path]


@pytest.mark.parametrize(("topic", "org", "data", "waiting"), [
    ("established", "quay", {}, {"quay"}), ("dissolved", "branch", {}, {"branch"}), ("elected", "company", {}, {"company"}),
    ("moved", "company", {}, {"company", "branch", "sibling"}), ("merged", "quay", {"sources": ["O-branch"]}, {"quay", "branch"}),
    ("split", "branch", {"targets": ["O-sibling"]}, {"branch", "sibling"}), ("renamed", "branch", {}, set()),
])
def test_what_happens_to_an_organisation_lets_it_wait(
    made: world.World, settings: Any, topic: str, org: str, data: dict[str, Any], waiting: set[str],
) -> None:
    settings.TASKS = "worker"
    tasks.discover()
    outbox.announce(f"organisations.{topic}", made.orgs[org].pk, **data)
    outbox.dispatch()
    assert set(Waiting.everything.values_list("organisation", flat=True)) == {made.orgs[name].pk for name in waiting}


def test_an_appointment_bears_on_its_organisation(made: world.World, settings: Any) -> None:
    settings.TASKS = "worker"
    held = world.appoint(made.people["at_branch"], made.orgs["branch"], "组织委员")
    with scope.system_scope("tests react"):
        reactions.committee(outbox.announce("organisations.appointed", held.pk))
        reactions.committee(outbox.announce("organisations.appointed", 10**6))
    assert list(Waiting.everything.values_list("organisation", flat=True)) == [made.orgs["branch"].pk]


def test_what_is_judged_by_an_own_value_says_so(made: world.World) -> None:
    for key, value in (("election.quorum", {"num": 2, "den": 3}), ("frequency.party_lecture", {"per": "quarter", "n": 1})):
        actions.set_value(actor=made.users["head"], key=key, value=value, since=date(2026, 6, 1), reason="本单位规定")
    said = "按本单位自2026-06-01起的取值"
    before, now = rulebook.on(date(2026, 5, 31)), rulebook.on(TODAY)
    vote, room = votes.Vote(in_favour=9), votes.Room(voting=12, present=9)
    then, told = (votes.judge("election", vote, room, known=known) for known in (before, now))
    assert (then.passed, told.passed) == (False, True)  # 9 of 12: two thirds, not four fifths
    assert said in told.reason
    assert said not in then.reason
    assert said in basis("rule:frequency.party_lecture", None)
    assert said not in cite(before.rule("frequency.theme_day")) + cite(now.rule("frequency.theme_day"))
