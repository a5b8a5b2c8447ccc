"""Home by post: what one acts as, what is due, where to begin; filters that people keep for themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests import world
from zaidao.accounts.models import AdminDuty, Delegation, SavedFilter
from zaidao.core import access, menu, panels
from zaidao.shell import views

pytestmark = pytest.mark.django_db
HOME = "/"
STATEMENTS = 5  # session, user, posts with the person, duties and delegations, the runs of the diagnosis


@pytest.fixture(autouse=True)
def own_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only panels of the tests are shown."""
    monkeypatch.setattr(panels, "_panels", [])


@pytest.fixture
def made() -> world.World:
    return world.build()


def signed_in(made: world.World, key: str) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(made.users[key])
    return client


def home(made: world.World, key: str) -> str:
    response = signed_in(made, key).get(HOME)
    assert response.status_code == 200
    return str(response.content.decode())


def test_somebody_signed_out_is_led_to_the_sign_in_and_back() -> None:
    response = Client(HTTP_HOST="127.0.0.1").get(HOME)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next=/"


@pytest.mark.parametrize(
    ("key", "post"), [
        ("head", "集团党委书记"), ("office", "集团党委党务干事"), ("superior", "一公司党委书记"), ("secretary", "机关支部书记"),
        ("sibling_secretary", "车间支部书记"),
    ],
)
def test_whoever_holds_a_post_reads_it_and_that_nothing_is_due(made: world.World, key: str, post: str) -> None:
    text = home(made, key)
    assert text.count("<h1>") == 1
    assert "这是您现在的岗位" in text
    assert f"<li>{post}</li>" in text
    assert "眼下没有等您办的事" in text
    assert "没有登记岗位" not in text


def test_a_member_without_a_post_reads_what_they_can_do_and_whom_to_ask(made: world.World) -> None:
    text = home(made, "member")
    assert "您在名册上是" in text
    assert "机关支部正式党员" in text
    assert "请联系本组织书记或上级党务办公室" in text
    assert reverse("accounts:suggest") in text
    assert "上传台账" not in text


def test_somebody_on_no_roster_reads_their_number_and_nothing_of_any_organisation(made: world.World) -> None:
    text = home(made, "nobody")
    assert "U-nobody" in text
    assert "请联系您所在党支部的书记" in text
    assert not [org.name for org in made.orgs.values() if org.name in text]
    assert not [c for c in made.canaries(*made.orgs) if c in text]


def test_a_post_held_for_somebody_else_is_marked(made: world.World) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        giver=made.users["secretary"], taker=made.users["member"], since=today, until=today + timedelta(days=5), reason="出差",
    )
    text = home(made, "member")
    assert '<span class="state state-wait">代办</span> 代用户secretary:机关支部书记' in text
    assert "没有登记岗位" not in text


def test_what_is_due_stands_first_and_replaces_the_quiet_note(made: world.World) -> None:
    @panels.panel("home", "ui/state.html")
    def due(request: HttpRequest, user: Any) -> dict[str, str]:
        return {"text": f"待接收转接:{user.name}", "kind": "wait"}

    text = home(made, "secretary")
    assert "待接收转接:用户secretary" in text
    assert "眼下没有等您办的事" not in text
    assert text.index("待接收转接") < text.index("从台账看运行")


def test_managers_find_the_sample_and_the_upload_on_their_home(made: world.World) -> None:
    text = home(made, "office")
    assert "上传台账" in text
    assert "下载空白模板" in text
    assert "先看示例" in text


def test_the_frame_says_who_is_signed_in_how_to_leave_and_what_must_not_be_entered(made: world.World) -> None:
    text = home(made, "secretary")
    assert "用户secretary" in text
    assert f'<form method="post" action="{reverse("account_logout")}">' in text
    assert "非涉密系统,不得录入涉密信息" in text
    assert f'<a href="{reverse("accounts:suggest")}">投诉建议</a>' in text
    assert '<a class="skip" href="#main">' in text
    assert ' aria-current="page">首页</a>' in text
    assert " style=" not in text
    assert " onclick=" not in text


def test_the_watermark_is_for_the_demonstration_only(made: world.World, settings: LazySettings) -> None:
    settings.DEMO = False
    assert "示例,虚构" not in home(made, "head")
    settings.DEMO = True
    text = home(made, "head")
    assert '<body class="demo">' in text
    assert "示例,虚构" in text


def test_a_view_may_use_the_frames_words_for_its_own(made: world.World) -> None:
    """`posts` of an organisation's page does not become what the reader acts as."""
    request = RequestFactory().get("/")
    request.user = made.users["secretary"]
    text = render_to_string("base.html", {"posts": [{"title": "别人的岗位"}], "holder": None, "menu_items": ()}, request)
    assert "机关支部书记" in text
    assert "别人的岗位" not in text


def test_home_asks_the_same_number_of_statements_however_many_posts(made: world.World, django_assert_num_queries: Any) -> None:
    client = signed_in(made, "head")
    client.get(HOME)
    with django_assert_num_queries(STATEMENTS):
        client.get(HOME)
    for key in ("company", "branch", "sibling", "other", "quay"):
        world.appoint(made.people["head"], made.orgs[key], "副书记")
    with django_assert_num_queries(STATEMENTS):
        assert "等 6 项" in client.get(HOME).content.decode()


def test_where_files_lie_is_told_to_those_who_keep_the_system(made: world.World, settings: LazySettings) -> None:
    assert str(settings.VAR) not in signed_in(made, "head").get("/about/").content.decode()
    AdminDuty.objects.create(user=made.users["nobody"], duty="system")
    assert str(settings.VAR) in signed_in(made, "nobody").get("/about/").content.decode()


def keep(client: Client, **values: str) -> Any:
    return client.post(reverse("shell:filter_save"), {"page": "people", "query": "q=甲", "next": "/people/?q=甲"} | values)


def test_a_filter_is_kept_replaced_and_dropped(made: world.World) -> None:
    client = signed_in(made, "office")
    assert keep(client, name="预备", query="cat=b&page=3").headers["Location"] == "/people/?q=%E7%94%B2"
    keep(client, name="预备", query="cat=c")
    kept = SavedFilter.objects.get(user=made.users["office"])
    assert (kept.name, kept.query, kept.page) == ("预备", "cat=c", "people")
    client.post(reverse("shell:filter_drop", args=[kept.pk]), {"next": "/people/"})
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "values", [{"name": " "}, {"name": "x", "query": ""}, {"name": "x", "query": "page=2"}, {"name": "x", "query": "q=" + "a" * 600}],
)
def test_what_is_no_filter_is_not_kept(made: world.World, values: dict[str, str]) -> None:
    keep(signed_in(made, "office"), **values)
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "values", [{"name": "x", "query": "q=110101199003078515"}, {"name": "x", "query": "q=138%200013+8000"}, {"name": "13800138000"}],
)
def test_numbers_of_persons_are_not_kept(made: world.World, values: dict[str, str]) -> None:
    keep(signed_in(made, "office"), **values)
    assert not SavedFilter.objects.exists()


def test_only_so_many_are_kept(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "KEPT", 2)
    client = signed_in(made, "office")
    for name in ("甲", "乙", "丙", "乙"):
        keep(client, name=name)
    assert {f.name for f in SavedFilter.objects.all()} == {"甲", "乙"}


def test_nobody_drops_anothers_filter(made: world.World) -> None:
    kept = SavedFilter.objects.create(user=made.users["head"], page="people", name="x", query="q=1")
    assert signed_in(made, "office").post(reverse("shell:filter_drop", args=[kept.pk])).status_code == 404
    assert SavedFilter.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("place", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_this_server(made: world.World, place: str) -> None:
    assert keep(signed_in(made, "office"), name="x", next=place).headers["Location"] == "/"


def test_filters_are_kept_by_post_only(made: world.World) -> None:
    assert signed_in(made, "office").get(reverse("shell:filter_save")).status_code == 405


def test_every_entry_of_somebodys_menu_opens(made: world.World) -> None:
    """What is offered is allowed: no entry ends in 403 or 404."""
    for key in ("head", "secretary", "member", "nobody"):
        client = signed_in(made, key)
        offered = [i.href for s in menu.visible(access.holder(made.users[key])) for i in s.items]
        assert HOME in offered
        assert [(key, href, s) for href in offered if (s := client.get(href).status_code) >= 400] == []
