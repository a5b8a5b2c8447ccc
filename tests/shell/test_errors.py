"""Pages for what goes wrong: what happened, what was not changed, what to do next, whom to ask, and a number to quote."""

import re
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from tests import world
from zaidao.core import access
from zaidao.organisations.models import Organisation
from zaidao.shell import views, whom

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shell.test_errors")]
SAYS = ("没有改动任何数据", "回到首页")


def raises(request: HttpRequest, what: str) -> HttpResponse:
    """A page on which something goes wrong."""
    if what == "denied":
        place = Organisation.everything.get(code=request.GET["at"]).path
        access.require(request.user, request.GET["verb"], place)
    wrong = {
        "bad": BadRequest("秘密"), "big": RequestDataTooBig("秘密"), "plain": PermissionDenied("秘密"), "bug": RuntimeError("秘密"),
        "away": OperationalError("秘密"),
    }
    raise wrong[what]


urlpatterns = [path("raises/<str:what>/", raises), path("", include("zaidao.config.urls"))]
handler400, handler403 = "zaidao.shell.views.bad_request", "zaidao.shell.views.forbidden"
handler404, handler500 = "zaidao.shell.views.not_found", "zaidao.shell.views.failed"


@pytest.fixture
def made() -> world.World:
    return world.build()


def ask(made: world.World, key: str, url: str, **values: str) -> Any:
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    client.force_login(made.users[key])
    return client.get(url, values)


def body(response: Any) -> str:
    """What stands between header and footer."""
    return str(response.content.decode()).partition("<main")[2].partition("<footer")[0]


@pytest.mark.parametrize(("what", "status"), [("bad", 400), ("plain", 403), ("big", 413)])
def test_pages_say_what_did_not_change_and_what_to_do(made: world.World, what: str, status: int) -> None:
    response = ask(made, "nobody", f"/raises/{what}/")
    text = response.content.decode()
    assert response.status_code == status
    assert all(word in text for word in SAYS)
    assert text.count("<h1>") == 1
    assert reverse("accounts:suggest") in text
    assert re.search(r"<code>[0-9a-f]{32}</code>", text)
    assert "秘密" not in text


def test_a_page_that_is_not_there(made: world.World) -> None:
    response = ask(made, "nobody", "/nothing/")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()


def test_signed_out_pages_have_the_slim_frame() -> None:
    text = Client(HTTP_HOST="127.0.0.1").get("/nothing/").content.decode()
    assert "没有找到这个页面" in text
    assert "主菜单" not in text
    assert "退出登录" not in text


def test_what_is_denied_names_the_verb_and_the_posts_that_have_it(made: world.World) -> None:
    response = ask(made, "member", "/raises/denied/", at="O-branch", verb="posts.appoint")
    text = body(response)
    assert response.status_code == 403
    assert "“任免”" in text
    assert "本组织或上级组织的书记、党务干部" in text
    assert re.findall(r"<li>([^<]+)</li>", text) == ["机关支部书记", "一公司党委书记", "集团党委书记", "集团党委党务干事"]
    assert "人员secretary" not in text
    assert not [c for c in made.canaries(*made.orgs) if c in text]


def test_what_the_superior_decides_does_not_name_the_own_secretary(made: world.World) -> None:
    text = body(ask(made, "secretary", "/raises/denied/", at="O-branch", verb="organisations.restructure"))
    assert "机关支部书记</li>" not in text
    assert "一公司党委书记</li>" in text
    assert "上级组织的书记、党务干部" in text


def test_posts_of_organisations_out_of_sight_are_not_named(made: world.World) -> None:
    for key in ("sibling_secretary", "nobody"):
        text = ask(made, key, "/raises/denied/", at="O-branch", verb="posts.appoint").content.decode()
        assert "任免" in text
        assert "机关支部" not in text
        assert "一公司党委" not in text


def test_every_verb_has_a_sentence_that_says_who() -> None:
    for verb in access.VERBS.values():
        if not verb.anyone:
            sentence = whom.ask(verb.name)
            assert re.match(r"能做这一步的是.+。需要办理的", sentence), verb.name


def test_a_failure_is_told_without_a_database(made: world.World) -> None:
    response = ask(made, "head", "/raises/bug/")
    text = response.content.decode()
    assert response.status_code == 500
    assert re.search(r"<code>[0-9a-f]{32}</code>", text)
    assert "秘密" not in text
    assert "RuntimeError" not in text


def test_a_database_that_does_not_answer_is_told_apart(made: world.World) -> None:
    response = ask(made, "head", "/raises/away/")
    text = response.content.decode()
    assert response.status_code == 503
    assert "数据库暂时没有回应" in text
    assert re.search(r"<code>[0-9a-f]{32}</code>", text)
    assert "秘密" not in text


def test_the_page_of_a_failure_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        text = views.failed(RequestFactory().get("/")).content.decode()
    assert "程序出错了" in text
    assert "回到首页" in text
    assert "投诉建议" in text


def test_too_many_attempts_say_to_wait() -> None:
    response = views.too_many(RequestFactory().get("/"))
    assert response.status_code == 429
    assert "请稍后再试" in response.content.decode()


def test_an_expired_form_changes_nothing_and_says_why(made: world.World) -> None:
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.force_login(made.users["head"])
    response = client.post(reverse("shell:filter_save"), {"name": "x"})
    assert response.status_code == 403
    assert "页面已经过期" in response.content.decode()
    assert "没有改动任何数据" in response.content.decode()
