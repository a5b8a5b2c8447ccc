"""What a structural change does to people, posts, letters, terms and findings, in the words that are shown before confirming."""

from collections.abc import Callable, Iterable, Mapping

from zaidao.engine.schema import ORG_KINDS
from zaidao.organisations.decisions.structure_facts import Order, Part, Subject, said

Subjects = Mapping[int, Subject]
MEMBERS = ("full", "probationary")
PAST = "以往日期的组织树、名称和人数不变。"
FINDINGS = "已有的诊断提示和回应仍记在原组织编号下,不作改动。"
DUTIES = "应办事项自生效日起不再计给原组织,之前的照旧。"
MOST = 5  # names that are listed before 等


def _establish(order: Order, subjects: Subjects) -> list[str]:
    above = f"设在{subjects[order.target].name}之下" if order.target else "作为最上级组织"
    return [f"{said(order.effective_on)}成立“{order.name}”({ORG_KINDS[order.org_kind]},{order.form}),{above}。"]


def _rename(order: Order, subjects: Subjects) -> list[str]:
    s = subjects[order.organisations[0]]
    return [f"{said(order.effective_on)}起,“{s.name}”更名为“{order.name}”;之前的日期仍显示原名。", _untouched()]


def _rekind(order: Order, subjects: Subjects) -> list[str]:
    s = subjects[order.organisations[0]]
    told = [f"{said(order.effective_on)}起,{s.name}由{ORG_KINDS[s.kind]}({s.form})改设为{ORG_KINDS[order.org_kind]}({order.form})。"]
    if order.name and order.name != s.name:
        told.append(f"同时更名为“{order.name}”;之前的日期仍显示原名。")
    return [*told, _untouched(), "任期年限按新的类型执行;本届任期继续,需要换届的请另行登记。"]


def _untouched() -> str:
    return "人员、岗位、任职、转接和届期都不变;诊断提示和回应仍在原编号下。"


def _move(order: Order, subjects: Subjects) -> list[str]:
    s = subjects[order.organisations[0]]
    now = f"由{subjects[order.target].name}管理" if order.target else "成为最上级组织"
    followed = f"{s.below} 个下级组织、{s.people_below} 名人员随之调整。" if s.below else f"{s.people_below} 名人员随之调整。"
    return [
        f"{said(order.effective_on)}起,{s.name}{now}。", followed,
        "新上级的书记和党务干部今天起可以查看和办理,原上级的不再可以。", _untouched(),
    ]


def _merge(order: Order, subjects: Subjects) -> list[str]:
    into = subjects[order.target].name if order.target else order.name
    sources = [subjects[pk] for pk in order.organisations]
    told = [f"{said(order.effective_on)}起,{_names(s.name for s in sources)}并入{into},原组织撤销。"]
    if not order.target:
        above = subjects[order.parent].name if order.parent else ""
        told.insert(0, f"{said(order.effective_on)}成立“{order.name}”" + (f",设在{above}之下。" if above else ",作为最上级组织。"))
    for s in sources:
        told += _left(s, into, "组织合并", gone=set(order.organisations))
    return [*told, DUTIES, FINDINGS]


def _dissolve(order: Order, subjects: Subjects) -> list[str]:
    s = subjects[order.organisations[0]]
    into = subjects[order.target].name if order.target else ""
    return [f"{said(order.effective_on)}起,{s.name}撤销。", *_left(s, into, "组织撤销"), DUTIES, FINDINGS]


def _left(s: Subject, into: str, why: str, gone: Iterable[int] = ()) -> list[str]:
    """What becomes of what an organisation leaves."""
    children = [c.name for c in s.children if c.pk not in set(gone)]
    told = [
        f"{s.name}的{_people(s.people.values())}随之转入{into}。" if s.people else "",
        f"{len(s.posts)} 个岗位自生效日起终止({_names(s.posts.values())})。" if s.posts else "",
        f"{s.in_office} 项任职以“{why}”结束,并生成交接清单。" if s.in_office else "",
        f"{s.incoming} 件待接收的转接由{into}承接;已同在{into}的不再需要,记为已撤回。" if s.incoming else "",
        f"{s.sent} 件转出未接收的转接由{into}承接;转往{into}的不再需要,记为已撤回。" if s.sent else "",
        f"{len(children)} 个下级组织改由{into}管理({_names(children)})。" if children else "",
        "本届任期于生效日结束。" if s.term_open else "",
    ]
    return [line for line in told if line]


def _split(order: Order, subjects: Subjects) -> list[str]:
    s = subjects[order.organisations[0]]
    rest = f"{s.name}继续" if order.keep else f"{s.name}撤销"
    told = [f"{said(order.effective_on)}起,{s.name}分设出{_names(p.name for p in order.parts)};{rest}。"]
    told += [_part(s, part) for part in order.parts]
    parted = _parted(order, s)
    if order.keep:
        told.append(f"{s.name}保留{_people(_rest(order, s))}和没有划出的岗位、下级组织;未办结的转入由它接收。")
    else:
        told += _closed(order, s)
    told.append("划出的岗位在新组织继续:在任的人随岗位转入的接着任职,其余的任职以“组织分设”结束,并生成交接清单。")
    if parted:
        told.append(f"另有 {parted} 项党内任职,人和任职的组织分到了两处,也以“组织分设”结束,并生成交接清单。")
    return [*told, *(() if order.keep else (DUTIES,)), FINDINGS]


def _parted(order: Order, s: Subject) -> int:
    """How many Party posts go elsewhere than the people who hold them, besides those that a part takes over or that are closed."""
    homes, posts, children = ({n: at for at, part in enumerate(order.parts) for n in getattr(part, what)}
                              for what in ("people", "posts", "children"))
    return sum(
        homes.get(person) != (children.get(child) if child else None)
        for person, post, child in s.ties if child or (order.keep and post not in posts)
    )


def _closed(order: Order, s: Subject) -> list[str]:
    given = {n for p in order.parts for n in p.posts}
    ended = [title for pk, title in s.posts.items() if pk not in given]
    told = [
        f"没有划出的 {len(ended)} 个岗位自生效日起终止({_names(ended)})。" if ended else "",
        f"{s.incoming} 件待接收的转接由{order.parts[0].name}承接。" if s.incoming else "",
        "本届任期于生效日结束。" if s.term_open else "",
    ]
    return [line for line in told if line]


def _part(s: Subject, part: Part) -> str:
    told = [_people(s.people[pk] for pk in part.people), f"{len(part.posts)} 个岗位", f"{len(part.children)} 个下级组织"]
    return f"{part.name}:{'、'.join(told)}。"


def _rest(order: Order, s: Subject) -> list[str]:
    given = {n for p in order.parts for n in p.people}
    return [category for pk, category in s.people.items() if pk not in given]


def _people(categories: Iterable[str]) -> str:
    held = list(categories)
    members = sum(c in MEMBERS for c in held)
    others = len(held) - members
    return f" {members} 名党员" + (f"和 {others} 名其他人员" if others else "")


def _names(names: Iterable[str]) -> str:
    held = list(names)
    return "、".join(held[:MOST]) + (f"等 {len(held)} 个" if len(held) > MOST else "")


LINES: dict[str, Callable[[Order, Subjects], list[str]]] = {
    "establish": _establish, "rename": _rename, "rekind": _rekind, "move": _move, "merge": _merge, "split": _split, "dissolve": _dissolve,
}
