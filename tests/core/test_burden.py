"""The burden meter: what counts, for whom, that nothing tells persons or times, and that few people are never shown."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from zaidao.carriers.models import Activity, Carrier, Participation
from zaidao.core import burden, crypto
from zaidao.core.access import Grant
from zaidao.core.models import BurdenCount, Entry
from zaidao.core.scope import system_scope
from zaidao.institutions.models import Duty
from zaidao.organisations.models import Organisation

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)
TODAY = timezone.localdate()
NOW = TODAY.replace(day=1)
LAST = burden.before(NOW)


@pytest.fixture
def made() -> world.World:
    return world.build()


def count(made: world.World, key: str, month: date = NOW) -> BurdenCount | None:
    return BurdenCount.objects.filter(node=made.orgs[key].pk, month=month).first()


def worked(made: world.World, key: str, people: int, month: date = LAST, **counts: int) -> None:
    for person in range(people):
        burden.add(made.orgs[key].pk, month, 1000 + person, **(counts or {"filled": 3}))


def register(client: Client, made: world.World, org: str, **more: str) -> Any:
    told = {
        "organisation": made.orgs[org].code, "since": "2024-05-06", "name": "新同志", "category": "activist", "code": "", "education": "  ",
        "occupation": "钳工",
    }
    return client.post("/organisations/people/new/", told | more)


def test_an_accepted_form_counts_its_filled_fields_and_a_refused_one_nothing(made: world.World) -> None:
    client = world.signed_in(made.users["secretary"])
    assert register(client, made, "branch", since="2999-01-01").status_code == 200
    assert count(made, "branch") is None
    assert register(client, made, "branch").status_code == 302
    held = count(made, "branch")
    assert held is not None
    assert (held.filled, held.exports, held.reached) == (5, 0, 1)  # organisation, since, name, category, occupation


def test_what_a_form_carries_along_is_not_counted() -> None:
    def lists() -> list[tuple[str, list[str]]]:
        carried = [("csrfmiddlewaretoken", ["x"]), ("token", ["x"]), ("form-TOTAL_FORMS", ["3"]), ("next", ["/"])]
        return [*carried, ("a", ["1", " ", "2"]), ("b", [""])]

    request: Any = SimpleNamespace(POST=SimpleNamespace(lists=lists), FILES=SimpleNamespace(lists=lambda: [("file", ["one", "two"])]))
    assert burden.typed(request) == 4


def test_it_counts_where_the_post_stands_by_which_it_was_done(made: world.World) -> None:
    """The superior's officer who fills in for a branch is the superior's burden."""
    assert register(world.signed_in(made.users["superior"]), made, "sibling").status_code == 302
    assert count(made, "sibling") is None
    held = count(made, "company")
    assert held is not None
    assert held.filled == 5


@pytest.mark.parametrize(
    ("acts", "own", "node"), [
        ([None, Grant("secretary", "0000000100000007", "x")], "00000003", 7), ([], "00000003", 3), ([None], "", None),
        ([Grant("system", "", "x")], "00000003", 3),
    ],
)
def test_the_place_of_an_act(acts: list[Grant | None], own: str, node: int | None) -> None:
    grants = (Grant("member", "00000009", "y", on_behalf_of=4), Grant("member", own, "y"))
    assert burden.place(SimpleNamespace(grants=grants), acts) == node  # type: ignore[arg-type]


def test_looking_counts_nothing_and_neither_does_saving_what_is_nobodys_act(made: world.World) -> None:
    client = world.signed_in(made.users["secretary"])
    client.get("/organisations/people/")
    client.get("/search/", {"q": "党"})
    client.post("/filters/", {"page": "people", "name": "我的", "query": "q=1"})
    assert not BurdenCount.objects.exists()


def test_an_export_counts_and_a_blank_form_does_not(made: world.World) -> None:
    client = world.signed_in(made.users["secretary"])
    assert client.get(reverse("organisations:import_template")).status_code == 200
    assert not BurdenCount.objects.exists()
    assert client.post(reverse("organisations:export"), {"tables": ["organisation"], "shape": "xlsx"})["Content-Disposition"]
    held = count(made, "branch")
    assert held is not None
    assert held.exports == 1


def test_somebody_who_holds_nothing_is_counted_nowhere(made: world.World) -> None:
    client = world.signed_in(made.users["nobody"])
    assert client.post(reverse("accounts:suggest"), {"text": "按钮太小,看不清楚"}).status_code == 302
    assert Entry.objects.filter(verb="accounts.suggest").exists()
    assert not BurdenCount.objects.exists()


def test_a_count_that_fails_does_not_fail_the_page(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> str:
        raise crypto.KeyMissing("x")

    monkeypatch.setattr(burden, "mark", gone)
    assert register(world.signed_in(made.users["secretary"]), made, "branch").status_code == 302
    assert not BurdenCount.objects.exists()


def test_one_person_often_is_one_person(made: world.World) -> None:
    for _ in range(9):
        burden.add(made.orgs["branch"].pk, LAST, 7, filled=2)
    held = count(made, "branch", LAST)
    assert held is not None
    assert (held.filled, held.reached, len(held.marks)) == (18, 1, 1)


@pytest.mark.parametrize(("people", "shown"), [(1, False), (4, False), (5, True), (6, True)])
def test_a_month_is_shown_where_five_worked(made: world.World, people: int, shown: bool) -> None:
    worked(made, "branch", people)
    assert bool(burden.shown([made.orgs["branch"].pk], TODAY, month=LAST)) is shown
    told = world.signed_in(made.users["head"]).get("/burden/").content.decode()
    assert ("机关支部" in told) is shown
    assert (f">{people * 3}<" in told) is shown


def test_a_month_that_runs_is_never_shown(made: world.World) -> None:
    worked(made, "branch", 9, NOW)
    assert burden.shown([made.orgs["branch"].pk], TODAY, month=NOW) == []
    assert burden.shown([made.orgs["branch"].pk], TODAY, months=5) == []
    client = world.signed_in(made.users["head"])
    assert "机关支部" not in client.get("/burden/", {"month": f"{NOW:%Y-%m}"}).content.decode()


def test_a_stricter_number_hides_what_was_counted_by_a_laxer_one(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    worked(made, "branch", 5)
    monkeypatch.setattr(burden, "least", lambda: 6)
    assert burden.shown([made.orgs["branch"].pk], TODAY, month=LAST) == []


def test_marks_tell_people_apart_for_one_month_in_one_place_and_fade(made: world.World) -> None:
    assert burden.mark(1, MAY, 7) == burden.mark(1, MAY, 7)
    assert len({burden.mark(1, MAY, 7), burden.mark(1, MAY, 8), burden.mark(2, MAY, 7), burden.mark(1, NOW, 7)}) == 4
    worked(made, "branch", 4)
    worked(made, "quay", 4, NOW)
    worked(made, "other", 5, NOW)
    assert burden.fade(TODAY) == 1
    assert {(r.node, len(r.marks)) for r in BurdenCount.objects.all()} == {
        (made.orgs["branch"].pk, 0), (made.orgs["quay"].pk, 4), (made.orgs["other"].pk, 0),
    }
    faded = count(made, "branch", LAST)
    assert faded is not None
    assert (faded.filled, faded.reached) == (12, 4)


def test_marks_lie_sorted_so_that_none_tells_who_came_first(made: world.World) -> None:
    for person in (5, 3, 9, 1):
        burden.add(made.orgs["quay"].pk, NOW, person, filled=1)
    held = count(made, "quay")
    assert held is not None
    assert held.marks == sorted(held.marks)


def test_the_table_holds_counters_and_nothing_of_persons_or_times() -> None:
    assert {f.name for f in BurdenCount._meta.fields} == {"id", "node", "month", "filled", "exports", "reached", "marks"}


@pytest.mark.parametrize(("key", "seen"), [("head", {"branch", "quay"}), ("superior", {"branch"}), ("sibling_secretary", set())])
def test_the_page_shows_ones_own_part_of_the_tree(made: world.World, key: str, seen: set[str]) -> None:
    worked(made, "branch", 5)
    worked(made, "quay", 5)
    told = world.signed_in(made.users[key]).get("/burden/").content.decode()
    assert {org for org in ("branch", "quay") if made.orgs[org].name in told} == seen


@pytest.mark.parametrize(("key", "status"), [("member", 403), ("nobody", 403)])
def test_the_page_is_for_secretaries_and_the_office(made: world.World, key: str, status: int) -> None:
    assert world.signed_in(made.users[key]).get("/burden/").status_code == status


def test_what_was_asked_stands_beside(made: world.World) -> None:
    branch, company = made.orgs["branch"], made.orgs["company"]
    worked(made, "branch", 5)
    middle = timezone.make_aware(timezone.datetime(LAST.year, LAST.month, 15))
    with system_scope("test"):
        for n, state in enumerate(("open", "kept", "exempt")):
            Duty.everything.create(
                organisation=branch, subject=f"事{n}", source="rule:x", every="month", period_start=LAST, period_end=NOW, due_on=LAST,
                state=state,
            )
        for n, (org, state) in enumerate(((company, "planned"), (company, "cancelled"), (branch, "planned"))):
            held = Activity.everything.create(code=f"A{n}", organisation=org, kind="培训", title="培训", planned_at=middle, state=state)
            Participation.everything.create(activity=held, organisation=branch)
        for n, origin in enumerate(("mandated", "own")):
            Carrier.everything.create(code=f"K{n}", organisation=branch, name="读书", kind="其他", origin=origin, started_on=LAST)
    assert {name: told.get(branch.pk, 0) for name, told in burden.asks([branch.pk], LAST).items()} == {
        "到期的应办事项": 2, "其他组织召集的会议和活动": 1, "上级部署开始的载体": 1,
    }
    assert all(company.pk not in told for told in burden.asks([company.pk], LAST).values())
    row = world.signed_in(made.users["head"]).get("/burden/").content.decode().partition("机关支部</a>")[2].partition("</tr>")[0]
    assert row.count('<td class="num"') == 5


def test_the_page_takes_the_same_number_of_queries_with_one_and_with_many(made: world.World, django_assert_num_queries: Any) -> None:
    client = world.signed_in(made.users["head"])
    worked(made, "branch", 5)
    with django_assert_num_queries(STATEMENTS):
        client.get("/burden/")
    with system_scope("test"):
        for n in range(60):
            path = f"{made.orgs['quay'].path}{900 + n:08}"
            new = Organisation.everything.create(code=f"X-{n:02}", name=f"新支部{n:02}", kind="branch", path=path)
            BurdenCount.objects.create(node=new.pk, month=LAST, filled=1, reached=5)
    with django_assert_num_queries(STATEMENTS):
        told = client.get("/burden/").content.decode()
    assert "新支部10" in told
    assert "新支部59" not in told
    assert "新支部59" in client.get("/burden/", {"page": "2"}).content.decode()


STATEMENTS = 10  # session, user, posts, duties and delegations, how many, the organisations, their counts, three that were asked


def test_the_organisations_page_shows_its_latest_months_to_those_who_manage_it(made: world.World) -> None:
    url = f"/panels/organisation/zaidao-shell-burden-panels-of_organisation/{made.orgs['branch'].pk}/"
    client = world.signed_in(made.users["secretary"])
    assert "填写项数" not in client.get(url).content.decode()
    worked(made, "branch", 5)
    assert ">15<" in client.get(url).content.decode()
    assert world.signed_in(made.users["member"]).get(url).status_code == 404
    assert world.signed_in(made.users["sibling_secretary"]).get(url).status_code == 404
