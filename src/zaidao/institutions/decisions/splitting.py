"""A document's text cut into its articles."""

import re

_HEAD = re.compile(r"^\s*(第[一二三四五六七八九十百零〇两\d]{1,8}条)[ \t\u3000]*[::、..]?", re.MULTILINE)


def split(text: str) -> list[tuple[str, str]]:
    """(label, text) of each article (第三条 …) in the order of the text; what stands before the first one is left out.

    A label that comes twice is kept twice: whoever saves is told.
    """
    heads = list(_HEAD.finditer(text))
    ends = [*(h.start() for h in heads[1:]), len(text)]
    return [(head[1], text[head.end():end].strip()) for head, end in zip(heads, ends, strict=True)] if heads else []
