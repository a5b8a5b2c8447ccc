"""Doors of meetings, rules and duties through which somebody may type a number of a person: each field of each form, one at a time.

What is refused comes back to whoever typed it, and is kept nowhere; what is kept all the same (a draft) is kept without it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.carriers import meeting
from tests.carriers.test_pages import TEXT, ago, duty, fields, local, planned
from tests.institutions.test_pages_register import clause, institution
from zaidao.carriers.actions import attending, follow_ups
from zaidao.carriers.actions.carriers import begin
from zaidao.carriers.decisions.record import Task
from zaidao.carriers.models import Activity, FollowUp, Participation
from zaidao.core.models import Entry
from zaidao.institutions import actions as rules
from zaidao.institutions.models import Edition, Institution, OfficeValue
from zaidao.organisations.models import Person

Form = tuple[str, dict[str, Any], tuple[str, ...]]  # address, what else the form holds, the fields to type into
TODAY = timezone.localdate()


def client_of(made: world.World, who: str) -> Client:
    client = world.signed_in(made.users[who])
    client.raise_request_exception = False
    return client


def type_into(client: Client, forms: Iterator[Form], number: str) -> None:
    """Send each form once a field, with the number in it: none goes through."""
    for url, told, names in forms:
        for name in names:
            answer = client.post(url, {**told, name: f"{told.get(name, '')}见{number}"})
            assert answer.status_code in (200, 422), (url, name, answer.status_code)
            assert "会原样保存" in answer.content.decode() or "没有找到" in answer.content.decode(), (url, name)


def plans(made: world.World) -> Iterator[Form]:
    found = planned(made, at=ago(days=-1))
    plan = reverse("carriers:plan")
    first = fields(client_of(made, "superior").get(f"{plan}?organisation={made.orgs['branch'].pk}"))
    yield f"{plan}?organisation={made.orgs['branch'].pk}", first, ("place", "title", "agenda")
    when = {"planned_at": local(ago(days=-2)), "title": "学习", "remark": "改期"}
    yield reverse("carriers:replan", args=[found.pk]), when, ("place", "title", "agenda", "remark")
    yield reverse("carriers:cancel", args=[found.pk]), {}, ("reason",)
    yield reverse("carriers:notice_give", args=[found.pk]), {}, ("text",)
    carrier = {"name": "先锋岗", "kind": "先锋岗", "origin": "own", "started_on": str(TODAY)}
    yield f"{reverse('carriers:carrier_new')}?organisation={made.orgs['branch'].pk}", carrier, ("name", "directive_no", "aim")
    running = begin(actor=made.users["superior"], organisation=made.orgs["branch"], **carrier | {"started_on": TODAY})
    yield reverse("carriers:carrier_end", args=[running.pk]), {"on": str(TODAY)}, ("reason",)


def records(made: world.World) -> Iterator[Form]:
    found = planned(made, "党员大会")
    part = Participation.everything.get(activity=found)
    ill = f"{part.pk}-{made.people['member'].pk}"
    told = {"held_at": local(ago(hours=1)), "text": TEXT, "decisions-n": "1", "decisions-0-kind": "agreed", "decisions-0-text": "植树",
            "tasks-n": "1", "tasks-0-what": "买书", "tasks-0-due_on": str(TODAY), f"away-{ill}": "leave", "then": "file"}
    ticks = (f"why-{ill}", f"guests-{part.pk}")
    names = ("place", "text", "opinions", "decisions-0-text", "tasks-0-what")
    yield reverse("carriers:record", args=[found.pk]), told, (*names, "late_reason", *ticks)
    yield reverse("carriers:attendance", args=[part.pk]), {f"away-{ill}": "leave"}, ticks
    filed = meeting.filed(made, follow_ups=[Task(what, None, TODAY) for what in ("买书", "借书")])
    own = Participation.everything.get(activity=filed)
    ill = f"{own.pk}-{made.people['member'].pk}"
    again = told | {f"away-{ill}": "leave", "correction": "有误"}
    yield reverse("carriers:correct", args=[filed.pk]), again, (*names, "correction", f"why-{ill}", f"guests-{own.pk}")
    task, said = FollowUp.everything.order_by("pk")
    follow_ups.done(actor=made.users["secretary"], follow_up=said, on=TODAY)
    for name, row, field in (("done", task, "note"), ("confirm", task, "note"), ("drop", task, "reason"), ("reopen", said, "reason")):
        yield reverse(f"carriers:follow_up_{name}", args=[row.pk]), {"on": str(TODAY)}, (field,)
    sheet = {"organisation": "O-branch", "kind": "主题党日", "held_at": local(ago(days=1)), "text": TEXT}
    free = "organisation place host recorder leave absent guests text opinions decisions title late_reason"
    typed = {"s-n": "1", **{f"s-0-{k}": v for k, v in sheet.items()}}
    yield reverse("carriers:sheets"), typed, tuple(f"s-0-{name}" for name in free.split())


def laws(made: world.World) -> Iterator[Form]:
    new = {"organisation": "O-company", "title": "学习制度", "origin": "own"}
    yield reverse("institutions:new"), new, ("organisation", "title", "code", "document_no", "reason")
    about, ended = institution(made, "company", "Z-1"), institution(made, "company", "Z-2")
    clause(about)
    rules.draft_edition(actor=made.users["superior"], institution=about, reason="修订")
    row = {"label": "第一条", "text": "每月学习", "every": "month", "subject": "支委会"}
    editor = {"rows": "1", "step": "save", **{f"0-{k}": v for k, v in row.items()}}
    names = ("label", "text", "subject", "applies_to", "evidence", "who")
    yield reverse("institutions:draft", args=[about.pk]), editor, tuple(f"0-{name}" for name in names)
    yield reverse("institutions:adopt", args=[about.pk]), {"since": str(TODAY), "step": "show"}, ("document_no",)
    yield reverse("institutions:adopt", args=[about.pk]), {"since": str(TODAY), "step": "confirm", "token": "x"}, ("document_no",)
    yield reverse("institutions:amend", args=[ended.pk]), {}, ("reason",)
    over = {"on": str(TODAY), "document_no": "一号", "reason": "合并"}
    yield reverse("institutions:repeal", args=[ended.pk]), over, ("document_no", "reason", "successor")
    owed, other = duty(made), duty(made, "支委会")
    yield reverse("institutions:exempt", args=[owed.pk]), {"reason": "停产"}, ("reason", "document_no")
    later = {"until": str(owed.due_on + timedelta(days=20)), "reason": "停产"}
    yield reverse("institutions:postpone", args=[owed.pk]), later, ("reason", "document_no")
    let_off = rules.exempt(actor=made.users["superior"], duty=other, reason="停产")
    yield reverse("institutions:exemption_withdraw", args=[let_off.pk]), {}, ("why",)


def plan_a_meeting(made: world.World, number: str) -> list[Any]:
    type_into(client_of(made, "superior"), plans(made), number)
    assert Activity.everything.count() == 1
    return []


def write_a_record(made: world.World, number: str) -> list[Any]:
    type_into(client_of(made, "secretary"), records(made), number)
    assert set(Activity.everything.values_list("state", flat=True)) == {"planned", "filed"}
    return []


def lay_down_a_rule(made: world.World, number: str) -> list[Any]:
    type_into(client_of(made, "superior"), laws(made), number)
    assert Institution.everything.count() == 2
    assert Edition.everything.filter(since=None).count() == 1
    return []


def set_the_office_s_value(made: world.World, number: str) -> list[Any]:
    form = {"value": "20", "since": str(TODAY), "reason": "放宽"}
    url = reverse("institutions:value", args=["duties.moved_days"])
    type_into(client_of(made, "head"), iter([(url, form, ("reason", "source"))]), number)
    assert client_of(made, "head").post(url, form | {"value": number}).status_code == 200
    assert not OfficeValue.objects.exists()
    return []


def keep_a_draft(made: world.World, number: str) -> list[Any]:
    """Kept by itself while somebody types, with stars in place of the number; shown again so."""
    found, client = planned(made, "党员大会"), client_of(made, "secretary")
    told = {"text": f"联系人{number}", "tasks-n": "1", "tasks-0-what": f"拨打{number}", "decisions-n": "1", "decisions-0-text": number,
            "place": number, f"guests-{Participation.everything.get().pk}": number}
    answers = [client.post(reverse("carriers:draft", args=[found.pk]), told)]
    answers.append(client.get(reverse("carriers:record", args=[found.pk])))
    assert "联系人***" in answers[-1].content.decode()
    return [*answers, client.post(reverse("carriers:record", args=[found.pk]), told | {"then": "draft"})]


def ask_for_leave(made: world.World, number: str) -> list[Any]:
    """Past the form too: what the action is told is on record as a state alone."""
    found, member = planned(made, "党员大会", at=ago(days=-1)), client_of(made, "member")
    assert member.post(reverse("carriers:leave", args=[found.pk]), {"why": f"致电{number}"}).status_code == 200
    attending.ask_leave(actor=made.users["member"], activity=found, why="外出")
    assert Entry.objects.filter(verb="carriers.mine").get().changes == {"state": [None, "leave"]}
    return []


def ask_by_address(made: world.World, number: str) -> list[Any]:
    """Typed into the search and the filters of every list and export: it is in the address already, and goes no further."""
    client = client_of(made, "head")
    client.get(reverse("shell:search"), {"q": number})
    lists = ("list", "ledger", "carriers", "below", "month", "follow_ups")
    about = ("register", "coverage", "execution", "execution_organisations", "conflicts", "values")
    files = [f"carriers:{name}_file" for name in ("list", "ledger", "carriers", "follow_ups", "below")]
    files += [f"institutions:{name}_export" for name in (*about[:3], "execution_organisations", "conflicts", "values")]
    parts = ("organisation", "q", "kind", "state", "month", "year", "subject", "under", "source", "what", "show", "page")
    asked = dict.fromkeys(parts, number)
    names = ["shell:burden", *(f"carriers:{name}" for name in lists), *(f"institutions:{name}" for name in about)]
    for name in names:
        client.get(reverse(name), asked)
        client.get(reverse(name), {"organisation": number, "q": number})
        client.post(reverse("shell:filter_save"), {"name": "常用", "page": name, "query": f"organisation={number}"})
    for name in ("year", "year_file", "blank_attendance", "blank_minutes"):
        client.get(reverse(f"carriers:{name}", args=[made.orgs["branch"].pk]), asked)
    return [client.get(reverse(name), {"organisation": number, "q": number, "source": number}) for name in files]


def open_a_calendar(made: world.World, number: str) -> list[Any]:
    """With numbers kept on the person whose calendar it is."""
    person: Person = made.people["member"]
    person.set_phone(number if len(number) == 11 else "")
    person.save()
    planned(made, at=ago(days=-1))
    page = client_of(made, "member").post(reverse("carriers:feed_begin")).content.decode()
    address = next(part for part in page.split('"') if part.endswith(".ics"))
    client_of(made, "member").get(f"/activities/feed/{number}.ics")
    return [Client(HTTP_HOST="127.0.0.1").get(address.removeprefix("http://127.0.0.1"))]


DOORS = (
    plan_a_meeting, write_a_record, lay_down_a_rule, set_the_office_s_value, keep_a_draft, ask_for_leave, ask_by_address, open_a_calendar,
)
