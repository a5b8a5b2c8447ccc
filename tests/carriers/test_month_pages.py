"""Home and pages of the month: by post, with the rule behind each duty, exact denominators, and nothing of what is out of sight."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import world
from tests.carriers import month as made_of
from tests.carriers.month import TODAY
from tests.world import World
from zaidao.core import panels
from zaidao.core.models import Holiday
from zaidao.institutions.queries.month import periods
from zaidao.organisations import tree
from zaidao.organisations.models import Organisation

pytestmark = pytest.mark.django_db
MONTH, BELOW = "/activities/month/", "/activities/month/below/"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Thursday in November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(made_of.NOW))
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def made() -> World:
    return world.build()


def page(made: World, who: str, path: str, status: int = 200, **told: Any) -> str:
    answer = world.signed_in(made.users[who]).get(path, told)
    assert answer.status_code == status
    return main(answer.content.decode())


def main(text: str) -> str:
    return text.split("<main")[1].split("</main", maxsplit=1)[0]


class TestHome:
    @pytest.fixture(autouse=True)
    def alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without what others show there."""
        monkeypatch.setattr(panels, "_panels", [p for p in panels.of("home") if ".carriers.month." in p.name])

    def test_a_secretary_reads_what_is_due_the_rule_behind_it_and_plans_it_by_one_link(self, made: World) -> None:
        due = made_of.duty(made.orgs["branch"])
        text = page(made, "secretary", "/")
        assert "应办 1 项,其中已有记录 0 项" in text
        assert "期限11月30日(周一),还有 4 天" in text
        assert "依据:《中国共产党支部工作条例(试行)》第16条" in text
        assert f'href="/activities/plan/?duty={due.pk}"' in text

    def test_a_rule_of_ones_own_is_a_link_to_it(self, made: World) -> None:
        clause = made_of.clause(made.orgs["company"])
        made_of.duty(made.orgs["branch"], clause=clause, source="clause:Z-O-company|第三条")
        text = page(made, "secretary", "/")
        assert f'<a href="/institutions/{clause.edition.institution_id}/">《主题党日办法》第三条</a>' in text

    @pytest.mark.parametrize(("day", "said"), [(date(2026, 11, 27), "2026年11月27日(周五)"), (date(2026, 12, 2), "2026年12月2日(周三)")])
    def test_what_is_planned_is_said_instead_of_the_link_to_plan(self, made: World, day: date, said: str) -> None:
        due = made_of.duty(made.orgs["branch"])
        planned = made_of.meeting(made.orgs["branch"], made_of.at(day), "参观展览", duty=due)
        text = page(made, "secretary", "/")
        assert f'<a href="/activities/{planned.pk}/">已安排 {said}15:00</a>' in text
        assert f"duty={due.pk}" not in text

    def test_overdue_grace_this_month_and_later_are_told_apart(self, made: World) -> None:
        branch, october = made.orgs["branch"], {"start": date(2026, 10, 1), "end": date(2026, 11, 1)}
        made_of.duty(branch, "支委会", **october)
        made_of.duty(branch, "党课", **october, due_on=date(2026, 11, 28))
        made_of.duty(branch, "谈心谈话", date(2026, 1, 1), date(2027, 1, 1), every="year")
        made_of.duty(branch, "党员大会", date(2026, 7, 1), date(2026, 8, 1))  # long ago
        text = page(made, "secretary", "/")
        assert "逾期未见记录" in text
        assert "宽限期内" in text
        assert "休息日,下一个工作日是11月30日" in text
        assert "以后到期的 1 项" in text
        assert "党员大会" not in text
        assert "谈心谈话" not in text
        assert "谈心谈话" in page(made, "secretary", MONTH)

    def test_what_is_kept_or_exempt_asks_for_nothing_and_is_counted_apart(self, made: World) -> None:
        made_of.duty(made.orgs["branch"], state="kept", done=1)
        made_of.duty(made.orgs["branch"], "支委会", state="exempt", why="不设支委会")
        text = page(made, "secretary", "/")
        assert "应办 1 项,其中已有记录 1 项;不适用 1 项,另计" in text
        assert "本月到期的都有记录了" in text
        assert "duty=" not in text

    def test_meetings_to_file_and_what_is_decided_and_open(self, made: World) -> None:
        branch = made.orgs["branch"]
        past = made_of.meeting(branch, made_of.at(date(2026, 11, 20)), "学习会")
        made_of.meeting(branch, made_of.at(date(2026, 12, 20)), "下月的会")
        open_one = made_of.follow_up(past, "联系社区", date(2026, 11, 20), made.people["member"])
        done = made_of.follow_up(past, "整理台账", date(2026, 12, 20), state="done")
        made_of.follow_up(past, "明年再办", date(2027, 3, 1))
        text = page(made, "secretary", "/")
        assert f'<a href="/activities/{past.pk}/record/">学习会</a>' in text
        assert "已过时限" in text
        assert "待确认" in text
        assert f'<a href="/activities/follow-ups/{done.pk}/confirm/">确认办结' in text
        assert f'<a href="/activities/follow-ups/{open_one.pk}/confirm/">办结' in text
        assert "明年再办" not in text
        assert "下月的会" not in text

    @pytest.mark.parametrize("who", ["member", "nobody", "sibling_secretary", "superior"])
    def test_the_duties_of_an_organisation_are_on_the_home_of_those_who_hold_its_posts_alone(self, made: World, who: str) -> None:
        made_of.duty(made.orgs["branch"])
        text = page(made, who, "/")
        assert "duty=" not in text
        assert "机关支部" not in text or who == "member"  # a member reads where they are on the roster

    def test_the_counts_of_those_below_are_fetched_apart(self, made: World) -> None:
        made_of.duty(made.orgs["branch"])
        address = f"/panels/home/zaidao-carriers-month-panels-below_panel/{made.users['superior'].pk}/"
        assert address in page(made, "superior", "/")
        told = world.signed_in(made.users["superior"]).get(address, headers={"HX-Request": "true"}).content.decode()
        assert "所辖组织本月的办理情况" in told
        alone = made.users["secretary"]
        crew = world.organisation("crew", "一组", "group", made.orgs["branch"])  # its month stands on home
        tree.rebuild([crew.pk])
        crew.refresh_from_db()
        assert crew.path.startswith(made.orgs["branch"].path)
        made_of.duty(crew, "党小组会")
        address = address.replace(f"/{made.users['superior'].pk}/", f"/{alone.pk}/")
        assert world.signed_in(alone).get(address, headers={"HX-Request": "true"}).content.decode().strip() == ""

    @pytest.mark.parametrize("more", [0, 29])
    def test_queries_do_not_grow_with_organisations(self, made: World, more: int, django_assert_num_queries: Any) -> None:
        one = made.people["secretary"]
        made_of.duty(made.orgs["branch"])
        for org in _more(made, more):
            world.appoint(one, org, "书记")
            made_of.follow_up(made_of.meeting(org, made_of.at(TODAY), f"{org.name}的会", duty=made_of.duty(org)), "办理", TODAY)
        client = world.signed_in(made.users["secretary"])
        client.get("/about/")
        with django_assert_num_queries(HOME):
            client.get("/")
        with django_assert_num_queries(OWN):
            text = client.get(MONTH).content.decode()
        assert text.count("期限11月30日") == 1 + more


HOME, OWN = 10, 10  # those of the session and of signing in included


def _more(made: World, n: int) -> list[Organisation]:
    found = [world.organisation(f"more{k}", f"第{k}支部", "branch", made.orgs["company"]) for k in range(n)]
    tree.rebuild(Organisation.everything.values_list("pk", flat=True))
    for org in found:
        org.refresh_from_db()
    return found


class TestMonth:
    def test_it_shows_everything_of_ones_own_and_says_where_days_of_rest_are_not_known(self, made: World) -> None:
        Holiday.objects.all().delete()
        made_of.duty(made.orgs["branch"], state="kept", done=1)
        made_of.duty(made.orgs["branch"], "支委会")
        text = page(made, "secretary", MONTH)
        assert "2026年的节假日安排还没有登记" in text
        assert "已有记录的 1 项" in text

    def test_a_month_without_anything_says_so(self, made: World) -> None:
        assert "本级本月没有应办事项" in page(made, "secretary", MONTH)

    def test_a_term_that_ends_is_among_the_dates(self, made: World) -> None:
        from zaidao.organisations.models import Term

        Term.everything.filter(organisation=made.orgs["branch"]).update(started_on=date(2023, 12, 1))
        text = page(made, "secretary", MONTH)
        assert "机关支部任期" in text
        assert "还有5天届满" in text

    @pytest.mark.parametrize("who", ["member", "nobody"])
    @pytest.mark.parametrize("path", [MONTH, BELOW])
    def test_those_without_a_post_are_refused(self, made: World, who: str, path: str) -> None:
        assert world.signed_in(made.users[who]).get(path).status_code == 403
        assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 302


class TestBelow:
    def counted(self, made: World) -> None:
        """Of 主题党日 in November: kept, open and past, open, exempt; and something of October."""
        made_of.duty(made.orgs["branch"], state="kept", done=1)
        made_of.duty(made.orgs["sibling"], due_on=TODAY - timedelta(days=1))
        made_of.duty(made.orgs["quay"])
        made_of.duty(made.orgs["other"], state="exempt", why="期内成立")
        made_of.duty(made.orgs["quay"], start=date(2026, 10, 1), end=date(2026, 11, 1))

    def test_counts_have_exact_denominators_and_leave_out_what_is_exempt(self, made: World) -> None:
        self.counted(made)
        text = page(made, "head", BELOW)
        row = text.split("主题党日</a></th>")[1].split("</tr>")[0]
        assert re.findall(r'<td class="num"[^>]*>([^<]*)', row) == ["3", "1", "0", "0", "2", "1", "1"]

    def test_of_a_subject_those_that_have_not_yet_stand_in_the_trees_order(self, made: World) -> None:
        self.counted(made)
        text = page(made, "head", BELOW, subject="主题党日")
        assert "应办 3 个组织,其中 1 个已有记录,2 个待办;另有 1 个不适用。" in text
        rows = text.split("<tbody>")[2].split("</tbody>")[0]
        assert rows.index("车间支部") < rows.index("码头支部")
        assert "机关支部" not in rows
        for show, names in (("done", "机关支部"), ("past", "车间支部"), ("exempt", "二公司党委")):
            rows = page(made, "head", BELOW, subject="主题党日", show=show).split("<tbody>")[2].split("</tbody>")[0]
            assert [org.name for org in made.orgs.values() if org.name in rows] == [names]

    def test_a_quarter_counts_in_each_of_its_months_and_a_month_in_its_own(self, made: World) -> None:
        self.counted(made)
        made_of.duty(made.orgs["quay"], "党员大会", date(2026, 10, 1), date(2027, 1, 1), every="quarter")
        october = page(made, "head", BELOW, month="2026-10")
        assert "党员大会" in october.split("<tbody>")[1]
        assert "2026年第四季度" in page(made, "head", BELOW, month="2026-12", subject="党员大会")
        assert "党员大会" not in page(made, "head", BELOW, month="2026-09").split("</form>")[1]

    def test_the_text_to_paste_names_organisations_and_no_person(self, made: World) -> None:
        self.counted(made)
        planned = made_of.duty(made.orgs["company"])
        made_of.meeting(made.orgs["company"], made_of.at(date(2026, 11, 28)), "机密的题目", duty=planned)
        text = page(made, "head", BELOW, subject="主题党日").split("<textarea")[1].split("</textarea>")[0]
        assert "应办4个组织中,1个已有记录,3个还没有见到记录" in text
        assert "请在11月30日(周一)前安排:车间支部、码头支部。" in text
        assert "已经安排、等待归档的:一公司党委。" in text
        assert "机密的题目" not in text
        assert [p.name for p in made.people.values() if p.name in text] == []

    def test_nobody_has_anything_left_to_ask_for(self, made: World) -> None:
        made_of.duty(made.orgs["branch"], state="kept", done=1)
        assert "<textarea" not in page(made, "head", BELOW, subject="主题党日")

    def test_a_part_of_the_tree_is_counted_by_itself(self, made: World) -> None:
        self.counted(made)
        text = page(made, "head", BELOW, subject="主题党日", under=made.orgs["other"].pk)
        assert "应办 1 个组织,其中 0 个已有记录,1 个待办;另有 1 个不适用。" in text
        assert "车间支部" not in text

    def test_what_is_out_of_sight_is_neither_counted_nor_named(self, made: World) -> None:
        self.counted(made)
        text = page(made, "superior", BELOW, subject="主题党日", under=made.orgs["other"].pk)
        assert "应办 2 个组织,其中 1 个已有记录,1 个待办。" in text
        assert "码头支部" not in text
        assert "二公司党委" not in text
        alone = page(made, "secretary", BELOW, subject="主题党日")
        assert "应办 1 个组织,其中 1 个已有记录,0 个待办。" in alone

    @pytest.mark.parametrize("told", [{"month": "'"}, {"subject": "没有的事项"}, {"show": "x"}, {"under": "x"}, {"page": "-1"}])
    def test_an_address_that_cannot_be_meant_shows_the_usual(self, made: World, told: dict[str, str]) -> None:
        self.counted(made)
        assert "主题党日" in page(made, "head", BELOW, **told)

    @pytest.mark.parametrize("more", [1, 60])
    def test_queries_do_not_grow_and_long_lists_have_pages(self, made: World, more: int, django_assert_num_queries: Any) -> None:
        for org in _more(made, more):
            made_of.duty(org)
        client = world.signed_in(made.users["head"])
        client.get("/about/")
        with django_assert_num_queries(12):
            text = client.get(BELOW, {"subject": "主题党日"}).content.decode()
        assert ("共 2 页" in text) == (more > 50)


@pytest.mark.parametrize(
    ("month", "found"),
    [
        (1, [((1, 1), (2, 1)), ((1, 1), (4, 1)), ((1, 1), (7, 1)), ((1, 1), (13, 1))]),
        (6, [((6, 1), (7, 1)), ((4, 1), (7, 1)), ((1, 1), (7, 1)), ((1, 1), (13, 1))]),
        (12, [((12, 1), (13, 1)), ((10, 1), (13, 1)), ((7, 1), (13, 1)), ((1, 1), (13, 1))]),
    ],
)
def test_the_periods_that_a_month_lies_in_follow_the_calendar(month: int, found: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    def day(told: tuple[int, int]) -> date:
        return date(2026, *told) if told[0] < 13 else date(2027, 1, 1)

    assert periods(date(2026, month, 17)) == [(day(start), day(end)) for start, end in found]
