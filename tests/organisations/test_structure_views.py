"""Pages of the tree, of one organisation, and of changes: shown, refused, confirmed; and what others do not see."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.accounts.models import User
from zaidao.core.scope import System, scope
from zaidao.organisations import tree
from zaidao.organisations.models import Change, Organisation, Person
from zaidao.organisations.queries import tree as tree_queries

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PAPER = {"effective_on": "2026-03-01", "document_no": "党字〔2026〕1号", "reason": ""}
NAMES = {key: name for key, name, *_ in world.TREE}


@pytest.fixture
def made() -> World:
    return world.build()


def client(made: World, who: str) -> Client:
    found = Client(HTTP_HOST="127.0.0.1")
    found.force_login(User.objects.get(pk=made.users[who].pk), backend="django.contrib.auth.backends.ModelBackend")
    return found


def page(made: World, who: str, path: str, **how: Any) -> str:
    answer = client(made, who).get(path, how)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.content.decode())


def main(text: str) -> str:
    """The page without bar and menus, which name one's own posts."""
    return text.split("<main")[1].split("</main", maxsplit=1)[0]


class TestTree:
    @pytest.mark.parametrize(("who", "begins"), [("head", "group"), ("superior", "company"), ("secretary", "branch"), ("member", "branch")])
    def test_it_begins_where_a_persons_part_begins(self, made: World, who: str, begins: str) -> None:
        text = main(page(made, who, "/organisations/"))
        assert [key for key, name in NAMES.items() if name in text] == [begins]

    def test_a_level_opens_as_rows_and_as_a_page(self, made: World) -> None:
        path = f"/organisations/{made.orgs['company'].pk}/level/"
        rows = client(made, "superior").get(path, {"depth": 1}, headers={"HX-Request": "true"}).content.decode()
        assert rows.lstrip().startswith('<tr class="depth-1">')
        assert "机关支部" in rows
        assert "码头支部" not in rows
        assert "机关支部" in page(made, "superior", path)

    def test_a_day_shows_the_tree_of_that_day(self, made: World) -> None:
        assert "没有您能看到的组织" in page(made, "head", "/organisations/", day="2019-06-01")
        assert "2025年6月30日的组织" in page(made, "head", "/organisations/", day="2025-06-30")
        for day in ("2999-01-01", "x", ""):
            assert f"{timezone.localdate().year}年" in page(made, "head", "/organisations/", day=day)

    @pytest.mark.parametrize("who", ["secretary", "sibling_secretary", "member", "nobody"])
    @pytest.mark.parametrize("what", ["", "level/", "as-of/"])
    def test_what_one_does_not_see_is_not_found(self, made: World, who: str, what: str) -> None:
        assert client(made, who).get(f"/organisations/{made.orgs['other'].pk}/{what}").status_code == 404

    def test_without_signing_in_there_is_nothing(self, made: World) -> None:
        for path in ("/organisations/", f"/organisations/{made.orgs['branch'].pk}/", "/organisations/top/"):
            answer = Client(HTTP_HOST="127.0.0.1").get(path)
            assert (answer.status_code, "支部" in answer.content.decode()) == (302, False)

    def test_numbers_are_fetched_apart_into_the_rows(self, made: World) -> None:
        company, branch = (made.orgs[key].pk for key in ("company", "branch"))
        level = page(made, "superior", f"/organisations/{company}/level/")
        fetched = re.search(r'hx-get="(/organisations/numbers/[^"]+)"', level)
        assert fetched is not None
        cells = client(made, "superior").get(html.unescape(fetched[1])).content.decode()
        told = dict(re.findall(r'<td class="num" id="(\w+-\d+)"[^>]* hx-swap-oob="true">([^<]*)</td>', cells))
        with scope(System("test")):
            counted = tree_queries.numbers([tree_queries.node_as_of(branch, TODAY)], TODAY, TODAY)[branch]  # type: ignore[list-item]
        assert [told[f"{name}-{branch}"] for name in ("full", "probationary", "others", "seats")] == [
            str(counted.full), str(counted.probationary), str(counted.others), f"{counted.filled} / {counted.seats}",
        ]
        assert counted.full
        assert set(re.findall(r'id="(\w+-\d+)"', level)) & set(told) == set(told)  # each has its place in the page
        with_numbers = page(made, "superior", f"/organisations/{company}/level/?numbers=1")
        assert f'id="full-{branch}" data-label="正式党员">{counted.full}<' in with_numbers

    @pytest.mark.parametrize("of", ["", "x", "999999", ",,,", "{other}", "{other},{branch},-1"])
    def test_numbers_of_what_one_does_not_see_are_not_told(self, made: World, of: str) -> None:
        asked = of.format(**{key: row.pk for key, row in made.orgs.items()})
        cells = client(made, "secretary").get("/organisations/numbers/", {"of": asked, "day": "2026-01-01"}).content.decode()
        assert set(re.findall(r'id="full-(\d+)"', cells)) == ({str(made.orgs["branch"].pk)} if "branch" in of else set())

    @pytest.mark.parametrize("more", [0, 120])
    def test_queries_do_not_grow(self, made: World, more: int, django_assert_max_num_queries: Any) -> None:
        for n in range(more):
            world.organisation(f"more{n}", f"多{n}支部", "branch", made.orgs["company"])
        tree.rebuild(Organisation.everything.values_list("pk", flat=True))
        someone = client(made, "head")
        with django_assert_max_num_queries(15):
            text = someone.get(f"/organisations/{made.orgs['company'].pk}/level/").content.decode()
        assert ("再列一些" in text) == (more > 0)
        of = ",".join(str(pk) for pk in Organisation.everything.filter(kind="branch").values_list("pk", flat=True))
        for day in ("", "2026-01-01"):
            with django_assert_max_num_queries(15):
                someone.get("/organisations/numbers/", {"of": of, "day": day})
        with django_assert_max_num_queries(15):
            someone.get(f"/organisations/{made.orgs['company'].pk}/as-of/", {"day": "2026-01-01"})


class TestOrganisation:
    def test_facts_superiors_and_what_stands_under_it(self, made: World) -> None:
        text = main(page(made, "head", f"/organisations/{made.orgs['company'].pk}/"))
        assert all(words in text for words in ("O-company", "集团党委", "机关支部", "车间支部", "2020年1月1日"))
        assert "码头支部" not in text

    def test_superiors_out_of_sight_are_not_named(self, made: World) -> None:
        text = page(made, "secretary", f"/organisations/{made.orgs['branch'].pk}/")
        assert "一公司党委" not in text
        assert "集团党委" not in text

    @pytest.mark.parametrize(("who", "edits", "decides"), [
        ("head", True, True), ("superior", True, True), ("secretary", True, False), ("member", False, False),
    ])
    def test_buttons_for_what_one_may_do(self, made: World, who: str, edits: bool, decides: bool) -> None:
        pk = made.orgs["branch"].pk
        text = page(made, who, f"/organisations/{pk}/")
        assert (f"/organisations/{pk}/edit/" in text) == edits
        assert (f"/organisations/{pk}/change/move/" in text) == decides

    def test_as_of_shows_the_name_and_place_of_the_day(self, made: World) -> None:
        told = {"step": "show", "name": "党群支部", **PAPER}
        confirmed(made, "superior", f"/organisations/{made.orgs['branch'].pk}/change/rename/", told)
        path = f"/organisations/{made.orgs['branch'].pk}/as-of/"
        assert "2026年2月28日:机关支部" in page(made, "superior", path, day="2026-02-28")
        assert "2026年3月1日:党群支部" in page(made, "superior", path, day="2026-03-01")
        assert "还没有或已不再有" in page(made, "superior", path, day="2019-01-01")

    def test_history_for_who_manages_it(self, made: World) -> None:
        path = f"/organisations/{made.orgs['branch'].pk}/history/"
        confirmed(made, "superior", f"/organisations/{made.orgs['branch'].pk}/change/rename/", {"name": "党群支部", **PAPER})
        text = page(made, "secretary", path)
        assert "党字〔2026〕1号" in text
        assert "机关支部 → 党群支部" in text
        assert client(made, "member").get(path).status_code == 403
        assert client(made, "sibling_secretary").get(path).status_code == 404


def confirmed(made: World, who: str, path: str, told: dict[str, Any]) -> Any:
    """Fill the form, look at the preview, confirm it."""
    someone = client(made, who)
    seen = someone.post(path, told | {"step": "show"})
    assert "preview" in seen.context, seen.content.decode()
    return someone.post(path, told | {"step": "confirm", "token": seen.context["preview"].token}, follow=True)


class TestChanges:
    def url(self, made: World, key: str, kind: str) -> str:
        return f"/organisations/{made.orgs[key].pk}/change/{kind}/"

    @pytest.mark.parametrize("kind", ["rename", "rekind", "move", "merge", "split", "dissolve"])
    @pytest.mark.parametrize(("who", "status"), [("secretary", 403), ("member", 403), ("sibling_secretary", 404), ("nobody", 404)])
    def test_only_the_superior_decides(self, made: World, kind: str, who: str, status: int) -> None:
        someone = client(made, who)
        assert someone.get(self.url(made, "branch", kind)).status_code == status
        told = {"step": "confirm", "name": "新名支部", "target": "O-sibling", "token": "t", **PAPER}
        assert someone.post(self.url(made, "branch", kind), told).status_code == status
        assert not Change.everything.exists()

    @pytest.mark.parametrize("kind", ["rename", "rekind", "move", "merge", "split", "dissolve"])
    def test_every_form_opens_for_the_superior(self, made: World, kind: str) -> None:
        text = page(made, "superior", self.url(made, "branch", kind))
        assert 'name="document_no"' in text
        assert "码头支部" not in text

    def test_unknown_kinds_are_not_found(self, made: World) -> None:
        assert client(made, "superior").get(self.url(made, "branch", "burn")).status_code == 404

    def test_nothing_happens_before_confirming(self, made: World) -> None:
        answer = client(made, "superior").post(self.url(made, "branch", "dissolve"), {"step": "show", "target": "O-sibling", **PAPER})
        text = answer.content.decode()
        assert "3 名党员随之转入车间支部" in text
        assert "1 个岗位自生效日起终止(书记)" in text
        assert Organisation.everything.get(pk=made.orgs["branch"].pk).dissolved_on is None

    def test_confirmed_it_is_made(self, made: World) -> None:
        answer = confirmed(made, "superior", self.url(made, "branch", "dissolve"), {"target": "车间支部", **PAPER})
        assert "撤销已登记" in answer.content.decode()
        assert Organisation.everything.get(pk=made.orgs["branch"].pk).dissolved_on == date(2026, 3, 1)

    def test_a_world_that_changed_is_shown_anew(self, made: World) -> None:
        someone, told = client(made, "superior"), {"target": "O-sibling", **PAPER}
        token = someone.post(self.url(made, "branch", "dissolve"), told | {"step": "show"}).context["preview"].token
        world.person("N-1", "新人", made.orgs["branch"])
        text = someone.post(self.url(made, "branch", "dissolve"), told | {"step": "confirm", "token": token}).content.decode()
        assert "情况有了变化" in text
        assert "4 名党员随之转入车间支部" in text
        assert Organisation.everything.get(pk=made.orgs["branch"].pk).dissolved_on is None

    @pytest.mark.parametrize("token", ["", "x"])
    def test_without_the_token_of_a_preview_nothing_is_made(self, made: World, token: str) -> None:
        answer = client(made, "superior").post(
            self.url(made, "branch", "rename"), {"step": "confirm", "name": "新名支部", "token": token, **PAPER})
        assert "情况有了变化" in answer.content.decode()
        assert not Change.everything.exists()

    def test_refusals_are_said_on_the_form(self, made: World) -> None:
        answer = client(made, "superior").post(
            self.url(made, "branch", "rename"), {"step": "show", "name": "车间支部", **PAPER | {"effective_on": "2019-01-01"}})
        text = answer.content.decode()
        assert "同一上级之下已有“车间支部”" in text
        assert "成立,生效日期不能早于这一天" in text
        assert 'value="车间支部"' in text

    def test_what_one_does_not_manage_cannot_be_named(self, made: World) -> None:
        answer = client(made, "superior").post(self.url(made, "branch", "move"), {"step": "show", "target": "O-other", **PAPER})
        assert "没有找到这个组织" in answer.content.decode()

    def test_merging_several_into_a_new_one(self, made: World) -> None:
        told = {"others": [str(made.orgs["sibling"].pk)], "name": "联合支部", "form": "联合", **PAPER}
        confirmed(made, "superior", self.url(made, "branch", "merge"), told)
        assert Person.everything.filter(organisation__name="联合支部").count() == 5

    def test_splitting_asks_who_goes_where(self, made: World) -> None:
        path, told = self.url(made, "branch", "split"), {"names": "机关一支部\n机关二支部", **PAPER}
        asked = client(made, "superior").post(path, told | {"step": "show"})
        assert "人员:人员member" in asked.content.decode()
        people = Person.everything.filter(organisation=made.orgs["branch"])
        fields = {f"person_{p.pk}": "0" if p.code == "C-member" else "1" for p in people}
        confirmed(made, "superior", path, told | fields | {"assigned": "1"})
        assert Person.everything.get(code="C-member").organisation.name == "机关一支部"
        assert Person.everything.filter(organisation__name="机关二支部").count() == 2

    def test_back_to_the_form_keeps_what_was_typed(self, made: World) -> None:
        answer = client(made, "superior").post(self.url(made, "branch", "rename"), {"step": "back", "name": "新名支部", **PAPER})
        assert 'value="新名支部"' in answer.content.decode()
        assert not Change.everything.exists()


class TestEstablish:
    def told(self) -> dict[str, Any]:
        return {"name": "新线支部", "kind": "branch", "form": "固定", "token": "t" * 32, **PAPER}

    def test_the_superior_establishes_once_however_often_it_is_sent(self, made: World) -> None:
        path, someone = f"/organisations/{made.orgs['company'].pk}/establish/", client(made, "superior")
        for _ in range(2):
            assert someone.post(path, self.told()).status_code == 302
        assert Organisation.everything.filter(name="新线支部").count() == 1

    @pytest.mark.parametrize(("who", "status"), [("secretary", 404), ("member", 404), ("nobody", 404)])
    def test_others_do_not(self, made: World, who: str, status: int) -> None:
        path = f"/organisations/{made.orgs['company'].pk}/establish/"
        assert client(made, who).post(path, self.told()).status_code == status

    def test_kinds_that_do_not_fit_are_not_offered(self, made: World) -> None:
        text = page(made, "secretary", f"/organisations/{made.orgs['branch'].pk}/establish/")
        assert 'value="group"' in text
        assert 'value="branch"' not in text

    def test_the_top_is_for_the_systems_administrator(self, made: World) -> None:
        for who in ("head", "nobody"):
            assert client(made, who).get("/organisations/top/").status_code == 403
            assert client(made, who).get("/organisations/top/establish/").status_code == 403
        made.users["nobody"].duties.create(duty="system")
        someone = client(made, "nobody")
        assert "集团党委" in someone.get("/organisations/top/").content.decode()
        someone.post("/organisations/top/establish/", self.told() | {"name": "新集团党委", "kind": "committee"})
        assert Organisation.everything.get(name="新集团党委").depth == 0
        assert someone.get(f"/organisations/{made.orgs['company'].pk}/change/rename/").status_code == 404
        confirmed(made, "nobody", f"/organisations/{made.orgs['group'].pk}/change/rename/", {"name": "集团有限公司党委", **PAPER})
        assert Organisation.everything.get(pk=made.orgs["group"].pk).name == "集团有限公司党委"


class TestEdit:
    def test_saved_with_the_version_that_was_seen(self, made: World) -> None:
        path = f"/organisations/{made.orgs['branch'].pk}/edit/"
        told = {"unit": "机关", "headcount": "", "form": "固定", "position": "3", "version": "1"}
        assert client(made, "secretary").post(path, told).status_code == 302
        row = Organisation.everything.get(pk=made.orgs["branch"].pk)
        assert (row.unit, row.headcount, row.position, row.version) == ("机关", None, 3, 2)
        assert "已被别人改过" in client(made, "secretary").post(path, told | {"unit": "厂办"}).content.decode()

    @pytest.mark.parametrize(("who", "status"), [("member", 403), ("sibling_secretary", 404), ("nobody", 404)])
    def test_others_do_not(self, made: World, who: str, status: int) -> None:
        assert client(made, who).post(f"/organisations/{made.orgs['branch'].pk}/edit/", {"unit": "x"}).status_code == status
