"""Judgements about people: identity numbers, dates that agree, changes of category. An empty answer means nothing stands against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from zaidao.core import written
from zaidao.engine.schema import CATEGORIES
from zaidao.engine.structure import months_after
from zaidao.organisations.decisions.dates import Clocks, probation_ends
from zaidao.sheets import identity

MEMBERS = ("full", "probationary")
NEXT = {"employee": "activist", "activist": "candidate", "candidate": "probationary", "probationary": "full"}
BACK = {
    ("activist", "employee"): "不再列为入党积极分子", ("candidate", "activist"): "退回继续培养考察",
    ("candidate", "employee"): "取消发展对象资格", ("probationary", "employee"): "取消预备党员资格",
    ("full", "employee"): "党籍终止(退党、除名、开除)",
}
DATES = {
    "born_on": "出生日期", "activist_since": "列为积极分子日期", "reviewed_on": "最近考察日期", "joined_on": "入党日期",
    "full_since": "转正日期", "extended_to": "预备期延长至",
}
ORDER = ("born_on", "activist_since", "joined_on", "full_since")
FUTURE = ("extended_to",)
Flaws = dict[str, str]
MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")


@dataclass(frozen=True)
class Standing:
    """What decides about somebody's category: the category and its dates; None is unknown."""

    category: str
    born_on: date | None = None
    activist_since: date | None = None
    reviewed_on: date | None = None
    joined_on: date | None = None
    full_since: date | None = None
    extended_to: date | None = None


def identity_flaws(number: str, born_on: date | None, gender: str) -> Flaws:
    """What is wrong with a citizen identity number, by field: its shape, check digit, birth date and gender."""
    if not number:
        return {}
    if not identity.is_shaped(number):
        return {"id_no": "公民身份号码应为18位,末位可以是大写X,请核对后重填。"}
    if not identity.is_valid(number):
        return {"id_no": "公民身份号码的校验位不对,可能有一位写错,请对照证件核对。"}
    born = identity.birth_date(number)
    if born is None:
        return {"id_no": "公民身份号码中的出生日期不存在,请对照证件核对。"}
    if born_on not in (None, born):
        return {"born_on": f"出生日期与公民身份号码({born})不一致,请核对其中一项。"}
    if gender not in ("", identity.gender(number)):
        return {"gender": "性别与公民身份号码不一致,请核对其中一项。"}
    return {}


def from_identity(number: str) -> Mapping[str, object]:
    """The birth date and gender that a sound number holds."""
    return {"born_on": identity.birth_date(number), "gender": identity.gender(number)} if number else {}


def dialled(phone: str) -> str:
    """A mobile number as it is kept and looked for: eleven digits, without the country's and what stands between; others as typed."""
    found = MOBILE.fullmatch("".join(phone.split()).replace("-", ""))
    return found[1] if found else phone.strip()


def phone_flaws(phone: str) -> Flaws:
    digits = phone.replace("-", "").replace(" ", "").removeprefix("+")
    if phone and not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        return {"phone": "联系电话应为7至15位数字,请核对后重填。"}
    return {}


def date_flaws(who: Standing, day: date) -> Flaws:
    """What is wrong with the dates, by field: in the future, in the wrong order, or not of this category."""
    flaws: Flaws = {}
    for name, label in DATES.items():
        value = getattr(who, name)
        if value and value > day and name not in FUTURE:
            flaws[name] = f"{label}晚于今天,请核对。"
    known = [(name, getattr(who, name)) for name in ORDER if getattr(who, name)]
    for (before, early), (name, late) in pairwise(known):
        if late < early:
            flaws.setdefault(name, f"{DATES[name]}早于{DATES[before]},请核对其中一项。")
    return _by_category(who) | flaws


def _by_category(who: Standing) -> Flaws:
    label = CATEGORIES[who.category]
    if who.category not in MEMBERS and who.joined_on:
        return {"joined_on": f"类别为{label},不应有入党日期;请改类别或清空日期。"}
    if who.category != "full" and who.full_since:
        return {"full_since": f"类别为{label},不应有转正日期;请改类别或清空日期。"}
    if who.category != "probationary" and who.extended_to:
        return {"extended_to": f"类别为{label},不应有预备期延长;请改类别或清空日期。"}
    return {}


def steps_from(category: str) -> dict[str, str]:
    """The categories that may follow, with the name of the step."""
    ahead = {NEXT[category]: f"列为{CATEGORIES[NEXT[category]]}"} if category in NEXT else {}
    return ahead | {to: name for (before, to), name in BACK.items() if before == category}


def step_flaws(who: Standing, to: str, on: date, reason: str, *, day: date, clocks: Clocks) -> Flaws:
    """What stands against a change of category on a day, by field."""
    if to not in steps_from(who.category):
        allowed = "、".join(CATEGORIES[c] for c in steps_from(who.category)) or "无"
        return {"to": f"{CATEGORIES[who.category]}不能直接变为{CATEGORIES.get(to, to)};可以变为:{allowed}。"}
    if on > day:
        return {"on": "日期晚于今天,请在办理之后登记。"}
    earliest = max((d for d in (who.activist_since, who.joined_on) if d), default=None)
    if earliest and on < earliest:
        return {"on": f"日期早于上一步({written.day(earliest)}),请核对。"}
    if (who.category, to) in BACK and not reason.strip():
        return {"reason": f"“{BACK[who.category, to]}”请写明事由和决定。"}
    return _too_early(who, to, on, clocks)


def _too_early(who: Standing, to: str, on: date, clocks: Clocks) -> Flaws:
    """The waiting times of the rules; a date that is not known stands against nothing."""
    if to == "candidate" and who.activist_since:
        ready = months_after(who.activist_since, 12 * clocks.activist_years)
        if on < ready:
            return {"on": f"培养考察须满{clocks.activist_years}年(发展党员工作细则第13条,条号待核),最早 {ready}。"}
    ends = probation_ends(who.joined_on, who.extended_to, clocks)
    if to == "full" and ends and on < ends:
        return {"on": f"预备期到 {ends} 才满(党章第7条),请在期满后办理转正。"}
    return {}


def dates_after(who: Standing, to: str, on: date) -> dict[str, date | None]:
    """The dates that a step sets or takes away."""
    if to == NEXT.get(who.category):
        name = {"activist": "activist_since", "probationary": "joined_on", "full": "full_since"}.get(to)
        return ({name: on} if name else {}) | ({"extended_to": None} if to == "full" else {})
    gone: tuple[str, ...] = ("joined_on", "full_since", "extended_to") if who.category in MEMBERS else ()
    if to == "employee":
        gone = (*gone, "activist_since", "reviewed_on")
    return {name: None for name in gone if getattr(who, name) is not None}


def extension_flaws(who: Standing, until: date, reason: str, clocks: Clocks) -> Flaws:
    """What stands against extending a probation: once only, by half a year to a year from its end."""
    if who.category != "probationary":
        return {"until": "只有预备党员可以延长预备期。"}
    if who.extended_to is not None:
        return {"until": f"预备期已延长过一次(到 {who.extended_to}),只能延长一次(发展党员工作细则第32条)。"}
    ends = probation_ends(who.joined_on, None, clocks)
    if ends is None:
        return {"until": "入党日期未登记,算不出预备期;请先更正日期。"}
    least, most = (months_after(ends, months) for months in clocks.extension_months)
    if not least <= until <= most:
        return {"until": f"延长不少于半年、不超过一年:应在 {least} 至 {most} 之间。"}
    return {} if reason.strip() else {"reason": "请写明延长的事由和支部大会决议。"}
