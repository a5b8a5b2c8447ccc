"""Names as people type them: pinyin without tones, and initials. A surname is read as a surname (单 shan, 曾 zeng, 尉迟 yuchi); the reading
that its characters mostly have (dan, ceng, weichi) is kept beside it, so that either finds the person. ü is written v.
"""

import re
from functools import lru_cache

# Surnames read otherwise than their characters mostly are (现代汉语词典, usage of the 百家姓).
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "缪": "miao", "翟": "zhai",
    "覃": "qin", "召": "shao", "员": "yun", "黑": "he", "折": "she", "秘": "bi", "种": "chong", "重": "chong", "祭": "zhai", "郇": "xun",
    "隗": "wei", "牟": "mu", "洗": "xian", "阚": "kan", "繁": "po", "都": "du", "句": "gou", "能": "nai", "番": "pan", "藏": "zang",
    "乐": "yue", "不": "fou", "卜": "bu", "乜": "nie", "佴": "nai", "薄": "bo", "适": "kuo", "炅": "gui",
    "尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai", "乐正": "yue zheng", "长孙": "zhang sun",
}
APART = re.compile(r"[·•・.‧∙\s'’\-]+")
FULL, FIRST = 200, 30  # lengths of the columns


def pinyin(name: str) -> tuple[str, str]:
    """The name's pinyin and initials, its surname read as one: 单田芳 -> ("shantianfang", "stf"). Empty for an empty name."""
    surname = name[:2] if name[:2] in SURNAMES else name[:1]
    if surname not in SURNAMES or name[1:2] in ("·", "•"):
        return common(name)
    return _joined(SURNAMES[surname].split() + _syllables(name[len(surname):]))


def common(name: str) -> tuple[str, str]:
    """The same, the surname's characters read as they mostly are: 单田芳 -> ("dantianfang", "dtf")."""
    if not is_chinese(name):
        return _joined(APART.split(name))
    head = 2 if name[:2] in SURNAMES else 1
    return _joined([s for c in name[:head] for s in _syllables(c)] + _syllables(name[head:]))


def other(name: str) -> tuple[str, str]:
    """The common reading where it differs from the surname's, else empty texts."""
    if name[:2] not in SURNAMES and name[:1] not in SURNAMES:
        return "", ""
    return ("", "") if common(name) == pinyin(name) else common(name)


def typed(term: str) -> str:
    """What somebody typed into the search, written as pinyin is kept: lower case, no spaces or dots, ü as v."""
    return APART.sub("", term.lower().replace("ü", "v"))


def _syllables(text: str) -> list[str]:
    return list(_read(text))


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[str, ...]:
    """Given names come again and again on a roster."""
    from pypinyin import lazy_pinyin  # its tables take a moment to load

    return tuple(s for part in APART.split(text) if part for s in lazy_pinyin(part))


def is_chinese(name: str) -> bool:
    """Whether any character is a Chinese one."""
    return any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U000323af" for c in name)


def _joined(parts: list[str]) -> tuple[str, str]:
    small = [p.lower().replace("ü", "v") for p in parts if p]
    return "".join(small)[:FULL], "".join(p[0] for p in small)[:FIRST]
