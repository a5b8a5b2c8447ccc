"""Minutes from varied clauses, and the ways of reusing them: edited copies at a given rate, with names and dates exchanged."""

import random
import re
from datetime import date, timedelta

from bench.worlds import clauses as c
from bench.worlds.model import Org
from bench.worlds.words import INDUSTRIES

SLOT = re.compile(r"\{(.)\}")
DATE_TEXT = re.compile(r"(\d{4}[年.])?(\d{1,2})[月.](\d{1,2})日?")
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权"
    "收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支"
    "般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严"
)
STYLES = ("flow", "lines", "numbered", "dialogue")


class Scribe:
    """Fills templates with an industry's words; templates are parsed once. Deterministic for a given random generator."""

    def __init__(self) -> None:
        self.parsed: dict[str, list[str]] = {}
        self.words = {
            name: {"地": v[2].split(), "机": v[3].split(), "活": v[4].split(), "客": v[5].split()} for name, v in INDUSTRIES.items()
        }

    def fill_for(self, org: Org, template: str, rng: random.Random) -> str:
        return self.fill(template, self.words[org.industry], ["", ""], rng, {})

    def fill(self, template: str, words: dict[str, list[str]], names: list[str], rng: random.Random, fixed: dict[str, str]) -> str:
        parts = self.parsed.get(template)
        if parts is None:
            parts = self.parsed[template] = SLOT.split(template)
        if len(parts) == 1:
            return template
        rand, out = rng.random, []
        for i, part in enumerate(parts):
            if i % 2 == 0:
                out.append(part)
            elif part in fixed:
                out.append(fixed[part])
            elif part == "数":
                out.append(str(2 + int(rand() * 27)))
            elif part == "大":
                out.append(str(100 + int(rand() * 8900)))
            else:
                pool = words.get(part) or c.POOLS[part]
                out.append(pool[int(rand() * len(pool))])
        return "".join(out)

    def write(self, act: dict, org: Org, names: list[str], rng: random.Random) -> str:
        """Minutes of one meeting, 100-600 characters; routine ones in a line."""
        held: date = act["held_at"].date()
        rand, words = rng.random, self.words[org.industry]
        fixed = self.facts(act, names, held, rng)
        if act.get("_brief"):
            return self.fill(c.BRIEF[int(rand() * len(c.BRIEF))], words, names, rng, fixed)
        style = org.traits["style"]
        sentences = self.sentences(rng, words, names, fixed, 4 + int(rand() * 6), style)
        opener = self.fill(c.OPENERS[(org.traits["opener"] + (rand() < 0.3)) % len(c.OPENERS)], words, names, rng, fixed)
        closer = self.fill(c.CLOSERS[int(rand() * len(c.CLOSERS))], words, names, rng, fixed)
        if act.get("_moved"):
            old = act["planned_for"]
            opener += self.fill(c.POSTPONED[int(rand() * len(c.POSTPONED))], words, names, rng, {"月": str(old.month), "天": str(old.day)})
        if act.get("_campaign") is not None:
            opener += c.CAMPAIGNS[act["_campaign"]]
        if org.alike("shared_template"):
            return c.TEMPLATE_HEAD + "".join(sentences) + c.TEMPLATE_TAIL
        return opener + JOIN[style](sentences) + closer

    def facts(self, act: dict, names: list[str], held: date, rng: random.Random) -> dict[str, str]:
        titles = c.TOPICS[act["kind"]].split("|")
        near = held + timedelta(days=4 + int(rng.random() * 25))
        return {
            "年": str(held.year),
            "月": str(held.month),
            "天": str(held.day),
            "题": titles[int(rng.random() * len(titles))],
            "所": act["place"],
            "众": str(act["present"] or 0),
            "日": f"{near.month}月{near.day}日",
            "甲": names[0],
            "乙": names[-1],
        }

    def sentences(self, rng: random.Random, words: dict, names: list[str], fixed: dict[str, str], count: int, style: str) -> list[str]:
        rand, out = rng.random, []
        for i in range(count):
            one, two = int(rand() * len(names)), int(rand() * len(names))
            fixed["甲"], fixed["乙"] = names[one], names[two] if two != one else names[one - 1]
            if i >= count - 1 - (count > 6):
                text = self.fill(pick(c.DECISIONS, rand), words, names, rng, fixed)
            elif style == "dialogue" and rand() < 0.5:
                text = f"{names[one]}:“{self.fill(pick(c.SPEECHES, rand), words, names, rng, fixed)}。”" + self.fill(
                    pick(c.EVENTS, rand), words, names, rng, fixed
                )
            else:
                text = self.fill(pick(c.EVENTS, rand), words, names, rng, fixed)
            if rand() < 0.7:
                text += "," + self.fill(pick(c.REMARKS, rand), words, names, rng, fixed)
            out.append(text + ("。" if rand() < 0.85 else ";"))
        return out


def pick(pool: list[str], rand) -> str:
    return pool[int(rand() * len(pool))]


JOIN = {
    "flow": "".join,
    "lines": "\n".join,
    "numbered": lambda parts: "".join(f"{i}.{p}" for i, p in enumerate(parts, 1)),
    "dialogue": "".join,
}


def reorder(text: str, rng: random.Random) -> str:
    """The sentences of a text in another order, as in a ledger that was copied with some care."""
    parts = [p for p in re.split(r"(?<=[。;])", text) if p]
    rng.shuffle(parts)
    return "".join(parts)


def rework(text: str, rate: float, theirs: list[str], ours: list[str], held: date, rng: random.Random) -> str:
    """A copy: names exchanged one for one, dates rewritten, then `rate` of all characters replaced, dropped or added, scattered."""
    for i, name in enumerate(theirs):
        if name in text:
            text = text.replace(name, ours[i % len(ours)])
    text = DATE_TEXT.sub(lambda m: f"{held.year if m[1] else ''}{m[1][-1] if m[1] else ''}{held.month}月{held.day}日", text)
    rand, out = rng.random, []
    for char in text:
        u = rand()
        if u >= rate:
            out.append(char)
        elif u < rate * 0.6:  # replaced
            out.append(COMMON[int(rand() * len(COMMON))])
        elif u < rate * 0.8:  # something put in before it; else the character is dropped
            out.append(COMMON[int(rand() * len(COMMON))] + char)
    return "".join(out)
