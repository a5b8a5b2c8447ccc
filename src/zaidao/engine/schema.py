"""The contract of the fact tables: eight tables, their fields, types and enums (docs/reference/workbook.md).

Everything that reads or writes facts takes names and enums from here: the sheet columns, the Parquet reader, the
indicators and, later, the models of the living system. Enum codes are what tables hold; labels are what people read.
"""

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "date", "time", "integer", "number", "enum", "codes", "hashes"]

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
    "integer": pa.int32(),
    "number": pa.float64(),
    "enum": pa.string(),
    "codes": pa.list_(pa.string()),
    "hashes": pa.list_(pa.uint64()),
}

ORG_KINDS = {"committee": "党委", "general_branch": "党总支", "branch": "党支部", "group": "党小组"}
ORG_FORMS = {"固定": "固定", "联合": "联合", "临时": "临时", "项目": "项目"}
CATEGORIES = {"full": "正式党员", "probationary": "预备党员", "candidate": "发展对象", "activist": "入党积极分子", "employee": "群众"}
GENDERS = {"男": "男", "女": "女"}
POST_DOMAINS = {"party": "党务", "administrative": "行政", "mass": "群团"}
FULL_TIME = {"yes": "专职", "no": "兼职"}
TENURES = {"正式": "正式", "代理": "代理", "主持工作": "主持工作"}
RULE_ORIGINS = {"superior": "上级规定", "own": "自主制定", "solidified": "机制固化"}
PERIODS = {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年", "term": "每届", "none": "无"}
CARRIER_ORIGINS = {"mandated": "上级部署", "own": "自主发起"}
VERDICTS = {"adopt": "推广", "adjust": "调整", "stop": "终止"}


def _same(*labels: str) -> dict[str, str]:
    return {label: label for label in labels}


CARRIER_KINDS = _same(
    "主题党日", "志愿服务", "创先争优", "廉洁表率", "先锋岗", "责任区", "和谐创建", "学习教育", "网站", "内刊", "结对共建", "技能攻关",
    "文体活动", "其他",
)
ACTIVITY_KINDS = _same(
    "党员大会", "支委会", "党小组会", "党课", "主题党日", "组织生活会", "民主评议", "谈心谈话", "志愿服务", "走访", "培训", "其他",
)

# Minutes of these kinds are neither indexed nor shown side by side (DESIGN 2).
PRIVATE_KINDS = ("谈心谈话", "组织生活会", "民主评议")


@dataclass(frozen=True)
class Field:
    """One column: its name in code, its header in the workbook, its type; `optional` columns are often not kept at all."""

    name: str
    header: str
    kind: Kind = "text"
    enum: dict[str, str] = field(default_factory=dict, hash=False)
    required: bool = False
    sensitive: bool = False
    optional: bool = False

    @property
    def arrow(self) -> pa.Field:
        return pa.field(self.name, ARROW[self.kind])


@dataclass(frozen=True)
class Table:
    """One fact table: its sheet, its key and its fields in the order of the workbook."""

    name: str
    sheet: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def __getitem__(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema without sensitive fields: those never leave the reading step."""
        return pa.schema([f.arrow for f in self.fields if not f.sensitive])


_F = Field
ORGANISATION = Table("organisation", "组织", ("org_id",), (
    _F("org_id", "组织编号", required=True), _F("name", "组织名称"), _F("kind", "组织类型", "enum", ORG_KINDS),
    _F("parent_id", "上级组织编号"), _F("unit", "所在单位"), _F("established_on", "成立日期", "date"),
    _F("dissolved_on", "撤销日期", "date"), _F("term_started_on", "本届开始日期", "date"), _F("term_years", "任期(年)", "number"),
    _F("headcount", "职工人数", "integer"), _F("form", "组织形式", "enum", ORG_FORMS, optional=True),
    _F("extended_to", "延期至", "date", optional=True),
))
PERSON = Table("person", "人员", ("person_id",), (
    _F("person_id", "人员编号", required=True), _F("name", "姓名"), _F("org_id", "所在组织编号", required=True),
    _F("category", "人员类别", "enum", CATEGORIES), _F("gender", "性别", "enum", GENDERS), _F("ethnicity", "民族"),
    _F("born_on", "出生日期", "date"), _F("id_no", "公民身份号码", sensitive=True), _F("phone", "联系电话", sensitive=True),
    _F("education", "学历"), _F("occupation", "工作岗位"), _F("joined_on", "入党日期", "date"), _F("full_since", "转正日期", "date"),
    _F("moved_in_on", "转入日期", "date"), _F("moved_out_on", "转出日期", "date"),
))
APPOINTMENT = Table("appointment", "任职", ("person_id", "org_id", "post"), (
    _F("person_id", "人员编号", required=True), _F("org_id", "组织编号", required=True), _F("post", "职务", required=True),
    _F("domain", "职务类别", "enum", POST_DOMAINS), _F("full_time", "专兼职", "enum", FULL_TIME), _F("since", "任职日期", "date"),
    _F("until", "离任日期", "date"), _F("basis", "任职依据"), _F("tenure", "任职性质", "enum", TENURES, optional=True),
))
INSTITUTION = Table("institution", "制度", ("institution_id",), (
    _F("institution_id", "制度编号", required=True), _F("title", "制度名称"), _F("org_id", "制定组织编号", required=True),
    _F("origin", "来源", "enum", RULE_ORIGINS), _F("adopted_on", "施行日期", "date"), _F("repealed_on", "废止日期", "date"),
    _F("document_no", "文号"), _F("idea_id", "来源点子编号"),
))
CLAUSE = Table("clause", "制度条款", ("institution_id", "article"), (
    _F("institution_id", "制度编号", required=True), _F("article", "条款", required=True), _F("subject", "事项"),
    _F("applies_to", "适用对象"), _F("every", "周期", "enum", PERIODS), _F("at_least", "次数", "integer"), _F("evidence", "佐证"),
    _F("grace_days", "宽限天数", "integer"),
))
CARRIER = Table("carrier", "载体", ("carrier_id",), (
    _F("carrier_id", "载体编号", required=True), _F("name", "载体名称"), _F("org_id", "组织编号", required=True),
    _F("kind", "类别", "enum", CARRIER_KINDS), _F("origin", "发起方式", "enum", CARRIER_ORIGINS), _F("directive_no", "部署文号"),
    _F("started_on", "开始日期", "date"), _F("ended_on", "结束日期", "date"), _F("end_reason", "结束原因"), _F("aim", "目的"),
))
ACTIVITY = Table("activity", "活动记录", ("activity_id",), (
    _F("activity_id", "活动编号", required=True), _F("org_id", "组织编号", required=True), _F("kind", "活动类别", "enum", ACTIVITY_KINDS),
    _F("carrier_id", "载体编号"), _F("title", "主题"), _F("planned_for", "计划日期", "date"), _F("held_at", "实际时间", "time"),
    _F("hours", "时长(小时)", "number"), _F("place", "地点"), _F("eligible", "应到人数", "integer"), _F("present", "实到人数", "integer"),
    _F("volunteers", "自愿报名人数", "integer"), _F("participants", "到会人员编号", "codes"), _F("minutes", "记录正文"),
    _F("recorder_id", "记录人编号"), _F("recorded_at", "录入时间", "time"), _F("photos", "照片指纹", "hashes"),
    _F("ratings", "评价人数", "integer"), _F("rating", "评价均分", "number"), _F("host_id", "主持人编号", optional=True),
    _F("remark", "情况说明", optional=True), _F("decisions", "决议事项", "integer", optional=True),
    _F("followups_done", "办结事项", "integer", optional=True),
))
IDEA = Table("idea", "创新点子", ("idea_id",), (
    _F("idea_id", "点子编号", required=True), _F("org_id", "组织编号", required=True), _F("proposer_id", "提出人编号"), _F("title", "标题"),
    _F("proposed_on", "提出日期", "date"), _F("adopted_on", "采纳日期", "date"), _F("pilot_from", "试点开始", "date"),
    _F("pilot_to", "试点结束", "date"), _F("measure", "评价指标"), _F("baseline", "基线值", "number"), _F("target", "目标值", "number"),
    _F("result", "结果值", "number"), _F("verdict", "结论", "enum", VERDICTS), _F("carrier_id", "载体编号"),
    _F("institution_id", "固化制度编号"), _F("closing_note", "办结说明"),
))

TABLES: dict[str, Table] = {
    t.name: t for t in (ORGANISATION, PERSON, APPOINTMENT, INSTITUTION, CLAUSE, CARRIER, ACTIVITY, IDEA)
}

FINDINGS = (
    "shell", "backfill", "copied_minutes", "reused_photos", "overloaded_posts", "structure_gap", "institution_gap", "duties_missed",
    "mandate_only", "relabelled", "single_carrier", "dead_ideas", "low_appeal",
)
ELEMENTS = ("organisation", "posts", "institutions", "organisational_life", "carriers", "innovation")
FAMILIES = ("time", "text", "picture", "attendance", "hands", "follow_up", "appeal")
