"""Forms of meetings, rules and duties against whoever tries: other branches' numbers, hidden fields, rights that ended."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tests import canary, world
from tests.access import planted_carriers, planted_institutions
from tests.access.doors import CANARY, HX, TODAY, client_of, state, text_of
from tests.carriers import meeting
from tests.carriers.test_pages import TEXT, ago, duty, fields, local, planned
from tests.institutions.test_pages_register import institution
from tests.world import World
from zaidao.accounts.models import Delegation, SavedFilter
from zaidao.carriers.actions import drafts
from zaidao.carriers.models import Activity, Attendance, Carrier, FollowUp, Participation
from zaidao.institutions import actions as rules
from zaidao.institutions.models import Duty, Edition
from zaidao.organisations.actions.appointments import end
from zaidao.organisations.models import Appointment, Membership, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world.build()


# --- whole forms with other branches' numbers ------------------------------------------------------------------------------------------

NOW = ago(minutes=5)
RECORD = {"held_at": local(NOW), "text": TEXT, "then": "file", "decisions-n": "0", "tasks-n": "0"}
FORMS: tuple[tuple[str, str, dict[str, str]], ...] = (  # address, what of the planted things, a form that its own secretary could send
    ("carriers:replan", "activity", {"planned_at": local(NOW), "title": "改了", "remark": "改期"}),
    ("carriers:cancel", "activity", {"reason": "不开了"}),
    ("carriers:notice_give", "activity", {"text": "通知"}),
    ("carriers:record", "activity", RECORD),
    ("carriers:record", "activity", RECORD | {"then": "draft"}),
    ("carriers:draft", "activity", {"text": TEXT}),
    ("carriers:draft_forget", "activity", {}),
    ("carriers:leave", "activity", {"why": "出差"}),
    ("carriers:attendance", "participation", {"guests": "来宾"}),
    ("carriers:correct", "filed", RECORD | {"correction": "有误"}),
    ("carriers:follow_up_done", "follow_up", {"on": str(TODAY), "note": "办了"}),
    ("carriers:follow_up_confirm", "follow_up", {"on": str(TODAY)}),
    ("carriers:follow_up_reopen", "follow_up", {"reason": "没办完"}),
    ("carriers:follow_up_drop", "follow_up", {"reason": "不办了"}),
    ("carriers:carrier_end", "carrier", {"on": str(TODAY), "reason": "结束"}),
    ("institutions:draft", "draft", {"rows": "1", "0-label": "第一条", "0-text": "改了", "step": "save"}),
    ("institutions:amend", "institution", {"reason": "修订"}),
    ("institutions:discard", "draft", {"sure": "1"}),
    ("institutions:adopt", "draft", {"since": str(TODAY), "document_no": "一号", "step": "confirm", "token": "x"}),
    ("institutions:repeal", "institution", {"on": str(TODAY), "document_no": "一号", "reason": "废止"}),
    ("institutions:exempt", "institution_duty", {"reason": "免办"}),
    ("institutions:postpone", "institution_duty", {"until": str(TODAY + timedelta(days=40)), "reason": "延期"}),
    ("institutions:duty_done", "institution_duty", {"held_on": str(TODAY)}),
    ("institutions:record_withdraw", "record_by_hand", {"why": "撤回"}),
    ("institutions:exemption_withdraw", "exemption", {"why": "撤回"}),
)


def _yesterday(made: World) -> str:
    """Who was the secretary until yesterday: they still belong there, but decide nothing."""
    held = Appointment.everything.get(person=made.people["sibling_secretary"])
    end(actor=made.users["head"], appointment=held, until=TODAY, reason="届满", with_list=False)
    Membership.everything.filter(person=made.people["sibling_secretary"]).delete()
    Person.everything.filter(pk=made.people["sibling_secretary"].pk).update(organisation=made.orgs["quay"])
    return "sibling_secretary"


def _stood_in(made: World) -> str:
    """Who stood in for the secretary until yesterday, was called back from another time, and will again in a week."""
    past, running, coming = (-9, 0, None), (-9, 9, timezone.now()), (7, 9, None)
    for since, until, ended in (past, running, coming):
        Delegation.objects.create(
            giver=made.users["sibling_secretary"], taker=made.users["nobody"], since=TODAY + timedelta(days=since),
            until=TODAY + timedelta(days=until), reason="出差", ended_at=ended)
    return "nobody"


@pytest.mark.parametrize("who", ["secretary", "member", _yesterday, _stood_in], ids=["secretary", "member", "yesterday", "stood in"])
def test_a_whole_form_about_another_branch_is_like_one_about_nothing(made: World, who: Any) -> None:
    keys: dict[str, int] = {}
    planted_institutions.plant(made, keys)
    planted_carriers.plant(made, keys)
    client = client_of(made, who if isinstance(who, str) else who(made))
    before, found = state(), []
    for name, key, form in FORMS:
        for headers in ({}, HX):
            answer = client.post(reverse(name, args=[keys[key]]), form, **headers)
            if answer.status_code not in (403, 404) or CANARY in text_of(answer):
                found.append(f"{name}: {answer.status_code}")
    assert found == []
    assert state() == before


def test_what_is_not_ones_own_answers_like_what_is_not_there(made: World) -> None:
    keys: dict[str, int] = {}
    planted_institutions.plant(made, keys)
    planted_carriers.plant(made, keys)
    client, found = client_of(made, "secretary"), []
    for name, key, form in FORMS:
        theirs, nothing = (_said(client.post(reverse(name, args=[pk]), form)) for pk in (keys[key], 10**6))
        found += [name] if theirs != nothing else []
    assert found == []


def _said(response: HttpResponse) -> tuple[int, str]:
    """The page without what differs from one request to the next."""
    page = response.content.decode()
    return response.status_code, re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken&quot;|nonce)[^>]*>|<code>[0-9a-f]{32}</code>', "", page)


@pytest.mark.parametrize("who", ["secretary", "nobody"])
def test_no_header_opens_what_an_address_does_not(made: World, who: str) -> None:
    keys: dict[str, int] = {}
    planted_institutions.plant(made, keys)
    planted_carriers.plant(made, keys)
    client, found = client_of(made, who), []
    for name, key, _ in FORMS:
        answer = client.get(reverse(name, args=[keys[key]]), **HX)
        found += [name] if answer.status_code not in (403, 404, 405) or CANARY in text_of(answer) else []
    assert found == []


def test_the_branch_itself_neither_lets_itself_off_nor_undoes_what_its_superior_decided(made: World) -> None:
    owed = duty(made)
    given = rules.exempt(actor=made.users["superior"], duty=owed, reason="停产检修")
    other = duty(made, "支委会")
    later = rules.postpone(actor=made.users["superior"], duty=other, until=other.due_on + timedelta(days=90), reason="停产检修")
    client, before = client_of(made, "secretary"), state()
    assert client.post(reverse("institutions:exempt", args=[other.pk]), {"reason": "太忙"}).status_code == 403
    for each in (given, later):
        assert client.post(reverse("institutions:exemption_withdraw", args=[each.pk]), {"why": "要办"}).status_code == 403
    assert client.post(reverse("institutions:value", args=["duties.moved_days"]), {
        "value": "90", "since": str(TODAY), "reason": "放宽"}).status_code == 403
    assert state() == before


# --- hidden fields, choices, numbers that were changed on the way ----------------------------------------------------------------------

def refused(made: World, url: str, form: dict[str, Any], who: str = "secretary") -> None:
    """Nothing is written, and the page names nothing of the other branch."""
    before = {k: v for k, v in state().items() if k != "carriers.Draft"}
    answer = client_of(made, who).post(url, form)
    assert answer.status_code in (200, 403, 404, 422), answer.status_code
    assert CANARY not in text_of(answer)
    assert {k: v for k, v in state().items() if k != "carriers.Draft"} == before


@pytest.mark.parametrize("field", ["organisation", "duty", "joint", "joint_out_of_sight", "carrier", "host", "kind"])
def test_a_plan_takes_nothing_of_another_branch(made: World, field: str) -> None:
    theirs = duty(made)
    Duty.everything.update(organisation=made.orgs["sibling"])
    away = Carrier.everything.create(
        code="Z-1", organisation=made.orgs["sibling"], name=f"{CANARY}先锋岗", kind="先锋岗", origin="own", started_on=date(2026, 1, 5))
    Carrier.everything.create(
        code="Z-2", organisation=made.orgs["branch"], name="先锋岗", kind="先锋岗", origin="own", started_on=date(2026, 1, 5))
    page, who = reverse("carriers:plan"), "superior" if field == "joint_out_of_sight" else "secretary"
    own = f"{page}?organisation={made.orgs['branch'].pk}"
    form = fields(client_of(made, who).get(own)) | {"planned_at": local(ago(days=-2)), "kind": "主题党日"}
    ask = {
        "organisation": (f"{page}?organisation={made.orgs['sibling'].pk}", {}), "duty": (f"{page}?duty={theirs.pk}", {}),
        "joint": (own, {"joint": "O-sibling"}), "joint_out_of_sight": (own, {"joint": "O-quay"}), "carrier": (own, {"carrier": away.pk}),
        "host": (own, {"host": made.people["at_sibling"].pk}), "kind": (own, {"kind": "团建"}),
    }
    url, changed = ask[field]
    if field == "joint":  # a secretary of one branch has no such field: what is sent along counts for nothing
        assert client_of(made, who).post(url, form | changed).status_code == 302
        assert list(Participation.everything.values_list("organisation__code", flat=True)) == ["O-branch"]
        return
    refused(made, url, form | changed, who)


def test_a_duty_behind_the_first_million_is_planned_for_too(made: World) -> None:
    owed = duty(made)
    Duty.everything.filter(pk=owed.pk).update(id=23_456_789)
    client = client_of(made, "secretary")
    assert "主题党日" in client.get(f"{reverse('carriers:plan')}?duty=23456789").content.decode()
    for wrong in ("9" * 19, "-1", "１２", "1;2", "0x10", ""):
        assert client.get(reverse("carriers:plan"), {"duty": wrong}).status_code == 404


IMPOSSIBLE: tuple[tuple[str, str], ...] = (
    *((field, "stranger") for field in ("tasks-0-who", "host", "recorder")),
    *(("decisions-0-in_favour", vote) for vote in ("-1", "99999999999999999999", "2147483648", "500", "1e3")),
    ("decisions-0-against", "-5"), ("decisions-0-written", "3"), ("decisions-0-kind", "coup"), ("hours", "-1"), ("hours", "1e9"),
    ("held_at", "9999-12-31T23:59"), ("held_at", "0001-01-01T00:00"), ("tasks-0-due_on", "0001-01-01"),
)


def test_a_record_takes_no_stranger_and_no_impossible_number(made: World) -> None:
    found, client = planned(made, "党员大会"), client_of(made, "secretary")
    url = reverse("carriers:record", args=[found.pk])
    form = fields(client.post(url, fields(client.get(url)) | {"text": TEXT, "then": "rest"})) | {
        "then": "file", "decisions-0-kind": "vote_resolution", "decisions-0-text": "同意计划", "decisions-0-in_favour": "3",
        "tasks-0-what": "联系社区", "tasks-0-due_on": str(TODAY + timedelta(days=20)),
    }
    before = Activity.everything.values().get()
    for field, wrong in IMPOSSIBLE:
        answer = client.post(url, form | {field: str(made.people["at_sibling"].pk) if wrong == "stranger" else wrong})
        assert answer.status_code == 422, (field, wrong)
        assert CANARY not in answer.content.decode()
    assert Activity.everything.values().get() == before
    assert not FollowUp.everything.exists()
    assert client.post(url, form).status_code == 302, "it was this alone that stood against it"


@pytest.mark.parametrize("day", ["0001-01-01T00:00", "1999-12-31T23:59"])
def test_a_day_before_any_ledger_is_a_slip_of_the_pen(made: World, day: str) -> None:
    filed, client = meeting.filed(made), client_of(made, "secretary")
    url = reverse("carriers:correct", args=[filed.pk])
    page = client.post(url, fields(client.get(url)) | {"held_at": day, "correction": "笔误", "then": "file"})
    assert "请核对年份" in page.content.decode()
    planned_one = planned(made, "党课")
    form = {"held_at": day, "text": TEXT, "late_reason": "补录", "then": "file"}
    assert "请核对年份" in client.post(reverse("carriers:record", args=[planned_one.pk]), form).content.decode()


def test_what_no_database_keeps_is_left_out_of_a_kept_filter(made: World) -> None:
    client_of(made, "member").post(reverse("shell:filter_save"), {"name": "常\x00用", "page": "peo\x00ple", "query": "q=1"})
    kept = SavedFilter.objects.get()
    assert (kept.name, kept.page) == ("常用", "people")


def test_ticks_of_another_branch_count_for_nothing(made: World) -> None:
    found, client = planned(made, "党员大会"), client_of(made, "secretary")
    theirs = planned(made, "党员大会", where="sibling")
    [own, other] = [Participation.everything.get(activity=each) for each in (found, theirs)]
    stranger = made.people["at_sibling"].pk
    url = reverse("carriers:record", args=[found.pk])
    form = fields(client.post(url, fields(client.get(url)) | {"text": TEXT, "then": "rest"}))
    form |= {f"in-{part.pk}-{who}": "1" for part in (own, other) for who in (stranger, 10**12)}
    form |= {f"had-{own.pk}": f"{stranger},x,,-1", f"had-{other.pk}": str(stranger), f"guests-{other.pk}": "混入", "then": "file"}
    assert client.post(url, form).status_code == 302
    assert set(Attendance.everything.values_list("participation", flat=True)) == {own.pk}
    assert not Attendance.everything.filter(person=stranger).exists()
    assert Participation.everything.get(pk=own.pk).eligible == 3
    assert Activity.everything.get(pk=theirs.pk).state == "planned"
    assert client.post(reverse("carriers:attendance", args=[other.pk]), {f"in-{other.pk}-{stranger}": "1"}).status_code == 404


@pytest.mark.parametrize("text", ["张\x00三", "x" * 5000, "\u202e反", "<script>alert(1)</script>"], ids=["nul", "long", "turned", "script"])
def test_odd_texts_in_a_tick_list_break_nothing(made: World, text: str) -> None:
    """These fields stand beside people and are no fields of a form."""
    found, client = planned(made, "党员大会"), client_of(made, "secretary")
    part = Participation.everything.get()
    line = f"{part.pk}-{made.people['member'].pk}"
    told = {f"away-{line}": "leave", f"why-{line}": text, f"guests-{part.pk}": text, "token": "a\x00b"}
    for url in (reverse("carriers:attendance", args=[part.pk]), reverse("carriers:record", args=[found.pk])):
        answer = client.post(url, told | {"then": "file", "text": TEXT, "held_at": local(NOW)})
        assert answer.status_code in (302, 422)
    shown = client.get(reverse("carriers:activity", args=[found.pk])).content.decode()
    assert "<script>alert" not in shown
    kept = "".join(why + guest for why, guest in Attendance.everything.values_list("why", "guest"))
    assert "\x00" not in kept
    assert kept or len(text) > 500, "what is too long is refused whole"


def test_a_grid_takes_no_sheet_of_another_branch_and_no_name_of_its_roster(made: World) -> None:
    told = {"kind": "主题党日", "held_at": local(ago(days=1)), "text": TEXT}
    own = {"organisation": "机关支部"}
    sheets = [{"organisation": "O-sibling"}, own | {"host": CANARY}, own | {"leave": "P-sibling"}]
    form = {f"s-{i}-{name}": value for i, sheet in enumerate(sheets) for name, value in (told | sheet).items()} | {"s-n": "3"}
    before = state()
    answer = client_of(made, "secretary").post(reverse("carriers:sheets"), form)
    assert answer.status_code == 422
    assert answer.content.decode().count(CANARY) == 2, "what was typed, and that nobody on the roster is called so"
    assert state() == before


def test_no_rule_is_succeeded_amended_or_adopted_by_another_branchs(made: World) -> None:
    own, theirs = institution(made, "branch", "Z-own"), institution(made, "sibling", "Z-theirs")
    draft = Edition.everything.create(institution=theirs, number=2, reason=CANARY)
    client, told = client_of(made, "secretary"), {"on": str(TODAY), "document_no": "一号", "reason": "合并"}
    page = client.post(reverse("institutions:repeal", args=[own.pk]), told | {"successor": "Z-theirs"}).content.decode()
    assert "没有找到这个编号的制度" in page
    confirm = {"since": str(TODAY), "document_no": "一号", "step": "confirm", "token": str(draft.pk)}
    assert client.post(reverse("institutions:adopt", args=[own.pk]), confirm).status_code == 404  # it has no draft
    asked = client.get(f"{reverse('institutions:institution', args=[own.pk])}?edition={draft.number}").content.decode()
    assert CANARY not in asked
    own.refresh_from_db()
    assert own.repealed_on is None
    refused(made, reverse("institutions:new"), {"organisation": "O-sibling", "title": "制度", "origin": "own"})


def test_a_draft_is_its_writers_alone(made: World) -> None:
    found, writer = planned(made), client_of(made, "secretary")
    url = reverse("carriers:record", args=[found.pk])
    writer.post(url, {"text": "正在写的半句话", "then": "draft"})
    assert "正在写的半句话" in writer.get(url).content.decode()
    for who in ("superior", "head", "office"):
        assert "正在写的半句话" not in client_of(made, who).get(url).content.decode()
    held = Appointment.everything.get(person=made.people["secretary"])
    end(actor=made.users["head"], appointment=held, until=TODAY, reason="调动", with_list=False)
    assert client_of(made, "secretary").get(url).status_code == 403
    assert drafts.get(actor=made.users["superior"], activity=found) == ""
    assert canary.find_plain("正在写的半句话", canary.database()) == []


def test_the_record_of_a_large_branch_is_not_taken_for_an_attack(made: World) -> None:
    found, client = planned(made, "党员大会"), client_of(made, "secretary")
    part = Participation.everything.get().pk
    ticks = {f"{name}-{part}-{n}": "" for name in ("in", "away", "why") for n in range(10**6, 10**6 + 1000)}
    form = fields(client.get(reverse("carriers:record", args=[found.pk]))) | ticks | {"text": TEXT, "then": "rest"}
    assert client.post(reverse("carriers:record", args=[found.pk]), form).status_code == 200


def test_no_browser_keeps_what_was_written_down(made: World) -> None:
    """Whoever sits down at the machine after somebody signed out goes back to nothing."""
    keys: dict[str, int] = {}
    planted_carriers.plant(made, keys)
    client = client_of(made, "sibling_secretary")
    pages = [(name, keys["filed"]) for name in ("activity", "history", "correct", "minutes_word", "attendance_file")]
    pages += [("record", keys["activity"]), ("attendance", keys["participation"])]
    urls = [reverse(f"carriers:{name}", args=[pk]) for name, pk in pages] + [reverse("carriers:follow_ups")]
    assert [url for url in urls if "no-store" not in client.get(url).get("Cache-Control", "")] == []
