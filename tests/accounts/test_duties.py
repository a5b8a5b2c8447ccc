"""Administrators: given by another, kept apart where wanted, and never the last one gone, not even at once."""

import threading
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.accounts.conftest import person
from tests.world import signed_in
from zaidao.accounts.actions import duties, users
from zaidao.accounts.decisions import duties as decide
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

# What is decided, without a database.


@pytest.mark.parametrize(("facts", "says"), [
    ({}, ""), ({"oneself": True}, "自己"), ({"usable": False}, "停用"), ({"held": {"system"}}, "已担任这项"),
    ({"held": {"audit"}, "separate": True}, "不同的人"), ({"held": {"audit"}}, ""),
])
def test_who_may_be_given_a_duty(facts: dict[str, object], says: str) -> None:
    reasons = decide.grant(**({"duty": "system", "held": set(), "separate": False, "oneself": False, "usable": True} | facts))  # type: ignore[arg-type]
    assert (says in "".join(reasons)) if says else reasons == []


@pytest.mark.parametrize(("duty", "others", "refused"), [
    ("system", 0, True), ("security", 0, True), ("audit", 0, True), ("system", 1, False), ("security", 1, False), ("audit", 2, False),
])
def test_the_last_one_stays(duty: str, others: int, refused: bool) -> None:
    assert bool(decide.end(duty=duty, others=others)) is refused


# What is done.


def the(user: User, duty: str) -> AdminDuty:
    return AdminDuty.objects.get(user=user, duty=duty, until=None)


@pytest.mark.django_db
def test_a_duty_is_given_and_ended_on_record(security: User, worker: User, auditor: User) -> None:
    duties.grant_duty(actor=security, user_id=worker.pk, duty="audit", reason="分工调整")
    assert access.holder(User.objects.get(pk=worker.pk)).may("accounts.read_audit")
    duties.end_duty(actor=security, pk=the(worker, "audit").pk, reason="工作变动")
    assert not access.holder(User.objects.get(pk=worker.pk)).may("accounts.read_audit")
    told = list(Entry.objects.filter(verb="accounts.grant_duty").values_list("actor", "object_id", "changes", "reason"))
    assert told == [
        (security.pk, str(worker.pk), {"duty": [None, "审计管理员"]}, "分工调整"),
        (security.pk, str(worker.pk), {"duty": ["审计管理员", None]}, "工作变动"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("duty", ["system", "audit", None])
def test_only_security_administrators_give_duties(worker: User, security: User, duty: str | None) -> None:
    other = person("X001", duties=(duty,) if duty else ())
    with pytest.raises(access.Denied):
        duties.grant_duty(actor=other, user_id=other.pk, duty="security", reason="试试")
    with pytest.raises(access.Denied):
        duties.end_duty(actor=other, pk=the(security, "security").pk, reason="试试")
    client = signed_in(other)
    assert client.post(f"/accounts/{worker.pk}/appoint/", {"duty": "system", "reason": "试试"}).status_code == 403
    assert client.post(f"/accounts/duties/{the(security, 'security').pk}/end/", {"reason": "试试"}).status_code == 403
    assert duties.held(worker) == set()
    assert duties.held(security) == {"security"}


@pytest.mark.django_db
def test_nobody_gives_themselves_more(security: User) -> None:
    with pytest.raises(Refused, match="自己"):
        duties.grant_duty(actor=security, user_id=security.pk, duty="system", reason="方便")


@pytest.mark.django_db
def test_duties_are_kept_apart_where_the_office_wants_it(security: User, auditor: User, settings: LazySettings) -> None:
    settings.SEPARATE_DUTIES = True
    with pytest.raises(Refused, match="不同的人"):
        duties.grant_duty(actor=security, user_id=auditor.pk, duty="system", reason="兼任")
    settings.SEPARATE_DUTIES = False
    duties.grant_duty(actor=security, user_id=auditor.pk, duty="system", reason="兼任")
    assert duties.held(auditor) == {"audit", "system"}


@pytest.mark.django_db
def test_whoever_held_several_before_they_were_kept_apart_is_named(security: User, settings: LazySettings) -> None:
    both = person("SYS2", "兼任者", duties=("system", "audit"))
    client = signed_in(security)
    assert "还兼任" not in client.get("/accounts/").content.decode()
    settings.SEPARATE_DUTIES = True
    told = client.get("/accounts/?q=none").content.decode()
    assert "还兼任" in told
    assert f"兼任者({both.work_no})" in told
    assert security.work_no not in told
    person("AUD2", duties=("audit",))
    duties.end_duty(actor=security, pk=the(both, "audit").pk, reason="分设")
    assert "还兼任" not in client.get("/accounts/").content.decode()


@pytest.mark.django_db
def test_the_last_administrator_cannot_be_removed_by_any_way(system: User, security: User, auditor: User) -> None:
    for duty, user in (("system", system), ("security", security), ("audit", auditor)):
        with pytest.raises(Refused, match="最后一位"):
            duties.end_duty(actor=security, pk=the(user, duty).pk, reason="离任")
    for user in (security, auditor):
        with pytest.raises(Refused, match="最后一位"):
            users.deactivate(actor=system, user_id=user.pk, reason="离任")
    with pytest.raises(Refused, match="自己"):
        users.deactivate(actor=system, user_id=system.pk, reason="离任")
    security.refresh_from_db()
    assert security.is_active
    assert duties.held(system) == {"system"}
    assert duties.held(security) == {"security"}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["closed", "not begun"])
def test_somebody_who_cannot_sign_in_does_not_count_as_another(system: User, security: User, state: str) -> None:
    other = person("SYS2", password=None if state == "not begun" else "随便一个密码-1", duties=("system",))
    if state == "closed":
        User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(Refused, match="最后一位"):
        duties.end_duty(actor=security, pk=the(system, "system").pk, reason="离任")


@pytest.mark.django_db
def test_closing_an_account_ends_its_duties_for_good(system: User, security: User, auditor: User) -> None:
    other = person("SYS2", duties=("system", "audit"))
    users.deactivate(actor=system, user_id=other.pk, reason="调离")
    assert duties.held(other) == set()
    users.reactivate(actor=system, user_id=other.pk, reason="调回")
    assert duties.held(other) == set()


@pytest.mark.django_db
def test_pages_give_and_end_duties_with_a_reason(security: User, system: User, worker: User) -> None:
    client = signed_in(security)
    client.post(f"/accounts/{worker.pk}/appoint/", {"duty": "system", "reason": ""})
    assert duties.held(worker) == set()
    client.post(f"/accounts/{worker.pk}/appoint/", {"duty": "system", "reason": "增设"})
    assert duties.held(worker) == {"system"}
    page = f"/accounts/duties/{the(worker, 'system').pk}/end/"
    assert client.get(page).status_code == 200
    assert duties.held(worker) == {"system"}
    client.post(page, {"reason": "撤销"})
    assert duties.held(worker) == set()
    answer = client.post(f"/accounts/duties/{the(security, 'security').pk}/end/", {"reason": "离任"})
    assert "最后一位" in answer.content.decode()


def together(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Do them at the same moment, each in a connection of its own; what each raised."""
    gate, ended = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n: int, act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        except BaseException as error:
            ended[n] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["end and end", "end and close"])
def test_two_last_administrators_removed_at_once_leave_one(way: str) -> None:
    """Each removal alone would be right; both together would leave nobody."""
    first, second = person("SYS1", duties=("system", "security")), person("SYS2", duties=("system",))
    judge = person("SEC2", duties=("security",))
    acts = {
        "end and end": (
            lambda: duties.end_duty(actor=judge, pk=the(first, "system").pk, reason="撤销"),
            lambda: duties.end_duty(actor=judge, pk=the(second, "system").pk, reason="撤销"),
        ),
        "end and close": (
            lambda: duties.end_duty(actor=judge, pk=the(first, "system").pk, reason="撤销"),
            lambda: users.deactivate(actor=first, user_id=second.pk, reason="离任"),
        ),
    }[way]
    ended = together(*acts)
    left = AdminDuty.objects.filter(duty="system", until=None, user__is_active=True).count()
    assert left == 1, ended
    assert sum(isinstance(error, Refused | access.Denied) for error in ended) == 1, ended
