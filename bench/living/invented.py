"""Invented people: names, identity numbers that begin with 999999 and add up, dates of a life in the Party."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from zaidao.organisations import names
from zaidao.sheets.identity import check_character

COMMON = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
RARE = ("单", "仇", "解", "查", "区", "尉迟", "欧阳", "缪", "翟", "牟")  # one in a thousand each
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧巧美建国文斌志宏海燕晓东红玉兰春梅"
    "鹏飞雪梦琪浩然子轩宇航佳怡思远博立新振业光辉永康庆云长青"
)
LONGEST = 14_600  # days over which births are spread
AREA = "999999"  # no such place: these numbers belong to nobody


@dataclass(frozen=True)
class Made:
    """What is invented of one person."""

    name: str
    born_on: date
    gender: str
    id_no: str
    phone: str


class Inventor:
    """People one after another; the same seed gives the same."""

    def __init__(self, seed: int, day: date) -> None:
        self.draw = random.Random(seed)
        self.first = day - timedelta(days=LONGEST + 22 * 365)

    def person(self, n: int) -> Made:
        born = self.first + timedelta(days=n % LONGEST)
        number = f"{AREA}{born:%Y%m%d}{n // LONGEST:03d}"
        gender = "男" if int(number[16]) % 2 else "女"
        return Made(self.name(), born, gender, number + check_character(number), f"1990{n:07d}")

    def name(self) -> str:
        surname = self.draw.choice(RARE) if self.draw.random() < 0.01 else COMMON[int(len(COMMON) * self.draw.random() ** 2)]
        given = self.draw.choice(GIVEN)
        return surname + given + (self.draw.choice(GIVEN[:40]) if self.draw.random() < 0.8 else "")


@lru_cache(maxsize=200_000)
def typed(name: str) -> tuple[str, str, str, str]:
    """pinyin, initials, and the common reading of both where it differs: worked out once a name."""
    return (*names.pinyin(name), *names.other(name))
