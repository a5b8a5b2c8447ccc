"""One ID number and one phone number, entered through every door, are found nowhere in plain text."""

import base64
import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests import canary, canary_meetings, world
from tests.organisations.books import commit, plan_of
from tests.organisations.roster import id_no
from zaidao.accounts.models import Suggestion, User
from zaidao.core import access, audit, masks, tasks
from zaidao.core.models import Entry, Job, Plan, PlanRow
from zaidao.core.scope import scope
from zaidao.organisations.models import Objection, Person
from zaidao.organisations.queries import people

pytestmark = pytest.mark.django_db(transaction=True)
ID, PHONE = id_no(), "13912345678"
NUMBERS = {"id_no": ID, "phone": PHONE}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> world.World:
    """The world, with the second factor passed: its gate has tests of its own."""
    monkeypatch.setattr("zaidao.accounts.factors.needed", lambda user: False)
    monkeypatch.setattr("zaidao.accounts.factors.second_factor_ok", lambda request: True)
    return world.build()


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    with canary.listening() as written:
        yield written


def enter(made: world.World) -> Person:
    """Both numbers are kept on somebody in the branch."""
    person = made.people["at_branch"]
    person.set_id_no(ID)
    person.set_phone(PHONE)
    person.save()
    return person


def post(made: world.World, who: str, name: str, args: list[Any], data: dict[str, Any]) -> Any:
    client = world.signed_in(made.users[who])
    client.raise_request_exception = False
    return client.post(reverse(f"organisations:{name}", args=args), data)


# --- the doors: each enters the numbers and gives the answers in which they must not stand ---------------------------------------------

def save_a_model(made: world.World) -> list[Any]:
    user = User(work_no="U9", name="甲")
    user.set_phone(PHONE)
    user.save()
    enter(made)
    return []


def register_by_page(made: world.World) -> list[Any]:
    told = {"name": "新人", "organisation": "O-branch", "category": "activist", **NUMBERS}
    answer = post(made, "secretary", "person_new", [], told)
    assert Person.everything.filter(name="新人").get().id_no == ID
    return [answer]


def register_wrongly(made: world.World) -> list[Any]:
    """The form comes back to whoever filled it in, with the numbers in it: that page is theirs, and kept nowhere."""
    post(made, "secretary", "person_new", [], {"name": "", "organisation": "没有", "category": "activist", **NUMBERS})
    return []


def edit_by_page(made: world.World) -> list[Any]:
    person = made.people["at_branch"]
    told = {"version": person.version, "name": person.name, "reason": "核对证件", **NUMBERS}
    answer = post(made, "secretary", "person_edit", [person.pk], told)
    person.refresh_from_db()
    assert person.phone == PHONE
    return [answer, post(made, "secretary", "person", [person.pk], {})]


def find_by_page(made: world.World) -> list[Any]:
    person = enter(made)
    answer = post(made, "secretary", "people_find", [], {"number": ID})
    assert answer["Location"].endswith(f"/{person.pk}/")
    return [answer]


def put_into_an_address(made: world.World) -> list[Any]:
    """Somebody types a number into the search of names: it is in the address already, and goes no further."""
    client = world.signed_in(made.users["secretary"])
    client.raise_request_exception = False
    client.get("/no-such-page/", {"id_no": ID})
    client.get(f"/no-such-page/{ID}/{PHONE}/")
    return [client.get(reverse("organisations:people"), {"q": ID})]


def reveal_by_page(made: world.World) -> list[Any]:
    """The answer shows the number, to whom it is shown by right; nothing of it stays."""
    person = enter(made)
    answer = post(made, "secretary", "person_reveal", [person.pk], {"fields_wanted": ["id_no", "phone"], "reason": "核对证件号码"})
    assert ID in answer.content.decode()
    assert Entry.objects.filter(verb="people.reveal").exists()
    return []


def reveal_without_right(made: world.World) -> list[Any]:
    person = enter(made)
    told = {"fields_wanted": ["id_no"], "reason": "核对档案"}
    return [post(made, who, "person_reveal", [person.pk], told) for who in ("sibling_secretary", "member", "nobody")]


def object_in_free_text(made: world.World) -> list[Any]:
    post(made, "member", "objection_new", [], {"field": "name", "text": f"应为 {ID},电话 {PHONE}"})
    assert not Objection.everything.exists()
    return []


def suggest_in_free_text(made: world.World) -> list[Any]:
    world.signed_in(made.users["member"]).post(reverse("accounts:suggest"), {"text": f"我的号码 {ID}", "page": f"/x/?id={ID}"})
    assert not Suggestion.objects.exists()
    return []


def import_a_workbook(made: world.World) -> list[Any]:
    row = {"person_id": "N1", "name": "某一", "org_id": "O-branch", "category": "正式党员", **NUMBERS}
    wrong = row | {"person_id": f"{ID}", "category": PHONE}
    plan = plan_of(made.users["head"], person=[row, wrong])
    commit(plan)
    assert Person.everything.get(code="N1").id_no == ID
    return []


def keep_a_row_of_a_plan(made: world.World) -> list[Any]:
    plan = Plan.objects.create(kind="people", title="台账", owner=made.users["head"])
    fields = {"id_no": {"state": "new", "before": None, "after": ID, "cell": "F2"}}
    PlanRow.objects.create(plan=plan, n=1, table="person", sheet="人员", row=2, state="new", fields=fields, undo={"phone": PHONE})
    return []


def act_on_record(made: world.World) -> list[Any]:
    person = enter(made)
    changes = audit.changed({"id_no": "", "phone": ""}, NUMBERS, hidden=("id_no", "phone")) | {"note": ["", f"见{ID}"]}
    audit.record(made.users["secretary"], "people.edit", person, changes=changes, reason=f"本人电话{PHONE}")
    masks.reveal(
        actor=made.users["secretary"], verb="people.reveal", obj=person, fields=["id_no"], reason=f"电话 {PHONE} 核对", confirmed=True,
    )
    return []


def stumble_in_a_task(made: world.World) -> list[Any]:
    def work(argument: int, tell: tasks.Tell) -> None:
        tell(0.5, "正在处理")
        raise ValueError(f"身份证 {ID} 与电话 {PHONE} 不符")

    tasks.REGISTRY["canary"] = work
    try:
        job = tasks.enqueue("canary", 1)
    finally:
        del tasks.REGISTRY["canary"]
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    return []


def stumble_in_the_database(made: world.World) -> list[Any]:
    """PostgreSQL tells the whole row that did not fit."""
    enter(made)
    with pytest.raises(IntegrityError) as told, transaction.atomic():
        Person.everything.create(code="P-branch", name="甲", category="full", **NUMBERS)
    logging.getLogger("zaidao.tests").error("没有写入", exc_info=told.value)
    return []


def search_by_digest(made: world.World) -> list[Any]:
    person = enter(made)
    with scope(access.holder(made.users["secretary"])):
        assert people.by_number(PHONE) == person
    return []


DOORS: tuple[Callable[[world.World], list[Any]], ...] = (
    save_a_model, register_by_page, register_wrongly, edit_by_page, find_by_page, put_into_an_address, reveal_by_page, reveal_without_right,
    object_in_free_text, suggest_in_free_text, import_a_workbook, keep_a_row_of_a_plan, act_on_record, stumble_in_a_task,
    stumble_in_the_database, search_by_digest,
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_numbers_are_found_nowhere(door: Callable[[world.World], list[Any]], made: world.World, heard: io.StringIO) -> None:
    answers = door(made)
    shown = [place for n, answer in enumerate(answers) for place in canary.answer(answer, f"answer {n}")]
    messages = [("message", str(m).encode()) for answer in answers for m in get_messages(answer.wsgi_request)]
    for number in (ID, PHONE):
        assert canary.find_plain(number, [*canary.places(heard), *shown, *messages]) == []


@pytest.mark.parametrize("door", canary_meetings.DOORS, ids=lambda door: door.__name__)
def test_numbers_typed_about_meetings_and_rules_are_found_nowhere(
    door: Callable[[world.World, str], list[Any]], made: world.World, heard: io.StringIO,
) -> None:
    """Both at once: a text that holds the two is searched for each."""
    answers = door(made, f"{ID} {PHONE}")
    shown = [place for n, answer in enumerate(answers) for place in canary.answer(answer, f"answer {n}")]
    for number in (ID, PHONE):
        assert canary.find_plain(number, [*canary.places(heard), *shown]) == []


# --- the search itself finds what is there -------------------------------------------------------------------------------------------

def table(text: str) -> None:
    User.objects.create(work_no="U1", name=f"甲{text}")


def file(text: str) -> None:
    (Path(settings.VAR) / "left.txt").write_text(text)


def packed(text: str) -> None:
    with zipfile.ZipFile(Path(settings.VAR) / "left.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{text}</t>" * 50)


def session(text: str) -> None:
    client = Client()
    kept = client.session
    kept["draft"] = {"id_no": text, "more": "x" * 500}
    kept.save()


def letter(text: str) -> None:
    mail.send_mail("号码", f"您的号码是 {text}", None, ["a@example.org"])


def log(text: str) -> None:
    logging.getLogger("zaidao.tests").warning("x", extra={"facts": {"digest": text}})


def coded(text: str) -> None:
    (Path(settings.VAR) / "left.b64").write_bytes(base64.b64encode(f"前{text}后".encode()))


@pytest.mark.parametrize("leave", [table, file, packed, session, letter, log, coded], ids=lambda leave: leave.__name__)
def test_what_is_left_somewhere_is_found(leave: Callable[[str], None], db: None, heard: io.StringIO) -> None:
    assert canary.find_plain(ID, canary.places(heard)) == []
    leave(ID)
    try:
        assert canary.find_plain(ID, canary.places(heard))
    finally:
        for left in Path(settings.VAR).glob("left.*"):
            left.unlink()


def test_what_was_removed_lingers_and_is_found() -> None:
    """SQLite leaves the bytes of removed rows where they were, so the image is searched too."""
    if connection.vendor != "sqlite":
        return  # PostgreSQL's files are its own; the tables are searched
    user = User.objects.create(work_no="U1", name=f"甲{ID}")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = OFF")
    user.delete()
    assert not User.objects.exists()
    assert canary.find_plain(ID, canary.places())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
