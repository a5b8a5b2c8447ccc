"""The one tokeniser, of what is indexed and of what is asked: Chinese by pairs of characters, everything else by words.

Pairs find words of two characters that a segmenter would have cut otherwise, and every longer one; the last character of a run stands
for itself too, so that one character is found by beginnings alone. Numbers of persons are taken out before anything is cut.
"""

import re
import unicodedata
from dataclasses import dataclass

from zaidao.core import scrub

CJK = "\u3005\u3007\u3400-\u9fff\U00020000-\U000323af"
_APART = re.compile(r"[·•・‧∙'’]")  # stands inside a name, which is typed with it or without
_RUNS = re.compile(f"([{CJK}]+)|((?:(?![{CJK}_])\\w)+)")
LONGEST = 40  # characters of a word
MOST = 12  # tokens of a question; more would narrow no further
LONGEST_QUESTION = 60  # characters


@dataclass(frozen=True)
class Asked:
    """A token of a question. `begins`: any token that begins so is meant."""

    token: str
    begins: bool = False


def cut(text: str) -> list[str]:
    """The tokens of a text, each once, in order."""
    found: dict[str, None] = {}
    for chinese, word in _runs(text):
        found.update(dict.fromkeys([*_pairs(chinese), chinese[-1]] if chinese else [word[:LONGEST]]))
    return list(found)


def ask(question: str) -> tuple[Asked, ...]:
    """What a question wants, all of it; empty where it holds nothing to look for."""
    found: dict[Asked, None] = {}
    for chinese, word in _runs(question[:LONGEST_QUESTION]):
        if len(chinese) > 1:
            found.update(dict.fromkeys(Asked(pair) for pair in _pairs(chinese)))
        else:
            found[Asked(chinese or word[:LONGEST], begins=True)] = None
    return tuple(found)[:MOST]


def fits(asked: tuple[Asked, ...], text: str) -> bool:
    """Whether a text is found by a question, as the database judges it."""
    held = cut(text)
    return bool(asked) and all(any(t.startswith(a.token) if a.begins else t == a.token for t in held) for a in asked)


def _runs(text: str) -> list[tuple[str, str]]:
    """(Chinese run, "") or ("", word), in order; lower case, forms of the same sign as one, ü written v."""
    plain = scrub.numbers(unicodedata.normalize("NFKC", scrub.numbers(text)).lower())
    return _RUNS.findall(_APART.sub("", plain).replace("ü", "v"))


def _pairs(run: str) -> list[str]:
    return [run[at:at + 2] for at in range(len(run) - 1)]
