"""What is not known, what reading found, and how the numbers come about, in plain words."""

from collections import Counter

from zaidao.engine.report.markup import Markup, Node, join, tag
from zaidao.engine.report.material import Material, Row
from zaidao.engine.report.overview import table_of, unknown_cells
from zaidao.engine.schema import ELEMENTS, FINDINGS, TABLES
from zaidao.engine.words import ELEMENT_NAMES, FINDING_NAMES

PROBLEMS_SHOWN = 30
PROBLEM_SEVERITIES = {"error": "错误", "warning": "提醒", "note": "说明"}

PLAIN = (
    ("数据从哪里来", (
        "只用所交的台账表格:组织、人员、任职、制度、条款、载体、活动记录、创新点子。"
        "身份证号和电话只在读入时核对,不进入任何结果。空白一律按“未知”处理,不当作零。"
    )),
    ("应办事项怎么来", (
        "由规章条款和本单位制度按组织、按周期推出;计划在本期、随后办了的算“顺延”,晚交记录的算“逾期有记录”,"
        "新成立、已撤销、条件不满足的免计。找不到的只写“未见记录”,不推断有没有开。"
    )),
    ("怎样算印证", (
        "一条记录在时间、文本、图片、出席、经手人、后续办理等方面有没有疑点,各自独立计算;"
        "只有一个弱的疑点,几乎不减分量;有后续办理、自愿参与等正面痕迹则加分量。"
    )),
    ("怎样作出提示", (
        "先剔除同一现场多数组织共有的情形(停工、集中上传等),再与同类同规模的组织比较;样本少时估计向同类靠拢,区间变宽。"
        "只有把握足够、比率超过起点、次数够多,才列为“请核实”;奇数月与偶数月都成立且区间下限高的,才列为“请优先核实”。"
    )),
    ("不作什么", "不给组织打总分,不排次序,不评价个人。少于五人的评分均值不显示。提示用来商量怎么帮,不作为考核、问责依据。"),
)


def section(material: Material) -> Markup:
    return tag("section", _unknown(material), _problems(material), _method(material), class_="newpage")


def code_name(code: str) -> str:
    """The name of a finding or an element."""
    return FINDING_NAMES.get(code, ELEMENT_NAMES.get(code, code))


def _unknown(material: Material) -> Markup:
    items: list[Node] = [tag("li", f"{code_name(code)}:{why}") for code, why in sorted(material.unknown.items())]
    items += [
        tag("li", f"{ELEMENT_NAMES.get(element, element)}:{count}个组织未评估,{why}")
        for (element, why), count in sorted(unknown_cells(material).items(), key=lambda cell: (ELEMENTS.index(cell[0][0]), cell[0][1]))
    ]
    items += [tag("li", words) for words in material.manifest.get("warnings", ())]
    young = sum(not o["judged"] for o in material.orgs)
    if young:
        items.append(tag("li", f"{young}个组织在统计期内可比时间不足、已撤销或类型不明,只列事实,不作判断。"))
    explained = material.manifest.get("explained_evidence", 0)
    return join(
        tag("h2", "未作判断的部分"), tag("ul", items) if items else tag("p", "没有。"),
        tag("h3", "已说明的依据"), tag("p", f"各组织已作说明、本次不再计入的依据共{explained}条。"),
    )


def _problems(material: Material) -> Markup:
    if not material.problems:
        return join(tag("h2", "数据问题"), tag("p", "读入的表格没有发现问题。"))
    kinds = Counter(PROBLEM_SEVERITIES.get(str(p.get("severity")), str(p.get("severity"))) for p in material.problems)
    words = "、".join(f"{kind}{kinds[kind]}处" for kind in PROBLEM_SEVERITIES.values() if kinds[kind])
    worst_first = sorted(material.problems, key=lambda p: list(PROBLEM_SEVERITIES).index(str(p["severity"])))
    rows = [
        tag("tr", [tag("td", words) for words in (p["sheet"], p["cell"], header(p), p["value"], p["reason"], p["remedy"])])
        for p in worst_first[:PROBLEMS_SHOWN]
    ]
    head = [(h, None) for h in ("表", "单元格", "列", "原值", "问题", "怎样改")]
    caption = f"按程度分:{words}。此处列前{len(rows)}处,全部见 problems.csv 和 report.xlsx“数据问题”表。"
    return join(tag("h2", "数据问题"), table_of(caption, head, rows))


def header(problem: Row) -> str | None:
    """The header of the column that a problem is about, as the sheet's table has it."""
    sheet, field = str(problem.get("sheet") or ""), problem.get("field")
    tables = sorted((t for t in TABLES.values() if t.sheet in sheet and field in t.names), key=lambda t: -len(t.sheet))
    return tables[0][field].header if tables and field else field


def _method(material: Material) -> Markup:
    version = f"规则目录版本 {material.manifest.get('catalogue', '未知')};程序版本 {material.manifest.get('code', '未知')}。"
    used = [f"{TABLES[name].sheet}{count}行" for name, count in material.manifest.get("rows", {}).items() if name in TABLES]
    cards = [material.cards[c] for c in FINDINGS if c in material.cards]
    own = [
        tag("li", f"{v['name']}:{v['words']}", tag("span", f"({v['since']}起;{v['reason']})", class_="soft"))
        for v in material.manifest.get("office_values", ())
    ]
    terms = [(tag("dt", c["name"]), tag("dd", c["why"], tag("br"), tag("span", f"依据:{c['source']}", class_="soft"))) for c in cards]
    return join(
        tag("h2", "方法与来源"), tag("dl", [(tag("dt", title), tag("dd", words)) for title, words in PLAIN]),
        tag("h3", "各类提示为什么值得看"), tag("dl", terms) if terms else None,
        tag("h3", "按本单位取值判断的项目") if own else None, tag("ul", own) if own else None,
        tag("p", f"本次使用:{'、'.join(used)}。{version}", class_="soft") if used else tag("p", version, class_="soft"),
    )
