"""What is under way in the demo world: begun by the persons themselves, through the acts of their pages. Everybody is invented."""

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import openpyxl
from django.conf import settings
from django.core.files.base import ContentFile

from zaidao.accounts.actions import delegations, suggestions
from zaidao.accounts.models import Delegation, User
from zaidao.core import calendar
from zaidao.organisations.actions import absences, appointments, hand_over, objections, standing, terms, transfers
from zaidao.organisations.models import Appointment, HandOver, Organisation, Person
from zaidao.shell.demo import moving
from zaidao.shell.demo.persons import MEMBER, OFFICE, SECRETARY, SIBLING, SUPERIOR, Role

WORKSHOP, STORE = "HW00010", "HW00027"  # the branches of the secretary and of the sibling
COMES, NEW, TRAVELS, WRITES = "P000227", "P000085", "P000079", "P000081"  # who is transferred, on probation, away; who gives up a post
SHEET = "新进人员.xlsx"


def there() -> bool:
    """Whether this was done: the last of it is."""
    return Delegation.objects.exists()


def begin(users: Mapping[Role, User], today: date) -> None:
    """Everything at once, inside the caller's transaction and scope."""
    secretary, sibling = users[SECRETARY], users[SIBLING]
    workshop, store = (Organisation.objects.get(code=code) for code in (WORKSHOP, STORE))
    _term_ends(secretary, workshop, today)
    _probation_ends(secretary, today)
    _away(secretary, today)
    _changes_hands(users[OFFICE], secretary, workshop, today)
    transfers.ask(
        actor=sibling, person=_person(COMES), receiver=workshop, letter_no="海湾冷链介字017", issued_on=today - timedelta(days=4),
        valid_until=today + timedelta(days=26), reason="调修理厂工作",
    )
    transfers.ask(
        actor=secretary, person=_person("P000068"), receiver=store, letter_no="海湾冷链介字018", issued_on=today - timedelta(days=1),
        valid_until=today + timedelta(days=29), reason="调仓库工作",
    )
    objections.ask(actor=users[MEMBER], field="education", text="学历登记有误:今年七月已取得本科毕业证书,请核对后更正。")
    due = calendar.add_working_days(today, settings.SUGGESTION_WORKING_DAYS)
    suggestions.suggest(actor=users[MEMBER], text="手机上看自己的记录,字能不能再大一点?", page="/organisations/own/", due_on=due)
    taker = users[OFFICE]
    delegations.delegate(
        actor=users[SUPERIOR], work_no=taker.work_no, name=taker.name, since=today, until=today + timedelta(days=14),
        reason="外出学习期间代办日常事项", today=today,
    )


def _person(code: str) -> Any:
    return Person.objects.select_related("organisation").get(code=code)


def _term_ends(actor: User, branch: Organisation, today: date) -> None:
    """The branch's term ends in eighty days: its start had been entered wrong."""
    began = moving.moved(today + timedelta(days=80), -36)
    terms.correct(
        actor=actor, organisation=branch, today=today, started_on=began, years=3, extended_to=None, basis="海湾党复选字012",
        reason="核对批复,更正本届起始日期",
    )


def _probation_ends(actor: User, today: date) -> None:
    joined = moving.moved(today + timedelta(days=18), -12)
    standing.correct_dates(actor=actor, person=_person(NEW), dates={"joined_on": joined}, reason="核对支部大会会议记录")


def _away(actor: User, today: date) -> None:
    """Somebody works elsewhere since four months; a word every three months was agreed."""
    absences.begin(
        actor=actor, person=_person(TRAVELS), kind="mobile", since=today - timedelta(days=110), place_gone="外省中转冷库",
        contact_every_months=3, note="驻外一年,约定每季度联系一次",
    )


def _changes_hands(office: User, secretary: User, branch: Organisation, today: date) -> None:
    """A committee post falls vacant; its hand-over waits, and the secretary looks after it."""
    held = Appointment.objects.select_related("post__organisation", "person").get(
        post__organisation=branch, post__title="宣传委员", person__code=WRITES, until=None,
    )
    appointments.end(actor=secretary, appointment=held, until=today - timedelta(days=3), reason="退休")
    listed = HandOver.objects.get(appointment=held)
    hand_over.edit(
        actor=office, hand_over=listed, items=[i["text"] for i in listed.items] + ["宣传栏钥匙和账号清单"], receiver=secretary.person,  # type: ignore[attr-defined]
    )


def sheet() -> Any:
    """Two new people and one who changed work, as an office would send them; numbers begin with 999999, as no real one does."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "人员"
    page.append(["人员编号", "姓名", "所在党支部编号", "人员类别", "性别", "出生日期", "身份证号", "工作岗位"])
    page.append(["P000501", "岳海澜", WORKSHOP, "群众", "女", "1999-03-02", "999999199903020002", "质检员"])
    page.append(["P000502", "卢望舒", STORE, "入党积极分子", "男", "1996-11-20", "", "叉车工"])
    page.append(["P000091", "王霞萍", WORKSHOP, "群众", "女", "", "", "调度员"])
    page.append(["P000503", "顾念东", "HW00999", "群众", "男", "", "", "仓管员"])
    out = io.BytesIO()
    book.save(out)
    return ContentFile(out.getvalue(), name=SHEET)
