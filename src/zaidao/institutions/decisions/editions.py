"""What an edition must be like to be kept, adopted, repealed."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from zaidao.core import written
from zaidao.engine.applies import applies
from zaidao.engine.schema import PERIODS, RULE_ORIGINS

CODE = re.compile(r"^[^\s@|]{1,34}$")  # the facts put the edition behind an @, the article behind a |
MOST_TIMES = 366  # a year: more often than daily is a slip of the pen


def register(*, title: str, origin: str, code: str, taken: bool, dissolved: bool) -> tuple[str, ...]:
    """Why it cannot be registered; empty where it can."""
    out = [] if title.strip() else ["请填写制度名称。"]
    if origin not in RULE_ORIGINS:
        out.append("请选择来源。")
    if code and not CODE.match(code):
        out.append("制度编号不超过34个字符,不能有空格、@ 和 |。")
    if taken:
        out.append("这个制度编号已经有了。")
    return (*out, *(("该组织已撤销。",) if dissolved else ()))


def articles(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Why these articles cannot be kept."""
    out = [f"第{n}行没有写是第几条。" for n, row in enumerate(rows, 1) if not str(row["label"]).strip()]
    out += [f"“{label}”有两条,请改正条号。" for label in _twice(row["label"] for row in rows)]
    return (*out, *(f"“{row['label']}”的条号里不能有“|”。" for row in rows if "|" in row["label"]))


def clauses(rows: Sequence[Mapping[str, Any]], labels: Collection[str]) -> tuple[str, ...]:
    """Why these clauses cannot be kept. `labels`: of the articles."""
    out = [f"“{label}”的要求写了两次。" for label in _twice(row["article"] for row in rows)]
    return (*out, *(said for row in rows for said in _clause(row, labels)))


def _clause(row: Mapping[str, Any], labels: Collection[str]) -> list[str]:
    label, every, times = row["article"], row.get("every") or "none", row.get("at_least")
    out = [] if label in labels else [f"“{label}”没有对应的条文。"]
    if every not in PERIODS:
        out.append(f"“{label}”的周期要从{'、'.join(PERIODS.values())}中选。")
    if every != "none" and not str(row.get("subject") or "").strip():
        out.append(f"“{label}”写了周期,请写明是什么事项。")
    if applies(row.get("applies_to") or "") is None:
        out.append(f"“{label}”的适用对象无法识别,请写组织类型(如 党支部、党小组),可加条件(如 党支部且设支委会、党支部且正式党员数≥7)。")
    if times is not None and not 1 <= times <= MOST_TIMES:
        out.append(f"“{label}”的次数应在1至{MOST_TIMES}之间。")
    return out


def _twice(labels: Any) -> list[str]:
    return [label for label, n in Counter(labels).items() if n > 1 and label]


def draft(*, has_draft: bool, repealed: bool) -> tuple[str, ...]:
    """Why no amendment can be begun."""
    if repealed:
        return ("该制度已废止,不能再修订;需要时请另立新制度。",)
    return ("已经有一份草案,请先完成或删除它。",) if has_draft else ()


def adopt(
    *, is_draft: bool, repealed: bool, dissolved: bool, articles: int, since: date, former_since: date | None,
) -> tuple[str, ...]:
    """Why it cannot be put into force."""
    if not is_draft:
        return ("这一版已经施行,不能再改。",)
    out = [said for wrong, said in ((repealed, "该制度已废止。"), (dissolved, "制定组织已撤销。"), (not articles, "还没有条文。"))
           if wrong]
    if former_since and since <= former_since:
        out.append(f"施行日期应晚于上一版的施行日期({written.day(former_since)})。")
    return tuple(out)


def document(document_no: str) -> tuple[str, ...]:
    return () if document_no.strip() else ("请填写文号。",)


def repeal(
    *, on: date, since: date | None, repealed: bool, document_no: str, reason: str, successor: tuple[bool, bool] | None,
) -> tuple[str, ...]:
    """Why it cannot be repealed. `since`: of the edition in force; `successor`: is itself, is in force."""
    if repealed:
        return ("该制度已经废止。",)
    if since is None:
        return ("该制度还没有施行过,删除草案即可。",)
    out = [said for wrong, said in ((not document_no.strip(), "请填写废止文号。"), (not reason.strip(), "请写明废止的原因。")) if wrong]
    if on < since:
        out.append(f"废止日期不能早于现行版的施行日期({written.day(since)})。")
    if successor and successor[0]:
        out.append("接替的制度不能是它自己。")
    if successor and not successor[1]:
        out.append("接替的制度还没有施行。")
    return tuple(out)
