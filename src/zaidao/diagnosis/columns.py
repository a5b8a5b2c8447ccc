"""The eight sheets as offices keep them: the contract's fields with the other names, labels and units that people use."""

from zaidao.engine.schema import TABLES, Field, Table
from zaidao.sheets.spec import Column, Sheet

SHEETS_ALSO: dict[str, tuple[str, ...]] = {
    "organisation": ("党组织", "基层党组织", "组织机构", "党组织基本情况", "组织架构", "组织体系", "支部"),
    "person": ("党员", "党员花名册", "花名册", "人员花名册", "名册", "党员名册", "人员名单", "职工花名册"),
    "appointment": ("任职情况", "职务", "岗位任职", "班子成员", "党务干部", "任免", "任职登记"),
    "institution": ("规章制度", "制度目录", "制度清单"),
    "clause": ("条款", "制度内容", "制度明细", "制度条目"),
    "carrier": ("党建载体", "载体活动", "活动载体", "品牌", "载体台账"),
    "activity": ("活动", "会议记录", "活动台账", "组织生活", "组织生活记录", "三会一课", "三会一课记录", "会议活动", "组织生活及活动记录", "活动明细"),
    "idea": ("点子", "创新", "金点子", "创新项目", "合理化建议", "点子征集", "创新点子征集办理"),
}

HEADERS_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "organisation": {
        "org_id": ("党组织编号", "党组织代码", "组织代码", "编号", "支部编号", "机构编号"), "name": ("党组织名称", "名称", "组织全称", "党组织全称", "机构名称", "党组织"),
        "kind": ("党组织类型", "组织类别", "党组织类别", "类型", "类别"),
        "parent_id": ("上级党组织编号", "上级编号", "隶属组织编号", "上级组织", "上级党组织", "隶属党组织", "上级党组织代码"),
        "unit": ("单位", "单位名称", "所在部门", "所属单位", "所在单位名称"), "established_on": ("成立时间", "建立日期", "设立日期", "批准成立日期"),
        "dissolved_on": ("撤销时间", "撤并日期", "注销日期", "撤消日期"),
        "term_started_on": ("本届起始日期", "换届日期", "本届换届日期", "本届任期开始日期", "最近换届日期", "本届选举日期", "换届时间"),
        "term_years": ("任期", "任期年限", "届期"), "headcount": ("职工数", "员工人数", "在岗人数", "从业人员数", "单位人数", "职工总数", "员工数", "单位职工人数"),
        "form": ("支部形式", "设置形式", "设置方式"), "extended_to": ("批准延期至", "延期换届至", "延期日期", "延期到"),
    },
    "person": {
        "person_id": ("党员编号", "编号", "员工编号", "工号", "职工编号", "人员代码"), "name": ("党员姓名", "名字", "人员姓名"),
        "org_id": ("所在党支部编号", "所在党组织编号", "组织编号", "党组织编号", "支部编号", "所在支部编号", "所属组织编号", "所在组织", "所在党支部", "所在支部"),
        "category": ("类别", "党员类别", "政治面貌", "人员类型", "身份"), "gender": (), "ethnicity": ("族别",),
        "born_on": ("出生年月日", "出生年月", "出生时间", "生日"), "id_no": ("身份证号", "身份证号码", "身份证", "证件号码", "公民身份证号码", "公民身份号"),
        "phone": ("手机号", "手机", "电话", "联系方式", "手机号码", "电话号码", "移动电话"), "education": ("文化程度", "学历层次", "最高学历"),
        "occupation": ("岗位", "职业", "工种", "行政岗位", "工作职务", "本职岗位"), "joined_on": ("入党时间", "加入党组织日期", "入党年月", "加入中共党组织日期", "发展日期"),
        "full_since": ("转正时间", "转为正式党员日期", "转正年月"), "moved_in_on": ("转入时间", "转入组织日期", "进入支部日期", "调入日期", "转入本支部日期"),
        "moved_out_on": ("转出时间", "转出组织日期", "离开支部日期", "调出日期", "转出本支部日期"),
    },
    "appointment": {
        "person_id": ("党员编号", "任职人编号", "任职人员编号", "员工编号", "工号"), "org_id": ("任职组织编号", "党组织编号", "所在组织编号", "支部编号", "任职组织", "任职党组织编号"),
        "post": ("职务名称", "任职职务", "岗位", "担任职务", "岗位名称", "党内职务"), "domain": ("类别", "职务类型", "职务性质", "岗位类别"),
        "full_time": ("专职兼职", "是否专职", "专/兼职", "专职/兼职", "专职或兼职"), "since": ("任职时间", "任职开始日期", "开始日期", "任职起始日期", "到任日期", "起始日期", "任职起"),
        "until": ("离任时间", "任职结束日期", "结束日期", "免职日期", "卸任日期", "任职终止日期", "任职止", "任职截止日期"), "basis": ("任职文号", "任职文件", "依据", "任免文号", "批复文号"),
        "tenure": ("任职方式", "任职类型"),
    },
    "institution": {
        "institution_id": ("编号", "制度代码", "规章编号"), "title": ("名称", "制度标题", "文件名称", "规章制度名称", "标题"),
        "org_id": ("组织编号", "制定单位编号", "发文组织编号", "制定党组织编号", "所属组织编号", "制定组织", "制定单位"), "origin": ("制度来源", "来源类别", "来源类型"),
        "adopted_on": ("施行时间", "生效日期", "实施日期", "印发日期", "执行日期", "发布日期"), "repealed_on": ("废止时间", "失效日期", "停止执行日期"),
        "document_no": ("发文字号", "文件号", "文件字号", "发文号"), "idea_id": ("来源点子", "点子编号"),
    },
    "clause": {
        "institution_id": ("制度代码", "所属制度编号", "所属制度"), "article": ("条款号", "条款编号", "条目", "条", "条次"), "subject": ("要求事项", "工作事项", "规定事项", "内容", "规定动作"),
        "applies_to": ("适用范围", "适用组织", "适用组织类型", "责任主体"), "every": ("频次周期", "频率", "执行周期", "频次"), "at_least": ("最低次数", "至少次数", "每期次数", "最少次数"),
        "evidence": ("佐证材料", "留痕材料", "证明材料", "台账材料"), "grace_days": ("宽限期", "宽限", "宽限期天数", "容许延后天数"),
    },
    "carrier": {
        "carrier_id": ("编号", "载体代码", "项目编号"), "name": ("名称", "载体", "项目名称", "品牌名称"), "org_id": ("所属组织编号", "承办组织编号", "党组织编号", "支部编号", "主办组织编号", "所在组织编号", "所属组织"),
        "kind": ("载体类别", "载体类型", "类型", "分类"), "origin": ("发起来源", "来源", "发起类型", "发起"), "directive_no": ("上级文号", "部署文件", "上级部署文号", "依据文号", "文号", "部署文件号"),
        "started_on": ("开始时间", "启动日期", "起始日期", "启用日期"), "ended_on": ("结束时间", "终止日期", "完成日期", "停用日期"), "end_reason": ("终止原因", "停止原因"),
        "aim": ("目标", "工作目的", "载体目的", "活动目的", "预期目标"),
    },
    "activity": {
        "activity_id": ("编号", "会议编号", "记录编号", "活动代码", "活动记录编号"), "org_id": ("党组织编号", "主办组织编号", "所在组织编号", "支部编号", "召开组织编号", "开展组织编号", "所属组织编号", "组织"),
        "kind": ("类别", "会议类别", "活动类型", "类型", "会议类型"), "carrier_id": ("所属载体编号", "关联载体编号", "载体"), "title": ("活动主题", "会议主题", "名称", "议题", "活动名称", "标题", "会议名称"),
        "planned_for": ("计划时间", "拟定日期", "计划召开日期", "计划开展日期", "预定日期"),
        "held_at": ("实际召开时间", "召开时间", "活动时间", "开展时间", "实际日期", "实际开展时间", "会议时间", "举行时间", "开始时间"),
        "hours": ("时长", "活动时长", "会议时长", "学时", "用时", "持续时间"), "place": ("活动地点", "会议地点", "召开地点", "场所"), "eligible": ("应到", "应到会人数", "应参加人数", "应出席人数", "应参会人数"),
        "present": ("实到", "实到会人数", "实际参加人数", "出席人数", "参加人数", "到会人数", "实参会人数", "实际到会人数"), "volunteers": ("自愿参加人数", "自愿人数", "主动报名人数", "报名人数", "自愿参与人数"),
        "participants": ("到会人员", "参会人员编号", "参加人员编号", "参会人员", "出席人员编号", "参加人员", "参加人编号", "到会人编号"), "minutes": ("会议记录", "记录内容", "活动记录", "记录", "会议内容", "正文", "活动内容", "主要内容"),
        "recorder_id": ("记录人", "记录员编号", "记录人员编号", "填报人编号"), "recorded_at": ("录入系统时间", "录入日期", "填报时间", "上传时间", "归档时间", "登记时间", "系统录入时间"),
        "photos": ("照片", "照片哈希", "图片指纹", "影像指纹"), "ratings": ("评价人次", "参评人数", "打分人数", "评分人数"), "rating": ("平均评分", "评分", "满意度均分", "评价平均分", "平均分", "满意度评分"),
        "host_id": ("主持人", "主持人员编号", "主持编号"), "remark": ("说明", "延期说明", "未开展说明", "变更说明"), "decisions": ("决议数", "决议事项数", "形成决议数", "议定事项数"),
        "followups_done": ("办结数", "已办结事项", "办结事项数", "落实事项数"),
    },
    "idea": {
        "idea_id": ("编号", "建议编号", "点子代码"), "org_id": ("所在组织编号", "党组织编号", "支部编号", "提出组织编号", "所属组织编号"), "proposer_id": ("提出人", "建议人编号", "提出者编号", "提议人编号"),
        "title": ("点子名称", "名称", "点子标题", "建议标题", "点子"), "proposed_on": ("提出时间", "征集日期", "提交日期"), "adopted_on": ("采纳时间", "立项日期"),
        "pilot_from": ("试点开始日期", "试点起始日期", "试点启动日期"), "pilot_to": ("试点结束日期", "试点截止日期", "试点完成日期"), "measure": ("指标", "衡量指标", "考核指标", "评估指标"),
        "baseline": ("基线", "基准值", "初始值"), "target": ("目标", "预期值"), "result": ("结果", "实际值", "实际结果", "完成值"), "verdict": ("评价结论", "试点结论", "结论意见", "评估结论"),
        "carrier_id": ("转化载体编号", "关联载体编号", "载体"), "institution_id": ("固化制度", "制度编号", "形成制度编号"), "closing_note": ("办结情况", "办理结果", "办理说明", "办结备注"),
    },
}

LABELS_ALSO: dict[str, dict[str, str]] = {
    "organisation.kind": {
        "党委会": "committee", "基层党委": "committee", "二级党委": "committee", "党的委员会": "committee", "总支": "general_branch", "党总支部": "general_branch", "总支部": "general_branch",
        "党的总支部": "general_branch", "支部": "branch", "联合党支部": "branch", "临时党支部": "branch", "项目党支部": "branch", "党的支部": "branch", "小组": "group",
    },
    "organisation.form": {"固定党支部": "固定", "常设": "固定", "联合党支部": "联合", "联合支部": "联合", "临时党支部": "临时", "临时支部": "临时", "项目党支部": "项目", "项目支部": "项目"},
    "person.category": {
        "中共党员": "full", "党员": "full", "正式": "full", "中共正式党员": "full", "中共预备党员": "probationary", "预备": "probationary", "积极分子": "activist", "发展对象人选": "candidate",
        "非党员": "employee", "共青团员": "employee", "团员": "employee", "普通群众": "employee",
    },
    "person.gender": {"男性": "男", "女性": "女", "m": "男", "f": "女", "M": "男", "F": "女"},
    "appointment.domain": {"党内": "party", "党内职务": "party", "党群": "party", "党建": "party", "行政职务": "administrative", "业务": "administrative", "群团组织": "mass", "工会": "mass", "群众组织": "mass"},
    "appointment.full_time": {"是": "yes", "否": "no", "专": "yes", "兼": "no", "全职": "yes"},
    "appointment.tenure": {"正式任职": "正式", "代": "代理", "代理职务": "代理", "主持": "主持工作", "临时主持": "主持工作"},
    "institution.origin": {"上级": "superior", "上级制度": "superior", "上级制定": "superior", "自定": "own", "自主": "own", "自建": "own", "本级制定": "own", "本单位制定": "own", "固化": "solidified", "创新固化": "solidified", "点子固化": "solidified"},
    "clause.every": {
        "月": "month", "每个月": "month", "月度": "month", "按月": "month", "季": "quarter", "季度": "quarter", "每季": "quarter", "按季": "quarter", "半年": "half", "每半年度": "half", "年": "year", "年度": "year",
        "每年度": "year", "按年": "year", "届": "term", "每届任期": "term", "无周期": "none",
    },
    "carrier.origin": {"上级要求": "mandated", "上级安排": "mandated", "上级布置": "mandated", "部署": "mandated", "自发": "own", "自主": "own", "自主开展": "own", "自行发起": "own", "支部自主": "own", "自选": "own"},
    "carrier.kind": {"先锋示范岗": "先锋岗", "党员先锋岗": "先锋岗", "党员责任区": "责任区", "争先创优": "创先争优", "学习": "学习教育", "文体": "文体活动", "结对": "结对共建", "共建": "结对共建", "技术攻关": "技能攻关", "志愿": "志愿服务", "其它": "其他"},
    "activity.kind": {
        "支部党员大会": "党员大会", "支部大会": "党员大会", "党员大会会议": "党员大会", "支部委员会": "支委会", "支部委员会会议": "支委会", "支委会议": "支委会", "小组会": "党小组会", "党小组会议": "党小组会", "党小组": "党小组会",
        "专题组织生活会": "组织生活会", "主题党日活动": "主题党日", "民主评议党员": "民主评议", "谈话": "谈心谈话", "谈心": "谈心谈话", "志愿服务活动": "志愿服务", "走访慰问": "走访", "慰问": "走访", "学习培训": "培训", "其它": "其他", "其他活动": "其他",
    },
    "idea.verdict": {"推广应用": "adopt", "予以推广": "adopt", "采用": "adopt", "继续调整": "adjust", "改进": "adjust", "调整后再试": "adjust", "停止": "stop", "不推广": "stop", "中止": "stop"},
}

# Bounds inside which a number can be meant at all; outside it is a slip of the pen, not a fact.
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "organisation.term_years": (0.5, 10), "activity.hours": (0, 240), "activity.rating": (1, 5),
}
SCALES: dict[str, dict[str, float]] = {"activity.hours": {"分钟": 1 / 60}}
EXAMPLES: dict[str, str] = {
    "org_id": "DZ001", "parent_id": "DZ000", "person_id": "P000001", "name": "示例名称", "unit": "某某公司", "term_years": "3", "headcount": "50", "post": "组织委员", "institution_id": "Z00001",
    "article": "第一条", "subject": "党员大会", "applies_to": "党支部且设支委会", "at_least": "1", "evidence": "会议记录、签到表", "grace_days": "10", "carrier_id": "ZT000001", "activity_id": "H000001",
    "participants": "P000001、P000002", "recorder_id": "P000001", "hours": "1.5", "eligible": "12", "present": "11", "volunteers": "3", "ratings": "6", "rating": "4.5", "idea_id": "DD00001",
    "title": "示例标题", "ethnicity": "汉族", "education": "大学本科", "occupation": "技术员", "minutes": "会议情况、讨论内容和议定事项。", "photos": "39a485f300e3e48d", "place": "会议室",
}
CODES = frozenset({
    "org_id", "parent_id", "person_id", "institution_id", "idea_id", "carrier_id", "activity_id", "recorder_id", "host_id", "proposer_id", "id_no", "phone",
})


def labels(table: Table, field: Field) -> dict[str, str]:
    """What may be written in an enum's cell -> the code kept."""
    return {**{label: code for code, label in field.enum.items()}, **{code: code for code in field.enum}, **LABELS_ALSO.get(f"{table.name}.{field.name}", {})}


def column(table: Table, field: Field) -> Column:
    """The reading side of one field of the contract."""
    path = f"{table.name}.{field.name}"
    least, most = BOUNDS.get(path, (None, None))
    return Column(
        name=field.name, header=field.header, kind=field.kind, synonyms=HEADERS_ALSO[table.name].get(field.name, ()),
        labels=labels(table, field) if field.kind == "enum" else {}, choices=tuple(field.enum.values()), required=field.required,
        sensitive=field.sensitive, optional=field.optional, is_code=field.name in CODES, identity=field.name == "id_no", least=least, most=most,
        scales=SCALES.get(path, {}), example=EXAMPLES.get(field.name, ""),
    )


SHEETS: tuple[Sheet, ...] = tuple(
    Sheet(t.name, t.sheet, t.key, tuple(column(t, f) for f in t.fields), SHEETS_ALSO[t.name]) for t in TABLES.values()
)
