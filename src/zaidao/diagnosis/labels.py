"""What people read on the pages beside `engine.words`: fields of a computation, components, marks, origins of rules."""

from collections.abc import Iterator, Mapping
from typing import Any

from zaidao.engine.schema import ORG_KINDS, POST_DOMAINS
from zaidao.engine.sentences import count, one, percent, plain

COMPONENT_NAMES = {
    "after_opening": "开头一个月之后仍有活动",
    "declared": "有目的、有活动的载体",
    "marks": "参加者有评价",
    "other_hands": "发起人以外有人经手",
    "volunteers": "有自愿参加的人",
    "stages": "所报的阶段",
    "clause_duties": "条款带来的应办事项有记录印证",
    "functions": "应有制度的事项",
    "body_meetings": "本组织成员自己开会的月份",
    "items": "应有的机构、届期、规模各项",
    "duties": "应办事项",
    "records": "记录的可信程度",
    "holder_quarters": "任职者履职的季度",
    "required": "应设的岗位",
}
MARK_NAMES = {
    "no_volunteers": "自愿类活动无人自愿报名",
    "all_present": "历次全员到齐",
    "same_count": "历次人数相同",
    "two_places": "同一人同时在两处",
    "outside_roster": "到会者不在名册期间",
    "one_hand": "一人包办记录",
    "copied": "与另一记录文本高度相近",
    "backfilled": "迟录",
    "filed_before": "活动之前即已录入",
    "photo_reused": "与另一活动同图",
}

# Fields of a computation in the order in which they are told: label and form.
DETAILS: Mapping[str, tuple[str, Any]] = {
    "k": ("符合本项的数目 k", plain),
    "n": ("可比对的总数 n", plain),
    "raw": ("直接比率 k/n", percent),
    "floor": ("提示起点(低于它不提示)", percent),
    "k_odd": ("其中奇数月 k", plain),
    "n_odd": ("奇数月 n", plain),
    "k_even": ("其中偶数月 k", plain),
    "n_even": ("偶数月 n", plain),
    "enough": ("达到最少条数", plain),
    "median": ("同类组织比率的中位数 m", percent),
    "strength": ("同类信息折合条数 c", plain),
    "design_effect": ("同月同人记录相关,折减倍数", plain),
    "score": ("估计值 (k+c·m)/(n+c)", percent),
    "low": ("区间下限(5%)", percent),
    "high": ("区间上限(95%)", percent),
    "p_sound": ("属于正常组织的可能性", lambda v: f"{v:.3f}"),
    "paper": ("台账", percent),
    "trace": ("印证率", percent),
    "trace_high": ("印证率上限", percent),
    "families": ("达到标准的痕迹类别数", plain),
    "family_names": ("痕迹类别", plain),
    "p": ("合并后的偶然性", lambda v: f"{v:.2g}"),
    "months": ("涉及月份数", plain),
    "subjects": ("涉及事项", plain),
    "due": ("应办", plain),
    "missed": ("未见记录", plain),
    "late": ("逾期有记录", plain),
    "moved": ("顺延有记录", plain),
    "shared": ("现场共同原因(不计)", plain),
    "limit": ("迟录标准(天)", plain),
    "longest": ("最长间隔(天)", count),
    "across": ("与其他组织相近", plain),
    "within": ("与本组织相近", plain),
    "share": ("相近部分占较短一篇", percent),
    "full_members": ("正式党员", plain),
    "open": ("待补项", plain),
    "problems": ("待补事项", plain),
    "required": ("应有项", plain),
    "term_ends": ("届满日", plain),
    "unknown_items": ("情况不明的项", plain),
    "vacant_months": ("空缺月数", plain),
    "decorative": ("未带来应办事项的制度", plain),
    "own_rules": ("自有制度", plain),
    "repealed": ("已废止", plain),
    "peers": ("同类组织数", plain),
    "peers_with": ("有自有制度的同类组织", plain),
    "eligible": ("应到人次", plain),
    "mark": ("评价均分", one),
    "mark_below": ("评价低于同类", plain),
    "packaged": ("采用随软件提供的参考值", plain),
    "raters": ("评价人次", plain),
    "usual": ("同类常见水平(人次)", one),
    "usual_mark": ("同类评价均分", one),
    "effective": ("有效种类数", one),
    "peers_effective": ("同类有效种类数", one),
    "kind": ("最多的一类", plain),
    "kinds": ("种类数", plain),
    "numbered": ("有部署文号", plain),
    "ordered": ("由上级部署", plain),
    "own": ("自主发起", plain),
    "peers_own": ("同类有自主载体的比重", percent),
    "continued": ("延续旧载体", plain),
    "like_ordered": ("与他处部署的载体同名同期", plain),
    "number": ("有部署文号", plain),
    "wave": ("集中出现", plain),
    "answer": ("未答复", plain),
    "pilot": ("采纳后未试点", plain),
    "verdict": ("试点后无结论", plain),
    "rule": ("未固化", plain),
    "carrier": ("载体短期即止", plain),
    "young": ("时间尚短(不计)", plain),
    "hours": ("每月工时", one),
    "hours_low": ("工时下限", one),
    "hours_high": ("工时上限", one),
    "capacity": ("可用工时", plain),
    "persons": ("身兼数职的人数", plain),
    "posts_at_once": ("同时任职数", plain),
    "events": ("有照片的活动", plain),
}
CAPACITIES = {"capacity_beside_line_job": "兼职者每月可用工时", "capacity_full_time": "专职者每月可用工时"}
KINDS = ORG_KINDS | POST_DOMAINS | {"any": "各类组织", "yes": "可以", "no": "不可", "": ""}
BY_RULE = {"score": "比重", "low": "比重下限", "high": "比重上限"}  # where no rate of peers enters
LEFT_OUT = {"severity", "peer_level", "state"}


def kinds(codes: str) -> str:
    """`committee;general_branch` as 党委、党总支; also domains of posts and yes or no."""
    return "、".join(KINDS.get(code, code) for code in codes.split(";"))


def subjects(names: str) -> str:
    return names.replace(";", "、")


def share_of_hours(shares: str) -> str:
    """`0.4/0.35/0.25` as 准备 40%、办理 35%、记录 25%."""
    parts = zip(("准备", "办理", "记录"), shares.split("/"), strict=False)
    return "、".join(f"{name} {percent(float(part))}" for name, part in parts if part)


def computed(details: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, label, value as text) of every known number of a computation, in the order above."""
    for field, (label, form) in DETAILS.items():
        if field in details and field not in LEFT_OUT:
            value = details[field]
            named = label if "strength" in details else BY_RULE.get(field, label)
            yield field, named, "未知" if value is None else plain(value) if isinstance(value, str | list | bool) else form(value)
