"""Whether a structural change may be made, and what it would do: one order and the facts of the organisations in, a preview out.

The preview is what the person sees before confirming. Its token stands for exactly these words and these people, posts and letters;
the action computes it anew under the tree's lock and goes on only where it is still the same.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from zaidao.engine.schema import ORG_KINDS
from zaidao.organisations.decisions import structure_effects as effects
from zaidao.organisations.decisions.placement import TEMPORARY, placement
from zaidao.organisations.decisions.structure_facts import Order, Subject, said


@dataclass(frozen=True)
class Preview:
    """`refusals`: why it cannot be; where there are none, `lines` say what it does. `token`: stands for all of it."""

    refusals: tuple[str, ...]
    lines: tuple[str, ...]
    token: str


@dataclass(frozen=True)
class World:
    """The organisations of an order by number, the day of today, and the living names under each superior."""

    subjects: Mapping[int, Subject]
    today: date
    names: Mapping[int | None, frozenset[str]] = field(default_factory=dict)


Judge = Callable[[Order, World], list[str]]


def preview(order: Order, world: World, more: Callable[[Order], tuple[str, ...]] = lambda _: ()) -> Preview:
    """The verdict on an order. `more`: what upper modules say about it, asked only where it can be."""
    refusals = tuple(dict.fromkeys([*_papers(order), *JUDGES[order.kind](order, world)]))
    lines = () if refusals else (*effects.LINES[order.kind](order, world.subjects), *more(order), effects.PAST)
    return Preview(refusals, lines, _token(order, world, lines))


def _token(order: Order, world: World, lines: tuple[str, ...]) -> str:
    marks = [(pk, s.mark) for pk, s in sorted(world.subjects.items())]
    whole = json.dumps([asdict(order), marks, lines], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def _papers(order: Order) -> list[str]:
    return [] if order.document_no.strip() else ["请填写文号。"]


def dated(day: date, today: date, s: Subject, *, ending: bool) -> list[str]:
    """Why a change of an organisation cannot take effect on a day. `ending`: the organisation or its people go with it."""
    found = []
    if not s.standing:
        found.append(f"{s.name}已撤销。")
    if day > today:
        found.append("生效日期不能晚于今天;请在生效之后登记。")
    if s.since and day < s.since:
        found.append(f"{s.name}于{said(s.since)}成立,生效日期不能早于这一天。")
    if day < s.changed_on:
        found.append(f"{s.name}自{said(s.changed_on)}起已有变动,生效日期不能早于这一天。")
    if ending and s.used_on and day < s.used_on:
        found.append(f"{s.name}在{said(s.used_on)}还有人员、任职、届期或下级的变动,生效日期不能早于这一天。")
    return found


def _ends(day: date, s: Subject) -> list[str]:
    """An organisation stands at least one day where it stands."""
    return [f"{s.name}自{said(s.linked_on)}起隶属现上级,撤销须晚于这一天。"] if day <= s.linked_on else []


def _there(day: date, s: Subject, *, what: str) -> list[str]:
    """Why an organisation cannot take over others on a day."""
    if not s.standing:
        return [f"{what}{s.name}已撤销。"]
    return [f"{what}{s.name}自{said(s.first_on)}起才有,生效日期不能早于这一天。"] if day < s.first_on else []


def _named(name: str, parent: int | None, world: World, *, own: str = "") -> list[str]:
    if not name.strip():
        return ["请填写名称。"]
    return [f"同一上级之下已有“{name}”。"] if name != own and name in world.names.get(parent, frozenset()) else []


def _placed(s: Subject, above: Subject | None) -> list[str]:
    return placement(s.kind, s.form, above.kind if above else "", above.form if above else "", name=s.name)


def _children_fit(s: Subject, kind: str, form: str) -> list[str]:
    return [reason for c in s.children for reason in placement(c.kind, c.form, kind, form, name=c.name)]


def _establish(order: Order, world: World) -> list[str]:
    """`target`: the superior, None for the top."""
    above = world.subjects[order.target] if order.target else None
    found = _named(order.name, order.target, world)
    if order.effective_on > world.today:
        found.append("成立日期不能晚于今天;请在成立之后登记。")
    if above:
        found += _there(order.effective_on, above, what="上级组织")
    return found + placement(order.org_kind, order.form, above.kind if above else "", above.form if above else "", name=order.name)


def _rename(order: Order, world: World) -> list[str]:
    s = world.subjects[order.organisations[0]]
    found = dated(order.effective_on, world.today, s, ending=False) + _named(order.name, s.parent, world, own=s.name)
    return [*found, "名称没有变化。"] if order.name == s.name else found


def _rekind(order: Order, world: World) -> list[str]:
    s = world.subjects[order.organisations[0]]
    above = world.subjects[s.parent] if s.parent else None
    found = dated(order.effective_on, world.today, s, ending=False)
    found += _named(order.name or s.name, s.parent, world, own=s.name)
    if (order.org_kind, order.form) == (s.kind, s.form):
        found.append("类型和形式没有变化。")
    found += placement(order.org_kind, order.form, above.kind if above else "", above.form if above else "", name=s.name)
    return found + _children_fit(s, order.org_kind, order.form)


def _move(order: Order, world: World) -> list[str]:
    s, above = world.subjects[order.organisations[0]], world.subjects[order.target] if order.target else None
    found = dated(order.effective_on, world.today, s, ending=False)
    if order.target == s.parent:
        return [*found, f"{s.name}现在就隶属这个上级。"]
    if above:
        found += _there(order.effective_on, above, what="新上级")
        found += _not_below(above, s, "新上级不能是它自己或它的下级。")
    return found + _placed(s, above) + _named(s.name, order.target, world)


def _not_below(target: Subject, s: Subject, reason: str) -> list[str]:
    return [reason] if target.path.startswith(s.path) else []


def _merge(order: Order, world: World) -> list[str]:
    """`target`: an organisation that stands; without it one of `name` is established under `parent`."""
    sources = [world.subjects[pk] for pk in order.organisations]
    found = [reason for s in sources for reason in _ending(order, world, s)]
    if len(sources) + (order.target is not None) < 2:
        found.append("合并至少要有两个组织。")
    if len({s.kind for s in sources}) > 1:
        found.append("只有同类组织可以合并;类型不同的请先改设。")
    return found + (_into_standing(order, world, sources) if order.target else _into_new(order, world, sources))


def _into_standing(order: Order, world: World, sources: list[Subject]) -> list[str]:
    target = world.subjects[order.target or 0]
    if target.pk in order.organisations:
        return ["承接组织不能同时是被合并的组织。"]
    found = [] if target.kind == sources[0].kind else [f"{target.name}是{ORG_KINDS[target.kind]},与被合并的组织不同类;请先改设。"]
    return found + [reason for s in sources for reason in _succeeds(order, s, target)]


def _into_new(order: Order, world: World, sources: list[Subject]) -> list[str]:
    above, kind = world.subjects[order.parent] if order.parent else None, sources[0].kind
    leaving = {s.name for s in sources if s.parent == order.parent}
    found = _named(order.name, order.parent, world) if order.name not in leaving else []
    if above:
        found += _there(order.effective_on, above, what="上级组织")
        found += [r for s in sources for r in _not_below(above, s, "新组织不能设在被合并的组织之下。")]
    found += placement(kind, order.form, above.kind if above else "", above.form if above else "", name=order.name)
    return found + [r for s in sources for r in _children_fit(s, kind, order.form)]


def _succeeds(order: Order, s: Subject, target: Subject) -> list[str]:
    """Why an organisation cannot take over what another leaves."""
    found = _there(order.effective_on, target, what="承接组织")
    found += _not_below(target, s, f"承接组织不能是{s.name}自己或它的下级。")
    if s.people and target.form == TEMPORARY:
        found.append("临时党组织不接转正式组织关系,不能承接人员。")
    leaving = [c for c in s.children if c.pk not in order.organisations]
    return found + [r for c in leaving for r in placement(c.kind, c.form, target.kind, target.form, name=c.name)]


def _ending(order: Order, world: World, s: Subject) -> list[str]:
    return dated(order.effective_on, world.today, s, ending=True) + _ends(order.effective_on, s)


def _dissolve(order: Order, world: World) -> list[str]:
    s, target = world.subjects[order.organisations[0]], world.subjects[order.target] if order.target else None
    found = _ending(order, world, s)
    if target:
        return found + _succeeds(order, s, target)
    left = [what for what, there in (("人员", s.people), ("下级组织", s.children), ("未办结的转接", s.sent or s.incoming)) if there]
    return [*found, f"{s.name}还有{'、'.join(left)},请选择承接组织。"] if left else found


def _split(order: Order, world: World) -> list[str]:
    s = world.subjects[order.organisations[0]]
    found = dated(order.effective_on, world.today, s, ending=True) + ([] if order.keep else _ends(order.effective_on, s))
    if len(order.parts) + order.keep < 2:
        found.append("分设后至少要有两个组织。")
    names = [p.name for p in order.parts]
    if len(set(names)) < len(names) or (order.keep and s.name in names):
        found.append("分设后的名称不能相同。")
    for name in names:
        found += _named(name, s.parent, world, own=s.name)
    return found + _assigned(order, s)


def _assigned(order: Order, s: Subject) -> list[str]:
    """Everybody and everything goes to one part, and nothing goes that is not there."""
    found = []
    for what, there, given in (("人员", set(s.people), [n for p in order.parts for n in p.people]),
                               ("岗位", set(s.posts), [n for p in order.parts for n in p.posts]),
                               ("下级组织", {c.pk for c in s.children}, [n for p in order.parts for n in p.children])):
        if len(given) > len(set(given)) or set(given) - there:
            found.append(f"{what}的去向有重复,或已不在{s.name}。")
        rest = len(there - set(given))
        if rest and not order.keep and what != "岗位":
            found.append(f"原组织撤销,还有 {rest} 个{what}没有去向。" if what != "人员" else f"原组织撤销,还有 {rest} 名人员没有去向。")
    return found


JUDGES: dict[str, Judge] = {
    "establish": _establish, "rename": _rename, "rekind": _rekind, "move": _move, "merge": _merge, "split": _split, "dissolve": _dissolve,
}
