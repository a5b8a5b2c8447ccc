"""Parts of pages: labels, help and errors are tied together, nothing needs a script, unknown is never zero."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

import zaidao
from tests import world
from zaidao.accounts.models import SavedFilter


class Sheet(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致")
    day = forms.DateField(label="日期", required=False)
    why = forms.CharField(label="理由", widget=forms.Textarea)
    sure = forms.BooleanField(label="已核对")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def part(name: str, **values: Any) -> str:
    return render_to_string(f"ui/{name}.html", values)


def test_a_field_ties_label_help_and_errors_to_its_input() -> None:
    text = part("field", field=Sheet({"name": ""})["name"])
    assert '<label class="form-label" for="id_name">姓名' in text
    assert 'aria-describedby="id_name_help id_name_error"' in text
    assert 'aria-invalid="true"' in text
    assert re.search(r'id="id_name_help">与证件一致', text)
    assert re.search(r'id="id_name_error"><p>', text)


def test_a_field_without_help_or_errors_names_none() -> None:
    text = part("field", field=Sheet()["day"])
    assert "aria-describedby" not in text
    assert "可不填" in text
    assert 'type="date"' in text


def test_a_day_is_written_as_the_browser_wants_it() -> None:
    assert 'value="2026-03-05"' in part("field", field=Sheet(initial={"day": date(2026, 3, 5)})["day"])


def test_choices_are_a_group_with_a_legend_and_every_input_has_a_label() -> None:
    text = part("form", form=Sheet(), submit="登记")
    assert re.search(r"<fieldset.*?<legend[^>]*>类别.*?</fieldset>", text, re.DOTALL)
    named = set(re.findall(r'<label[^>]*for="([^"]+)"', text))
    inputs = re.findall(r'<(?:input|textarea|select)[^>]*?type="(?!hidden)[^"]*"[^>]*id="([^"]+)"', text)
    assert len(inputs) == 5
    assert set(inputs) <= named
    assert '<button type="submit" class="btn btn-primary">登记</button>' in text


def test_the_notice_about_secrets_stands_beside_long_texts_and_files_only() -> None:
    assert "不得录入涉密信息" in part("field", field=Sheet()["why"])
    assert "不得录入涉密信息" not in part("field", field=Sheet()["name"])

    class Files(forms.Form):
        file = forms.FileField(label="文件")

    text = part("form", form=Files())
    assert "不得录入涉密信息" in text
    assert 'enctype="multipart/form-data"' in text


def test_a_refused_form_says_so_once_and_keeps_what_was_typed() -> None:
    form = Sheet({"name": "单于", "day": "不是日期"})
    form.add_error(None, "这个岗位已经有人。")
    text = part("form", form=form, cancel="/back/")
    assert text.count("没有提交") == 1
    assert "这个岗位已经有人。" in text
    assert 'value="单于"' in text
    assert 'href="/back/"' in text
    assert "没有提交" not in part("form", form=Sheet())


def test_what_was_typed_is_shown_as_text() -> None:
    assert "<script>" not in part("form", form=Sheet({"name": "<script>x</script>"}))
    assert "<b>" not in part("facts", facts=[("名称", "<b>x</b>")])


def test_states_have_words_and_four_kinds() -> None:
    assert part("state", text="待接收", kind="wait").strip() == '<span class="state state-wait">待接收</span>'
    assert "state-open" in part("state", text="x", kind='"><script>')


def test_unknown_facts_read_unknown_and_zero_stays_zero() -> None:
    text = part("facts", facts=[("人数", 0), ("成立日期", None), ("简称", "")])
    assert text.count("未知") == 2
    assert "<dd>0</dd>" in text


def test_history_says_who_for_whom_what_and_hides_what_is_sensitive() -> None:
    text = part("history", entries=[{
        "at": None, "who": "甲", "on_behalf_of": "乙", "what": "修改人员", "reason": "更正",
        "changes": [{"label": "职务", "before": None, "after": "书记"}, {"label": "电话", "hidden": True, "before": "139", "after": "138"}],
    }, {"at": None, "who": None, "what": "迁移"}])
    for wanted in ("甲", "代 乙", "<ins>书记</ins>", "内容不显示", "理由:更正", "系统"):
        assert wanted in text
    assert "139" not in text
    assert "还没有记录" in part("history", entries=[])


def test_confirmation_shows_what_will_change_before_its_button() -> None:
    text = part("confirm", title="撤销车间支部", facts=[("人员", "转到机关支部")], form=Sheet(), submit="确认撤销", cancel="/")
    assert text.index("转到机关支部") < text.index("确认撤销")


def test_crumbs_mark_the_last_as_here() -> None:
    text = part("crumbs", crumbs=[("集团党委", "/1/"), ("机关支部", None)])
    assert '<a href="/1/">集团党委</a>' in text
    assert '<span aria-current="page">机关支部</span>' in text
    assert part("crumbs", crumbs=[]).strip() == ""


def test_a_table_has_its_name_can_be_reached_by_keyboard_and_is_read_row_by_row_on_a_telephone() -> None:
    named = '{% table group|add:"的岗位" kind="wide" box="card" %}<tbody>{{ group }}</tbody>{% endtable %}'
    written = named + '{% table "签到" stack=False %}{% endtable %}'
    text = Template(written).render(Context({"group": "<甲>"}))
    assert 'class="table-responsive card" tabindex="0" role="region" aria-label="&lt;甲&gt;的岗位"' in text
    assert '<table class="table table-sm stack wide"><tbody>&lt;甲&gt;</tbody></table>' in text
    assert '<table class="table table-sm"></table>' in text


TEMPLATES = sorted(Path(zaidao.__file__).parent.glob("*/templates/**/*.html"))
ONLY = {"<table": "ui/table.html", 'class="empty-note"': "ui/empty.html"}


@pytest.mark.parametrize("written", ONLY)
def test_what_there_is_a_part_for_is_written_nowhere_else(written: str) -> None:
    found = [str(each) for each in TEMPLATES if written in each.read_text(encoding="utf-8")]
    assert [each for each in found if not each.endswith(ONLY[written])] == []
    assert found


def test_every_row_of_a_table_names_itself_and_its_cells_on_a_telephone() -> None:
    wrong = []
    for each in TEMPLATES:
        for table in re.findall(r"{% table (.*?){% endtable %}", each.read_text(encoding="utf-8"), re.S):
            body = table.partition("<tbody>")[2]
            numbers = re.findall(r'<td(?=[^>]*class="[^"]*num)(?![^>]*data-label)[^>]*>', body)
            wrong += [(each.name, n) for n in numbers if "stack=False" not in table and "none" not in n and "colspan" not in n]
            wrong += [(each.name, "no row header")] if "<td" in body and 'scope="row"' not in body and "typed" not in table else []
    assert not wrong


@pytest.mark.django_db
def test_the_filter_bar_offers_ones_own_kept_filters_of_this_list() -> None:
    made = world.build()
    for who, page, name in (("head", "people", "我的"), ("head", "posts", "别页"), ("office", "people", "他的")):
        SavedFilter.objects.create(user=made.users[who], page=page, name=name, query="q=%E7%94%B2")
    request = RequestFactory().get("/people/", {"q": "甲"})
    request.user = made.users["head"]
    text = render_to_string("ui/filters.html", {"form": Sheet(), "page_name": "people"}, request)
    assert "我的" in text
    assert "别页" not in text
    assert "他的" not in text
    assert 'href="/people/?q=%E7%94%B2" aria-current="true"' in text
    assert "保存这组条件" in text
    assert "可不填" not in text


@pytest.mark.django_db
def test_may_answers_for_the_place_and_never_for_somebody_signed_out() -> None:
    made = world.build()
    page = Template("{% may 'posts.edit' path as ok %}{{ ok }}")

    def ask(user: Any, key: str) -> str:
        request = RequestFactory().get("/")
        request.user = user
        return page.render(RequestContext(request, {"path": made.orgs[key].path}))

    assert ask(made.users["secretary"], "branch") == "True"
    assert ask(made.users["secretary"], "sibling") == "False"
    assert ask(AnonymousUser(), "branch") == "False"
    assert page.render(Context({"path": made.orgs["branch"].path})) == "False"


def test_the_pager_keeps_the_filter_and_is_silent_on_one_page() -> None:
    request = RequestFactory().get("/people/", {"q": "甲", "page": "2"})
    values = {"page": 2, "pages": 3, "total": 30, "before": 1, "after_page": 3}
    text = render_to_string("ui/pager.html", values | {"request": request}, request)
    assert "q=%E7%94%B2&amp;page=1" in text
    assert "第 2 页,共 3 页(30 条)" in text
    assert render_to_string("ui/pager.html", values | {"pages": 1}, request).strip() == ""
