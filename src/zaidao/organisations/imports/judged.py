"""What is wrong with a row of the sheet 组织, field by field, and what stands against it: asked while planning."""

from datetime import date
from typing import Any

from zaidao.core import access
from zaidao.core.plans import Given, Work, compare
from zaidao.organisations import access as verbs
from zaidao.organisations.imports import base, foreseen
from zaidao.organisations.imports.base import Spot
from zaidao.organisations.models import Organisation

SHAPE = ("kind", "form")
TERM = {"term_started_on": "started_on", "term_years": "years", "extended_to": "extended_to"}
NO_NAME, NO_KIND = "新设的组织须填写名称。", "新设的组织须填写类型。"
TOP_ONLY = "“上级组织编号”为空表示最上级组织,您现在的岗位不能登记最上级组织。"
TOP_REMEDY = "请填写上级组织编号。"
KEPT_DATE = "成立日期不能用导入更改,仍按系统中的日期。"
DISSOLVING = "撤销须先安排好人员、岗位和下级组织,不能用导入办理。"
DISSOLVING_REMEDY = "请在组织页面办理撤销,并删去这里的撤销日期。"
GONE = "这个组织已经撤销,导入不能更改。"
NO_TERM = "填写任期或延期,须同时填写本届开始日期。"
GROUP_TERM = "党小组不设任期,这几栏不导入。"
NOT_CLEARED = "这一栏不能清空。"


def superior(given: Given, before: dict[str, Any] | None, work: Work) -> Spot | None:
    """The superior that the row names; only where that changes anything is a right there asked for."""
    said = given.get("parent_id")
    same = before is not None and said is not None and compare.same(before["parent_id"], said)
    return base.places(work).find(said) if same else base.standing_at(given, "parent_id", work, verbs.ESTABLISH)


def new(given: Given, work: Work) -> None:
    if not given.get("name"):
        given.error("name", NO_NAME)
    if not given.get("kind"):
        given.error("kind", NO_KIND)
    if given.get("dissolved_on"):
        given.error("dissolved_on", "已撤销的组织不导入,只在台账中留存。", "如需登记,请删去撤销日期,登记后在组织页面办理撤销。")
    if given.get("parent_id") is None and "parent_id" not in given.doubts and not access.holder(work.actor).may(verbs.TOP):
        given.error("parent_id", TOP_ONLY, TOP_REMEDY)
    if given.get("established_on") and given.get("established_on") > work.day:
        given.error("established_on", "成立日期不能晚于今天。")
    _term(given, given.get("kind"), given.get("term_started_on"))


def _term(given: Given, kind: str | None, started_on: date | None) -> None:
    said = [n for n in TERM if given.get(n) is not None]
    if kind == "group" and said:
        for name in said:
            given.doubt(name, "warning", GROUP_TERM)
            del given.values[name]
    elif said and started_on is None:
        given.error(said[0], NO_TERM, "请补填“本届开始日期”。")


def change(given: Given, before: dict[str, Any], row: Organisation, above: Spot | None, work: Work) -> None:
    """What stands against changing an organisation that stands."""
    for name in given.cleared & {"name", "kind", "form", "parent_id", "established_on", "dissolved_on", "term_started_on"}:
        given.error(name, NOT_CLEARED)
    said = {n: v for n, v in given.values.items() if not compare.same(compare.plain(before.get(n)), compare.plain(v))}
    if "established_on" in said:
        given.doubt("established_on", "warning", KEPT_DATE, "确有错误的,请联系系统管理员。")
        del given.values["established_on"]
    if "dissolved_on" in said:
        given.error("dissolved_on", DISSOLVING, DISSOLVING_REMEDY)
    _term(given, before["kind"], given.get("term_started_on") or before["term_started_on"])
    differs = (set(said) | given.cleared) - {"established_on"}
    if before["dissolved_on"] and differs:
        given.error("org_id", GONE)
    for name in differs:
        _ask_right(given, name, row, work)
    if not given.faulty and differs & set(TERM):
        foreseen.term(given, row, before, work)
    if not given.faulty and differs & {"name", "parent_id", *SHAPE}:
        foreseen.change(given, row, above, differs, work)


def _ask_right(given: Given, name: str, row: Organisation, work: Work) -> None:
    holder, superior = access.holder(work.actor), name in ("name", "parent_id", *SHAPE)
    if superior:
        allowed = holder.may(verbs.RESTRUCTURE, row.path) if row.depth else holder.may(verbs.TOP)
    else:
        allowed = holder.may(verbs.TERM if name in TERM else verbs.EDIT, row.path)
    if not allowed:
        given.error(name, base.NOT_HERE, "更名、改设、调整隶属由上级组织办理。" if superior else base.NOT_HERE_REMEDY)
