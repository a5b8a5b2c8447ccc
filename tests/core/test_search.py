"""Finding by words: what is cut how, what finds what, that nothing out of scope or private is ever told, on either database."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests import world
from zaidao.carriers.models import Activity, Carrier, Decision, Minutes, Participation
from zaidao.core import access, audit, fulltext, outbox, search, tokens
from zaidao.core.models import SearchEntry
from zaidao.core.scope import scope, system_scope
from zaidao.institutions.models import Article, Edition, Institution
from zaidao.organisations.actions import people
from zaidao.organisations.models import Organisation, Person

NUMBER = "110105199001011234"
PHONE = "13812345678"


@pytest.mark.parametrize(
    ("text", "cut"), [
        ("李明华", ["李明", "明华", "华"]), ("李", ["李"]), ("第3党支部", ["第", "3", "党支", "支部", "部"]),
        ("ＡＢＣ 党委", ["abc", "党委", "委"]),
        ("阿依·古丽", ["阿依", "依古", "古丽", "丽"]), ("O-quay_7", ["o", "quay", "7"]), ("lüshan", ["lvshan"]), ("", []), ("。,、", []),
        (f"号码{NUMBER}", ["号码", "码"]), (f"电话 {PHONE}", ["电话", "话"]), ("１３８１２３４５６７８", []), ("𬭳炅", ["𬭳炅", "炅"]),
    ],
)
def test_texts_are_cut_into_pairs_and_words(text: str, cut: list[str]) -> None:
    assert tokens.cut(text) == cut


@pytest.mark.parametrize(
    ("question", "text", "found"), [
        ("党支", "第一党支部", True), ("支部", "第一党支部", True), ("党部", "第一党支部", False), ("部", "第一党支部", True),
        ("支", "第一党支部", True),
        ("一", "第一党支部", True), ("二", "第一党支部", False), ("zhangs", "zhangsan zs", True), ("hangsan", "zhangsan zs", False),
        ("第一 支部", "第一党支部", True), ("第一 总支", "第一党支部", False), ("a3栋", "A3栋党小组", True), ("a栋", "A3栋党小组", True),
        ("古丽买", "阿依古丽·买买提", True), ("", "第一党支部", False), ("%", "第一党支部", False),
    ],
)
def test_what_is_asked_finds_what_holds_all_of_it(question: str, text: str, found: bool) -> None:
    assert tokens.fits(tokens.ask(question), text) is found


def test_a_long_question_asks_for_no_more_than_a_dozen() -> None:
    assert len(tokens.ask("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥")) == tokens.MOST


pytestmark = pytest.mark.django_db


def test_whoever_only_looks_changes_no_words() -> None:
    found = world.build()
    SearchEntry.objects.all().delete()
    with system_scope("test"):
        for verb in ("people.read", "people.reveal", "organisations.export"):
            audit.record(found.users["head"], verb, found.people["at_branch"])
        assert not SearchEntry.objects.exists()
        audit.record(found.users["head"], "people.edit", found.people["at_branch"])
    assert SearchEntry.objects.count() == 1


@pytest.fixture
def made() -> world.World:
    built = world.build()
    search.rebuild()
    return built


def found(made: world.World, key: str, question: str, kind: str = "person") -> list[str]:
    with scope(access.holder(made.users[key])):
        return [hit.title for hit in search.find(search.SOURCES[kind], question, 0, 100)]


def page(made: world.World, key: str, **asked: Any) -> str:
    response = world.signed_in(made.users[key]).get("/search/", asked)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("question", ["密", "密语", "语", "语sibling", "P-sibling", "p sib", "密语 sib", "ＳＩＢ"])
def test_the_database_finds_what_the_tokens_say(made: world.World, question: str) -> None:
    with system_scope("test"):
        rows = {p.pk: f"{p.name} {p.pinyin} {p.initials} {p.pinyin_other} {p.initials_other} {p.code}" for p in Person.everything.all()}
        wanted = {pk for pk, text in rows.items() if tokens.fits(tokens.ask(question), text)}
    fit = SearchEntry.objects.filter(kind="person", tokens__matches=search.asked_of("person", tokens.ask(question)))
    assert set(fit.values_list("number", flat=True)) == wanted
    assert wanted


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", '" OR "', "*", "a*b", ":*", "NEAR(党 委)", "&|!()", "\\", "'':*", "\0"])
def test_signs_of_the_databases_own_languages_mean_nothing(made: world.World, hostile: str) -> None:
    assert found(made, "head", hostile) == []
    assert "检索" in page(made, "head", q=hostile)


@pytest.mark.parametrize(
    ("key", "seen"), [
        ("head", {"group", "company", "branch", "sibling", "other", "quay"}), ("superior", {"company", "branch", "sibling"}),
        ("secretary", {"branch"}), ("sibling_secretary", {"sibling"}), ("member", set()), ("nobody", set()),
    ],
)
def test_people_are_found_where_the_roster_may_be_read_and_nowhere_else(made: world.World, key: str, seen: set[str]) -> None:
    assert set(found(made, key, "密语")) == {world.canary(org) for org in seen}
    told = page(made, key, q="密语")
    assert {org for org in made.orgs if world.canary(org) in told} == seen
    assert ("没有找到" in told) is (not seen)


def test_moving_and_ending_count_at_once_without_any_index_being_touched(made: world.World) -> None:
    with system_scope("test"):
        Person.everything.filter(code="P-sibling").update(organisation=made.orgs["branch"])
        assert set(found(made, "secretary", "密语")) == {world.canary("branch"), world.canary("sibling")}
        assert found(made, "sibling_secretary", "密语") == []
        Organisation.everything.filter(pk=made.orgs["branch"].pk).update(path="00000001")
    assert found(made, "sibling_secretary", "机关", "organisation") == []


def test_an_act_brings_the_words_up_to_date_in_its_own_transaction(made: world.World) -> None:
    person = people.register(
        actor=made.users["head"], organisation=made.orgs["sibling"], since=world.SINCE, facts={"name": "单田芳", "category": "activist"},
    )
    assert found(made, "head", "单田") == ["单田芳"]
    assert found(made, "head", "shant") == ["单田芳"]
    assert found(made, "head", "danti") == ["单田芳"]
    assert found(made, "secretary", "单田") == []
    with system_scope("test"):
        person.set_name("田连元")
        person.save()
        audit.record(made.users["head"], "people.edit", person)
    assert found(made, "head", "单田") == []
    assert found(made, "head", "连元") == ["田连元"]


@pytest.mark.parametrize("many", [search.AT_ONCE, search.AT_ONCE + 100])
def test_many_acts_are_indexed_by_few_statements(made: world.World, many: int, django_assert_max_num_queries: Any) -> None:
    """Up to so many at once, more by the news of the same transaction."""
    with system_scope("test"):
        new = [world.person(f"N-{n}", f"新人{n}", made.orgs["quay"]) for n in range(many)]
    with django_assert_max_num_queries(8):
        audit.record_many(made.users["head"], "people.register", [(p, made.orgs["quay"].path, {}) for p in new])
    assert len(found(made, "head", "新人")) == (100 if many == search.AT_ONCE else 0)
    outbox.dispatch()
    assert len(found(made, "head", "新人")) == 100
    assert found(made, "superior", "新人") == []


def test_the_night_mends_what_was_written_past_the_acts(made: world.World) -> None:
    with system_scope("test"):
        Person.everything.filter(code="P-quay").update(name="改名了")
        gone = Person.everything.get(code="P-other")
        gone.memberships.all().delete()
        gone.delete()
    SearchEntry.objects.create(kind="nothing", number=1, tokens="x")
    assert found(made, "head", "改名") == []
    assert search.rebuild() == 3
    assert found(made, "head", "改名") == ["改名了"]
    assert not SearchEntry.objects.filter(kind="person", number=gone.pk).exists()
    assert search.rebuild() == 0


def test_an_index_that_was_lost_is_made_anew(made: world.World) -> None:
    fulltext.remove(connection)
    assert fulltext.missing(connection)
    search.rebuild()
    assert not fulltext.missing(connection)
    assert found(made, "head", "密语quay") == [world.canary("quay")]


def test_numbers_of_people_are_never_in_the_index_and_never_searched_by_address(made: world.World) -> None:
    with system_scope("test"):
        person = Person.everything.get(code="P-sibling")
        person.set_id_no(NUMBER)
        person.set_phone(PHONE)
        person.name = f"甲{PHONE}"
        person.save()
        audit.record(made.users["head"], "people.edit", person)
    held = " ".join(SearchEntry.objects.values_list("tokens", flat=True))
    assert PHONE not in held
    assert NUMBER not in held
    client = world.signed_in(made.users["head"])
    for number in (NUMBER, PHONE):
        answer = client.get("/search/", {"q": number})
        assert (answer.status_code, answer["Location"]) == (302, "/organisations/people/find/")
        assert number not in answer["Location"]
    plain = world.signed_in(made.users["member"]).get("/search/", {"q": NUMBER})
    assert (plain.status_code, plain["Location"]) == (302, "/search/")


def meeting(org: Organisation, kind: str, title: str, *decided: tuple[str, str]) -> Activity:
    now = timezone.make_aware(datetime(2026, 5, 6, 14))
    made = Activity.everything.create(
        code=f"A-{title}", organisation=org, kind=kind, title=title, state="filed", planned_at=now, held_at=now, filed_at=now,
    )
    Participation.everything.create(activity=made, organisation=org)
    minutes = Minutes.everything.create(activity=made, number=1, text="正文里的机密词")
    for n, (how, text) in enumerate(decided):
        Decision.everything.create(minutes=minutes, position=n, kind=how, text=text)
    return made


def test_decisions_are_found_of_the_version_that_holds_and_minutes_never(made: world.World) -> None:
    with system_scope("test"):
        held = meeting(made.orgs["branch"], "支委会", "五月支委会", ("agreed", "购置书柜"), ("vote_admission", "接收张三"))
        search.rebuild()
        assert found(made, "secretary", "书柜", "decision") == ["购置书柜"]
        assert found(made, "sibling_secretary", "书柜", "decision") == []
        assert found(made, "member", "书柜", "decision") == ["购置书柜"]
        assert found(made, "member", "张三", "decision") == []
        assert found(made, "secretary", "张三", "decision") == ["接收张三"]
        assert "机密" not in " ".join(SearchEntry.objects.values_list("tokens", flat=True))
        later = Minutes.everything.create(activity=held, number=2, text="更正", correction="数量有误")
        Decision.everything.create(minutes=later, position=0, kind="agreed", text="购置两个书柜")
        audit.record(made.users["head"], "carriers.correct", held)
    assert found(made, "secretary", "书柜", "decision") == ["购置两个书柜"]
    assert "机密" not in page(made, "secretary", q="机密词").replace('value="机密词"', "")


def test_who_took_part_finds_what_others_convened(made: world.World) -> None:
    with system_scope("test"):
        held = meeting(made.orgs["company"], "培训", "联合培训", ("agreed", "合办书屋"), ("election", "选举李四"))
        Participation.everything.create(activity=held, organisation=made.orgs["branch"])
        search.rebuild()
    for key, seen in (("secretary", True), ("member", True), ("superior", True), ("sibling_secretary", False), ("nobody", False)):
        assert found(made, key, "联合", "activity") == ["联合培训"] * seen
        assert found(made, key, "书屋", "decision") == ["合办书屋"] * seen
    assert found(made, "secretary", "李四", "decision") == []
    assert found(made, "superior", "李四", "decision") == ["选举李四"]


@pytest.mark.parametrize("kind", ["谈心谈话", "组织生活会", "民主评议"])
def test_talks_and_reviews_are_not_in_the_index_at_all(made: world.World, kind: str) -> None:
    with system_scope("test"):
        meeting(made.orgs["branch"], kind, "与王五谈话", ("agreed", "王五改进作风"))
        search.rebuild()
    assert found(made, "secretary", "王五", "activity") == []
    assert found(made, "secretary", "王五", "decision") == []
    assert not SearchEntry.objects.filter(kind__in=("activity", "decision")).exists()


def test_a_meeting_that_becomes_a_talk_leaves_the_index(made: world.World) -> None:
    with system_scope("test"):
        held = meeting(made.orgs["branch"], "党课", "学习王五事迹")
        search.rebuild()
        assert found(made, "secretary", "王五", "activity") == ["学习王五事迹"]
        Activity.everything.filter(pk=held.pk).update(kind="谈心谈话")
        assert found(made, "secretary", "王五", "activity") == []  # the rows decide, even before the index follows
        audit.record(made.users["head"], "carriers.plan", held)
    assert not SearchEntry.objects.filter(kind="activity").exists()


def test_institutions_are_found_by_adopted_articles_and_bind_downwards_only(made: world.World) -> None:
    with system_scope("test"):
        for key, since in (("company", world.SINCE), ("other", world.SINCE), ("group", None)):
            rule = Institution.everything.create(code=f"Z-{key}", organisation=made.orgs[key], title=f"{key}学习制度", origin="own")
            edition = Edition.everything.create(institution=rule, number=1, since=since)
            Article.everything.create(edition=edition, position=1, label="第一条", text="每月读书一次")
        search.rebuild()
    assert found(made, "secretary", "读书", "institution") == ["company学习制度"]
    assert found(made, "secretary", "学习制度", "institution") == ["company学习制度"]
    assert found(made, "head", "读书", "institution") == ["company学习制度", "other学习制度"]  # the draft's text finds nothing
    assert found(made, "head", "group", "institution") == ["group学习制度"]
    assert found(made, "nobody", "学习", "institution") == []


def test_everybody_finds_the_fields_rules(made: world.World) -> None:
    assert any(title.startswith("支部委员会人数:") for title in found(made, "nobody", "支部委员会", "rule"))
    assert found(made, "nobody", "密语", "rule") == []
    assert "规章规则" in page(made, "nobody", q="党员大会")


def test_organisations_are_found_by_name_and_code_the_dissolved_last(made: world.World) -> None:
    with system_scope("test"):
        Organisation.everything.filter(code="O-branch").update(dissolved_on=timezone.localdate())
        search.rebuild()
    assert found(made, "head", "支部", "organisation") == ["车间支部", "码头支部", "机关支部(已撤销)"]
    assert found(made, "superior", "o quay", "organisation") == []


def test_the_page_takes_the_same_number_of_queries_with_two_and_with_two_hundred(made: world.World, django_assert_num_queries: Any) -> None:
    client = world.signed_in(made.users["head"])
    with django_assert_num_queries(STATEMENTS):
        assert "更多人员" not in client.get("/search/", {"q": "新人"}).content.decode()
    with system_scope("test"):
        for n in range(200):
            world.person(f"N-{n:03}", f"新人{n}", made.orgs["quay"])
            Carrier.everything.create(
                code=f"K-{n}", organisation=made.orgs["quay"], name=f"新人课堂{n}", kind="其他", origin="bottom_up", started_on=world.SINCE,
            )
        search.rebuild()
    with django_assert_num_queries(STATEMENTS):
        told = client.get("/search/", {"q": "新人"}).content.decode()
    assert told.count("新人") < 40
    assert "更多人员" in told
    second = client.get("/search/", {"q": "新人", "kind": "person", "page": "2"}).content.decode()
    assert "上一页" in second
    assert "下一页" in second
    last = client.get("/search/", {"q": "新人", "kind": "person", "page": "4"}).content.decode()
    assert "新人199" in last
    assert "下一页" not in last


# Session, user, posts, duties and delegations, one a kind of the six in the database, and on PostgreSQL one for which are common.
STATEMENTS = 10 + (connection.vendor == "postgresql")


@pytest.mark.parametrize("who", ["head", "superior", "secretary", "member"])
def test_a_word_of_many_finds_the_same_as_one_of_few(made: world.World, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        assert search.common("密语") == frozenset()
        pytest.skip("asked one after another on PostgreSQL alone")
    monkeypatch.setattr(search, "MANY", 3)
    assert search.common("密语") >= {"person"}
    assert search.common("龘龘") == frozenset()
    with scope(access.holder(made.users[who])):
        for kind in search.SOURCES.values():
            few, many = (search.find(kind, "密语", 0, 100, many=many) for many in (False, True))
            assert few == many
        assert search.find(search.SOURCES["person"], "密语", 0, 100, many=True) or who == "member"



def test_a_kind_that_is_not_offered_is_not_searched(made: world.World) -> None:
    told = page(made, "member", q="密语", kind="person")
    assert 'value="person"' not in told
    assert world.canary("branch") not in told


def test_the_box_stands_on_every_page_of_whoever_is_signed_in_and_only_there(made: world.World) -> None:
    assert 'action="/search/"' in world.signed_in(made.users["nobody"]).get("/").content.decode()
    assert 'action="/search/"' not in Client(HTTP_HOST="127.0.0.1").get("/sign-in/").content.decode()
    assert Client(HTTP_HOST="127.0.0.1").get("/search/", {"q": "密语"}).status_code == 302
