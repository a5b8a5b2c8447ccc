"""What meetings tell to whom: by page, file, mail, calendar, panel, search and text to paste, to nobody else."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import world
from tests.access import planted_carriers, planted_institutions
from tests.access.doors import CANARY, HX, TODAY, client_of, text_of
from tests.carriers import meeting
from tests.carriers.test_pages import TEXT, ago, planned
from tests.carriers.test_pdf import letters
from tests.institutions.test_pages_register import clause, institution
from tests.world import World
from zaidao.carriers.actions import feeds, filing, mailing, planning
from zaidao.carriers.decisions.record import Record, Resolved, Task, Ticks
from zaidao.carriers.models import Activity, Attendance, FollowUp, Participation
from zaidao.carriers.month import digest
from zaidao.core import access, outbox, panels, search
from zaidao.core.scope import scope
from zaidao.institutions import actions as rules
from zaidao.institutions.models import Duty
from zaidao.organisations.actions.appointments import end
from zaidao.organisations.actions.move import move
from zaidao.organisations.models import Appointment, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world.build()


# --- what only those who lead there, or took part, are told ----------------------------------------------------------------------------

def test_a_talk_is_told_to_who_leads_and_who_takes_part_alone(made: World) -> None:
    talk = planned(made, "谈心谈话", at=ago(days=-1))
    Activity.everything.filter(pk=talk.pk).update(title="与某同志谈心")
    other = made.people["at_branch"]
    other.user = made.users["nobody"]
    other.save()
    Attendance.everything.create(participation=Participation.everything.get(), person=other, state="present")
    pages = ("/", reverse("carriers:list"), reverse("organisations:organisation", args=[made.orgs["branch"].pk]),
             reverse("carriers:activity", args=[talk.pk]))
    clients = {who: client_of(made, who) for who in ("secretary", "member", "nobody")}
    told = {who: ["与某同志谈心" in client.get(url).content.decode() for url in pages] for who, client in clients.items()}
    assert told == {"secretary": [True] * 4, "member": [False] * 4, "nobody": [True, False, False, True]}
    member = client_of(made, "member")
    assert member.get(pages[3]).status_code == member.post(reverse("carriers:leave", args=[talk.pk]), {"why": "忙"}).status_code == 404
    assert planned(made, "主题党日", at=ago(days=-1)).title in member.get(pages[1]).content.decode()


def test_a_talk_is_not_told_to_who_leads_elsewhere(made: World) -> None:
    talk = planned(made, "谈心谈话", at=ago(days=-1), where="branch")
    Activity.everything.filter(pk=talk.pk).update(title="与某同志谈心")
    Person.everything.filter(pk=made.people["sibling_secretary"].pk).update(organisation=made.orgs["branch"])  # and leads there
    client = client_of(made, "sibling_secretary")
    assert "与某同志谈心" not in client.get("/").content.decode()
    assert "与某同志谈心" not in client.get(reverse("carriers:list")).content.decode()
    assert client.get(reverse("carriers:activity", args=[talk.pk])).status_code == 404


def test_what_follows_from_a_private_meeting_is_told_in_its_record_alone(made: World) -> None:
    for kind in ("组织生活会", "主题党日"):
        found = Activity.everything.create(
            code=f"H-{kind}", organisation=made.orgs["branch"], kind=kind, title="会", planned_at=ago(days=3), held_at=ago(days=3),
            filed_at=ago(minutes=5), state="filed")
        Participation.everything.create(activity=found, organisation=made.orgs["branch"])
        FollowUp.everything.create(activity=found, organisation=made.orgs["branch"], what=f"{kind}后改进", due_on=TODAY)
    member, page = client_of(made, "member"), reverse("carriers:follow_ups")
    told = member.get(page, {"what": "open"}).content.decode()
    assert ("主题党日后改进" in told, "组织生活会后改进" in told) == (True, False)
    assert "未办结的事项 1 项" in member.get(reverse("organisations:organisation", args=[made.orgs["branch"].pk])).content.decode()
    assert "组织生活会后改进" in client_of(made, "secretary").get(page, {"what": "open"}).content.decode()


@pytest.fixture
def joint(made: World) -> Activity:
    """A meeting of two branches that their superior convened and filed; what stands for 车间支部 has its canary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zaidao.carriers.actions.base.someone", lambda *_: {})
        row = planning.plan(
            actor=made.users["superior"], organisation=made.orgs["company"], kind="主题党日", title="联学", planned_at=ago(days=2),
            joint=[made.orgs["branch"], made.orgs["sibling"]])
    away = made.people["at_sibling"].pk
    everybody = {made.orgs[key].pk: Ticks(rest="present") for key in ("company", "branch")}
    theirs = {made.orgs["sibling"].pk: Ticks({away: ("leave", f"{CANARY}病假")}, [f"{CANARY}来宾"], "present")}
    record = Record(
        held_at=ago(days=2), text=TEXT, ticks=everybody | theirs, decisions=[Resolved("共同植树")],
        follow_ups=[Task(f"{CANARY}浇水", away, TODAY), Task("买树苗", made.people["member"].pk, TODAY)])
    return filing.file(actor=made.users["superior"], activity=row, record=record)


@pytest.mark.parametrize("who", ["secretary", "member"])
def test_who_met_along_is_told_nothing_of_others_people(made: World, joint: Activity, who: str) -> None:
    search.rebuild()
    client = client_of(made, who)
    page = client.get(reverse("carriers:activity", args=[joint.pk])).content.decode()
    assert TEXT in page
    assert "买树苗" in page
    names = ("list", "follow_ups", "month", "below", "list_file", "follow_ups_file", "ledger", "ledger_file", "below_file")
    urls = [reverse(f"carriers:{name}") for name in names]
    of_one = ("activity", "minutes_word", "attendance_file", "history", "record", "correct")
    urls += [reverse(f"carriers:{name}", args=[joint.pk]) for name in of_one]
    urls += [reverse(f"carriers:{name}", args=[made.orgs["branch"].pk]) for name in ("year", "year_file", "blank_attendance")]
    urls += ["/", f"{reverse('carriers:follow_ups')}?what=done", reverse("organisations:organisation", args=[made.orgs["branch"].pk]),
             f"{reverse('carriers:below')}?subject=主题党日&show=all&under={made.orgs['sibling'].pk}"]
    assert [url for url in urls if CANARY in text_of(client.get(url))] == []
    asked = client.get(reverse("shell:search"), {"q": f"{CANARY}浇水"}).content.decode()
    assert asked.count(CANARY) <= 3, "what was asked, in the box and above"
    if who == "secretary":
        for name in ("minutes_pdf", "attendance_file"):
            printed = letters(b"".join(client.get(reverse(f"carriers:{name}", args=[joint.pk])).streaming_content))
            assert "联" in printed
            assert not printed & set("浇病来宾")


def test_the_office_of_both_is_told_of_both(made: World, joint: Activity) -> None:
    """The other half of the test above: the canaries are there to be read."""
    page = client_of(made, "superior").get(reverse("carriers:activity", args=[joint.pk])).content.decode()
    assert all(f"{CANARY}{what}" in page for what in ("浇水", "病假", "来宾"))
    assert f"{CANARY}浇水" in client_of(made, "sibling_secretary").get(reverse("carriers:activity", args=[joint.pk])).content.decode()


# --- mail, calendars, panels, search ---------------------------------------------------------------------------------------------------

def test_letters_go_to_whom_it_concerns_and_name_nobody_elses(made: World, joint: Activity, settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    for key, user in made.users.items():
        user.email = f"{key}@example.cn"
        user.save()
    row = planned(made, "党员大会", at=ago(days=-1), where="sibling")
    Activity.everything.filter(pk=row.pk).update(title=f"{CANARY}大会", agenda=f"{CANARY}议程")
    row.refresh_from_db()
    given = planning.give_notice(actor=made.users["sibling_secretary"], activity=row, text=planning.notice_text(row))
    mailing.mail(given.pk)
    assert [m.to for m in mail.outbox] == [["sibling_secretary@example.cn"]]
    mail.outbox.clear()
    Duty.everything.create(
        organisation=made.orgs["sibling"], subject=f"{CANARY}事项", source="rule:x", every="month", period_start=TODAY.replace(day=1),
        period_end=TODAY + timedelta(days=1), due_on=TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zaidao.core.calendar.is_working_day", lambda _: True)
        digest.write(0, lambda *_: None)
    assert mail.outbox, "somebody is reminded"
    assert all(CANARY not in m.subject + str(m.body) for m in mail.outbox)
    assert {m.to[0] for m in mail.outbox} <= {f"{key}@example.cn" for key in ("sibling_secretary", "superior", "member", "secretary")}


def test_a_calendar_follows_its_person_at_once(made: World) -> None:
    here, there = planned(made, at=ago(days=-2)), planned(made, at=ago(days=-2), where="quay")
    token = feeds.begin(actor=made.users["member"])
    url, stranger = reverse("carriers:feed_calendar", args=[token]), Client(HTTP_HOST="127.0.0.1")
    assert f"activity-{here.pk}@" in stranger.get(url).content.decode()
    Person.everything.filter(pk=made.people["member"].pk).update(organisation=made.orgs["quay"])
    told = stranger.get(url, **HX).content.decode()
    assert (f"activity-{here.pk}@" in told, f"activity-{there.pk}@" in told) == (False, True)
    assert stranger.get(f"/activities/{here.pk}/").status_code == 302, "the address opens nothing but itself"
    Person.everything.filter(pk=made.people["member"].pk).update(organisation=None)
    assert "BEGIN:VEVENT" not in stranger.get(url).content.decode()
    made.users["member"].is_active = False
    made.users["member"].save()
    assert stranger.get(url).status_code == 404


def test_no_panel_is_fetched_about_what_is_out_of_sight(made: World) -> None:
    keys: dict[str, int] = {}
    planted_institutions.plant(made, keys)
    planted_carriers.plant(made, keys)
    FollowUp.everything.update(who=made.people["at_sibling"])
    about = {"organisation": made.orgs["sibling"].pk, "person": made.people["at_sibling"].pk, "home": made.users["sibling_secretary"].pk,
             "account": made.users["sibling_secretary"].pk}
    later = [(slot, each.key) for slot in panels.SLOTS for each in panels.of(slot) if each.later]
    assert len(later) >= 4
    for who in ("secretary", "member", "nobody"):
        client = client_of(made, who)
        for slot, key in later:
            for headers in ({}, HX):
                answer = client.get(reverse("shell:panel", kwargs={"slot": slot, "key": key, "pk": about[slot]}), **headers)
                assert (answer.status_code, CANARY in text_of(answer)) == (404, False), (who, slot, key)
    for slot, key in later:  # a panel of one slot is none of another's
        other = next(each for each in panels.SLOTS if each != slot)
        url = reverse("shell:panel", kwargs={"slot": other, "key": key, "pk": about[other]})
        assert client_of(made, "head").get(url).status_code == 404


def hits(made: World, who: str, question: str) -> set[str]:
    """The kinds of which something is found now."""
    user = type(made.users[who]).objects.get(pk=made.users[who].pk)
    held = access.holder(user)
    with scope(held):
        return {kind.kind for kind in search.kinds(held.may_somewhere) if search.find(kind, question, 0, 5)}


def test_search_follows_a_branch_that_moves_and_a_post_that_ends(made: World) -> None:
    keys: dict[str, int] = {}
    planted_institutions.plant(made, keys)
    planted_carriers.plant(made, keys)
    meeting.filed(made, org="sibling", actor="sibling_secretary", decisions=[Resolved(f"{CANARY}植树")])
    search.rebuild()
    every = {"institution", "decision", "activity", "carrier", "person"}
    assert hits(made, "superior", CANARY) == hits(made, "sibling_secretary", CANARY) == every
    assert hits(made, "secretary", CANARY) == set()
    move(actor=made.users["head"], organisation=made.orgs["sibling"].pk, parent=made.orgs["other"].pk, effective_on=TODAY,
         document_no="党字〔2026〕1号")
    assert hits(made, "superior", CANARY) == set(), "before any index is brought up to date"
    outbox.dispatch()
    assert hits(made, "superior", CANARY) == set()
    assert hits(made, "head", CANARY) == hits(made, "sibling_secretary", CANARY) == every
    held = Appointment.everything.get(person=made.people["sibling_secretary"])
    end(actor=made.users["head"], appointment=held, until=TODAY, reason="届满", with_list=False)
    assert hits(made, "sibling_secretary", CANARY) == every - {"person"}, "a member reads on, the roster is closed"
    Person.everything.filter(pk=made.people["sibling_secretary"].pk).update(organisation=None)
    assert hits(made, "sibling_secretary", CANARY) == set()


def test_search_forgets_what_was_corrected_amended_or_given_up(made: World) -> None:
    filed = meeting.filed(made, decisions=[Resolved("购置缝纫机")])
    assert hits(made, "secretary", "缝纫机") == {"decision"}
    again = meeting.record(made, decisions=[Resolved("购置打印机")])
    from zaidao.carriers.actions.correcting import correct

    correct(actor=made.users["secretary"], activity=filed, record=again, correction="笔误")
    assert (hits(made, "secretary", "缝纫机"), hits(made, "secretary", "打印机")) == (set(), {"decision"})
    about = institution(made, "company", "Z-1", title="学习制度")
    clause(about)
    draft = rules.draft_edition(actor=made.users["superior"], institution=about, reason="修订")
    rules.save_articles(actor=made.users["superior"], edition=draft, rows=[{"label": "第一条", "text": "每月夜校"}])
    rules.save_clauses(actor=made.users["superior"], edition=draft, rows=[])
    assert hits(made, "superior", "夜校") == set(), "a draft finds nothing"
    rules.adopt(actor=made.users["superior"], edition=draft, since=TODAY, document_no="二号")
    assert hits(made, "member", "夜校") == {"institution"}
    assert hits(made, "member", "的条文") == set(), "the text before is found no more"
    planning.cancel(actor=made.users["secretary"], activity=planned(made, "党课", at=ago(days=-1)), reason="冲突")
    assert hits(made, "sibling_secretary", "夜校") == {"institution"}
    assert hits(made, "nobody", "夜校") == set()


def test_the_text_to_paste_names_no_person_and_nobody_out_of_reach(made: World) -> None:
    for org in made.orgs.values():
        Duty.everything.create(
            organisation=org, subject="主题党日", source="rule:frequency.theme_day", every="month", period_start=TODAY.replace(day=1),
            period_end=(TODAY.replace(day=1) + timedelta(days=32)).replace(day=1), due_on=TODAY)
    url = f"{reverse('carriers:below')}?subject=主题党日"
    for who, names in (("superior", ["机关支部", "车间支部"]), ("secretary", ["机关支部"])):
        for under in ("", made.orgs["quay"].pk, made.orgs["other"].pk, "x", "-1"):
            told = client_of(made, who).get(f"{url}&under={under}").content.decode().partition("<main")[2]
            assert [name for name in ("机关支部", "车间支部", "码头支部", "二公司党委") if name in told] == names
            assert "密语" not in told
            assert not any(person.name in told for person in made.people.values())
