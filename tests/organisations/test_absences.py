"""Long absences and the contact kept: who may, what is refused, what is recorded."""

from datetime import date

import pytest

from tests import world
from zaidao.core import access
from zaidao.core.models import Entry
from zaidao.organisations.actions import absences
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.models import Absence

pytestmark = pytest.mark.django_db
D = date


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: D(2026, 11, 26))


SINCE = D(2026, 3, 1)


def begin(made: world.World, kind: str = "mobile", by: str = "secretary", since: date = SINCE, **more: object) -> Absence:
    return absences.begin(actor=made.users[by], person=made.people["at_branch"], kind=kind, since=since, **more)  # type: ignore[arg-type]


def test_an_absence_is_registered_and_ended() -> None:
    made = world.build()
    gone = begin(made, place_gone="外省项目部", contact_every_months=3)
    assert (gone.kind, gone.contact_every_months, gone.until) == ("mobile", 3, None)
    ended = absences.end(actor=made.users["secretary"], absence=gone, until=D(2026, 9, 1), reason="返回")
    assert ended.until == D(2026, 9, 1)
    assert [e.reason for e in Entry.objects.filter(verb="people.absence")] == ["", "返回"]


@pytest.mark.parametrize("by", ["sibling_secretary", "member", "nobody"])
def test_others_register_nothing(by: str) -> None:
    made = world.build()
    with pytest.raises(access.Denied):
        begin(made, by=by)
    gone = begin(made)
    with pytest.raises(access.Denied):
        absences.end(actor=made.users[by], absence=gone, until=D(2026, 9, 1))
    with pytest.raises(access.Denied):
        absences.contacted(actor=made.users[by], absence=gone, on=D(2026, 9, 1))


@pytest.mark.parametrize(("kind", "since", "more", "field"), [
    ("mobile", D(2026, 11, 27), {}, "since"), ("ill", D(2026, 3, 1), {"until": D(2026, 3, 1)}, "until"),
    ("suspended", D(2026, 3, 1), {}, "note"), ("lapsed", D(2026, 3, 1), {"note": " "}, "note"),
])
def test_what_does_not_hold_is_said_by_field(kind: str, since: date, more: dict[str, object], field: str) -> None:
    made = world.build()
    with pytest.raises(Flawed) as flawed:
        begin(made, kind, since=since, **more)
    assert list(flawed.value.fields) == [field]
    assert not Absence.everything.exists()


def test_suspension_is_for_members() -> None:
    made = world.build()
    made.people["at_branch"].category = "activist"
    made.people["at_branch"].save()
    with pytest.raises(Flawed):
        begin(made, "suspended", note="支部大会决定")
    assert begin(made, "ill").kind == "ill"


def test_one_kind_does_not_run_twice_at_a_time() -> None:
    made = world.build()
    begin(made, until=D(2026, 6, 1))
    with pytest.raises(Flawed):
        begin(made, since=D(2026, 5, 31))
    assert begin(made, since=D(2026, 6, 1)).pk
    assert begin(made, since=D(2026, 1, 1), until=D(2026, 3, 1)).pk
    assert begin(made, "ill", since=D(2026, 5, 1)).pk


def test_contact_is_kept_in_order_with_what_was_said() -> None:
    made = world.build()
    gone = begin(made)
    absences.contacted(actor=made.users["secretary"], absence=gone, on=D(2026, 8, 1), note="电话,近况良好")
    gone.refresh_from_db()
    assert gone.last_contact_on == D(2026, 8, 1)
    for wrong in (D(2026, 7, 31), D(2026, 11, 27)):
        with pytest.raises(Flawed):
            absences.contacted(actor=made.users["secretary"], absence=gone, on=wrong)
    assert Entry.objects.filter(object_type="organisations.absence", reason="电话,近况良好").count() == 1
