"""Copied minutes on made worlds: recall of rows by share of letters changed, rows wrongly named, and texts a second.

    python bench/text.py [--texts 20000] [--scale 1600000]

The worlds share no code and no sentences with the engine or with any sample: minutes are made of clauses drawn from lists, each
organisation has its own people, and copies are edited letter by letter (`letters`: substituted, left out, put in), word by word
(`words`: two or three letters at once) or sentence by sentence (`sentences`), with names, dates and numbers replaced.
"""

# ruff: noqa: SIM905, E501  # word lists read better as lines of words

import argparse
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from zaidao.engine.catalogue import load
from zaidao.engine.indicators.copied_minutes import text_params
from zaidao.engine.text import Copies, find_copies

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂兰英华玉萍红梅建国志文海燕晨曦宇轩浩然梓涵一诺欣怡子墨佳琪"
SUBJECTS = (
    "与会同志 青年党员 老师傅 值班人员 车间主任 支委几位 新来的大学生 财务那边 采购小组 安全员 退休支部代表 联系点干部 电工班 "
    "检修二组 食堂师傅 门卫"
).split()
WHEN = (
    "上周 月初 前两天 这个季度以来 入夏之后 大检修期间 停电那晚 节后第一个班 审计进场前 客户验货当天 汛期 交接班时 早会上 "
    "去年底"
).split()
VERBS = (
    "反映 说明 介绍 提到 回顾了 对比了 核算了 梳理了 主张调整 不同意照搬 愿意承担 追问 查清了 重新测了 汇总了 担心"
).split()
THINGS = (
    "三号线皮带跑偏 冷却水压力偏低 备件库账物不符 夜班照明 叉车充电桩位置 报销单据退回 图纸版本混用 外委队伍进出证 食堂晚餐时段 "
    "体检漏检 宿舍热水 班车改线 培训签到 仓库漏雨 空压机能耗 样品留样期限 客户投诉回访 劳保手套尺码 工器具借用登记 隐患照片上传 "
    "党员责任区划分 困难家庭走访 档案借阅手续 会议室预订冲突 新设备试车 环保取样点 消防通道堆物 雨季排水沟 合同用印等待 "
    "绩效打分口径 请假代班 工会互助金 阅览角旧书 篮球场灯 微信群通知遗漏 交通补贴 幼儿托管 直饮水滤芯 试验室温度 危废间台账 "
    "监控盲区 电缆沟积水 成品包装破损 发货排队 磅房误差 质检复样 油品更换周期 滤袋破损 顶岗轮换 学徒考核"
).split()
WHO = (
    "供货商 上一任 夜班那边 外委队伍 老员工 调度室 综合科 承包人 驻场代表 检修口 统计员 司磅员 库管 保洁公司 厂家 技术组 "
    "门岗 仪表班 物业 分包方 化验室 运行值 督导组 隔壁单位"
).split()
HOW = (
    "没有写清 一时忙乱 凭着经验 图省事 人手不够 没人复核 照老规矩 反复催过 临近月末 系统刚升级 天气转坏 离现场太远 预算没列 "
    "各记各的 口头约定 只看总数 忘了移交 抢着交货 没留照片 嫌麻烦"
).split()
DID = (
    "漏登了两笔 把型号看错 拖了十来天 只换了一半 没有通知下游 少报了用量 把钥匙带走了 改了参数 拆了护网 没盖章 没有挂牌 "
    "省掉了试压 借走未还 把旧件装回去 多领了一箱 没按顺序停机 换错了滤网 收了不合格的料 直接签了字 没做交底 弄混了批次 关掉了报警 "
    "移走了标识 漏了一遍巡检"
).split()
FIRST = (
    "先 下周起 月底前 由分管的人 党员带头 请厂家 试三个月 从本班 趁停机 在食堂门口 借鉴港口做法 分两步 每旬 当面 书面"
).split()
DO = (
    "贴出名单 合并表格 做一块看板 把阀门编号 请设计院会诊 拨一笔小钱 巡两遍留照片 换可拆的罩子 共用一套工具 答复提问人 停用挂牌 "
    "试行积分换休 抽三家比价 装一盏灯 铺防滑垫 写进操作卡 重排班次 补一次演练 清出一间屋 把台账搬上网 划出通道 定责任人 "
    "换大一号的柜子 拉通供需两头 做成口诀 评一次样板 录一段视频 改成双人复核 结对帮一程 撤掉多余签字"
).split()
TAILS = (
    "没有不同意见 有两人保留看法 讨论了近半小时 当场举手通过 决定会后再征求意见 记入备忘 大家比较认可 仍有疑问 会场里笑了起来 "
    "气氛有些沉闷 说完就去了现场 书记最后点了头"
).split()
PATTERNS = (
    "{w}{s}{v}{t}的情况,认为{c},{r}。", "{p}问到{t},{q}解释说{c},{e}。", "关于{t},{s}{v}了不少细节,{e}。", "{w},{t}又出了问题,{c};{p}建议{r}。",
    "{p}和{q}一起去看过{t},发现{c}。", "{s}提出{r},{q}补充了{t}的数字,{e}。", "{t}这件事拖了很久,{c},会议同意{r}。", "{p}念了{t}的材料,{s}{v}其中两条,{e}。",
    "{w}统计,{t}共{n}处,{m}处已办,余下的{r}。", "{q}坦率地讲,{t}办得不好,{c}。", "对照去年,{t}少了{n}起,{s}觉得是因为{r}。", "{s}看了{t}的照片,{p}说{c},所以要{r}。",
)
EDIT_KINDS = ("letters", "words", "sentences")
SHARES = (0.05, 0.15, 0.30)


@dataclass
class World:
    """Activities with minutes, names to mask, and which record was made from which: copy -> (original, kind of edits, share)."""

    rows: list[dict[str, object]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    copies: dict[str, tuple[str, str, float]] = field(default_factory=dict)


class Writer:
    """Writes minutes for one organisation; equal seeds give equal texts."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def people(self, count: int) -> list[str]:
        return [self.draw.choice(SURNAMES) + "".join(self.draw.choices(GIVEN, k=self.draw.choice((1, 2, 2)))) for _ in range(count)]

    def sentence(self, people: list[str]) -> str:
        pick = self.draw.choice
        p, q = pick(people), pick(people)
        cause = pick(("{a}{b}{c}", "{b}{a}{c}", "是{a}{c}", "{a}{c},也有{b}的原因")).format(a=pick(WHO), b=pick(HOW), c=pick(DID))
        result = pick(("{a}{b}", "{a}{b}再说", "{b},{a}", "{a}{b},{c}")).format(a=pick(FIRST), b=pick(DO), c=pick(DO))
        return pick(PATTERNS).format(
            w=pick(WHEN), s=pick(SUBJECTS), v=pick(VERBS), t=pick(THINGS), c=cause, r=result, e=pick(TAILS), p=p, q=q,
            n=self.draw.randint(3, 90), m=self.draw.randint(1, 60),
        )

    def minutes(self, people: list[str], held: datetime) -> str:
        head = f"{held.year}年{held.month}月{held.day}日,{self.draw.choice(people)}主持,{self.draw.choice(people)}记录,到会{self.draw.randint(3, 30)}人。\n"
        return head + "".join(self.sentence(people) for _ in range(self.draw.randint(4, 9)))

    def edited(self, text: str, kind: str, share: float, old: list[str], new: list[str]) -> str:
        """A copy: names replaced, digits drawn anew, about `share` of the letters changed."""
        for a, b in zip(old, new, strict=False):
            text = text.replace(a, b)
        text = "".join(str(self.draw.randint(1, 9)) if c.isdigit() else c for c in text)
        if kind == "sentences":
            return "。".join(self.sentence(new)[:-1] if len(s) > 5 and self.draw.random() < share else s for s in text.split("。"))
        other = self.minutes(new, datetime(2025, 1, 1))
        return self._scattered(text, other, share, 1 if kind == "letters" else self.draw.choice((2, 3)))

    def _scattered(self, text: str, other: str, share: float, width: int) -> str:
        out, i = [], 0
        while i < len(text):
            if self.draw.random() >= share / (width - (width - 1) * share):
                out.append(text[i])
                i += 1
                continue
            what = self.draw.choice(("change", "change", "drop", "add"))
            if what != "drop":
                at = self.draw.randrange(len(other) - width)
                out.append(other[at:at + width])
            i += width if what != "add" else 0
            if what == "add":
                out.append(text[i:i + width])
                i += width
        return "".join(out)


def world(texts: int, seed: int, copied: float = 0.03, per_org: int = 80) -> World:
    """About `texts` records of texts / per_org organisations over two years, a share `copied` of them copies, all kinds of edits alike."""
    made, draw = World(), random.Random(seed)
    begin = datetime(2024, 11, 1, 9)
    past: list[tuple[str, str, list[str]]] = []
    orgs = max(2, texts // per_org)
    writers = [Writer(seed * 1_000_003 + i) for i in range(orgs)]
    staff = [w.people(12) for w in writers]
    made.names = sorted({name for people in staff for name in people})
    for i in range(texts):
        org = draw.randrange(orgs)
        held = begin + timedelta(days=720 * i / texts, hours=draw.randint(0, 8))
        name = f"A{i:08d}"
        if len(past) > min(100, texts // 10) and draw.random() < copied:
            kind, share = draw.choice(EDIT_KINDS), draw.choice(SHARES)
            source, text, people = past[draw.randrange(len(past))]
            text = writers[org].edited(text, kind, share, people, staff[org])
            made.copies[name] = (source, kind, share)
        else:
            text = writers[org].minutes(staff[org], held)
            if draw.random() < max(0.05, 5000 / texts):
                past.append((name, text, staff[org]))
        made.rows.append({"activity_id": name, "org_id": f"O{org:06d}", "place": None, "held_at": held, "recorded_at": held + timedelta(days=4),
                          "carrier_id": None, "participants": None, "minutes": text})
    return made


ACTS = pa.schema([
    ("activity_id", pa.string()), ("org_id", pa.string()), ("place", pa.string()), ("held_at", pa.timestamp("us")),
    ("recorded_at", pa.timestamp("us")), ("carrier_id", pa.string()), ("participants", pa.list_(pa.string())),
])
TEXTS = pa.schema([("activity_id", pa.string()), ("minutes", pa.string())])


def look(made: World, **changes: object) -> tuple[Copies, float]:
    """The copies found in a world and the seconds it took."""
    acts = pa.Table.from_pylist(made.rows, ACTS)
    minutes = pa.Table.from_pylist(made.rows, TEXTS).to_batches(max_chunksize=16_384)
    params = text_params(load().param, **changes)
    begun = time.perf_counter()
    found = find_copies(iter(minutes), acts, made.names, params)
    return found, time.perf_counter() - begun


def report(made: World, found: Copies, seconds: float) -> Iterator[str]:
    """Recall per kind and share, rows named that are no copies, and the pace."""
    named = set(found.pairs["later_id"].to_pylist()) | {r["earlier_id"] for r in found.pairs.to_pylist() if r["both"]}
    right = {r["later_id"] for r in found.pairs.to_pylist() if made.copies.get(r["later_id"], ("",))[0] == r["earlier_id"]}
    for kind in EDIT_KINDS:
        for share in SHARES:
            rows = [a for a, (_, k, s) in made.copies.items() if k == kind and s == share]
            hit = sum(a in named for a in rows)
            yield f"{kind:10} {share:4.0%}  recall of rows {hit / max(1, len(rows)):.3f}  original named {sum(a in right for a in rows) / max(1, len(rows)):.3f}  n {len(rows)}"
    wrong = named - set(made.copies)
    yield f"precision of rows {1 - len(wrong) / max(1, len(named)):.4f} ({len(wrong)} wrong of {len(named)} named; {found.judged.num_rows} judged)"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    yield f"{len(made.rows)} texts in {seconds:.1f} s ({len(made.rows) / seconds:,.0f} a second), peak memory {memory:.2f} GiB with the world itself"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    made = world(args.texts, args.seed)
    look(world(300, 1))  # compiles the kernels: their time is a machine's first run, not a pace
    print("\n".join(report(made, *look(made))))


if __name__ == "__main__":
    main()
