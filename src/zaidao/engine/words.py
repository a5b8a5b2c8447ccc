"""What people read: the Chinese names of codes, one home for report, pages and workbook."""

from collections.abc import Mapping

NOTICE = "供核实与帮扶使用,不作为考核、问责依据"

FINDING_NAMES = {
    "shell": "架子齐、运行痕迹少", "backfill": "集中补录", "copied_minutes": "记录文本高度相近",
    "reused_photos": "同图多用",
    "overloaded_posts": "岗位负荷偏重", "structure_gap": "组织设置待补", "institution_gap": "制度覆盖待补",
    "duties_missed": "应办事项缺记录",
    "mandate_only": "载体多由上级部署", "relabelled": "发起方式待核", "single_carrier": "载体种类偏少", "dead_ideas": "点子未见下文",
    "low_appeal": "自愿参与偏少",
}
ELEMENT_NAMES = {
    "organisation": "组织机构", "posts": "岗位", "institutions": "制度", "organisational_life": "组织生活", "carriers": "载体",
    "innovation": "创新",
}
ELEMENT_ROOTS = {
    "organisation": "按规定应有的机构、届期和规模", "posts": "应设岗位有人在任", "institutions": "应有制度的事项有制度在施行",
    "organisational_life": "应办事项有记录", "carriers": "所报载体有目的、有活动", "innovation": "点子所报的各个阶段",
}
MEASURE_NAMES = {"paper": "台账", "pulse": "印证", "gap": "差距"}
STATE_NAMES = {"kept": "按期有记录", "kept_late": "逾期有记录", "moved": "顺延有记录", "missed": "未见记录", "exempt": "免计"}
SEVERITY_NAMES = {0: "未发现", 1: "可留意", 2: "请核实", 3: "请优先核实"}
FAMILY_NAMES = {
    "time": "时间", "text": "文本", "picture": "图片", "attendance": "出席", "hands": "经手人", "follow_up": "后续办理",
    "appeal": "自愿参与",
}
PEER_LEVEL_NAMES = {
    "snapshot": "本次数据中同类型、同规模的组织", "kind": "本次数据中同类型的组织", "packaged": "随软件提供的参考值",
    "rule": "按规定逐项核对",
}


def name(words: Mapping[str, str], code: str | None, unknown: str = "未知") -> str:
    """The Chinese name of a code; a code without one stands for itself, null reads as unknown."""
    return unknown if code is None else words.get(code, str(code))


def peer_level(level: str | None, org_names: Mapping[str, str]) -> str | None:
    """With whom an organisation was compared; `under:O1` names the superior."""
    if level is None:
        return None
    ancestor = level.removeprefix("under:")
    return name(PEER_LEVEL_NAMES, level) if ancestor == level else f"{org_names.get(ancestor, ancestor)}所属同类型、同规模的组织"
