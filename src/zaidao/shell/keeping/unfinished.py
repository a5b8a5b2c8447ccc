"""A mark under ZAIDAO_VAR while a restore or an upgrade is under way, held by it alone. It stays where one is cut off or fails, and what
is half done is not served."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from zaidao.core.errors import Refused

FILE = "unfinished"
RESTORE, UPGRADE = "restore", "upgrade"
SAID = {
    RESTORE: "上次恢复没有完成,或没有通过核对。请换一个空库、一个空的数据文件夹,再运行 zaidao restore。",
    UPGRADE: "升级还没有完成。没有正在运行的 zaidao upgrade 时,请再运行一次。",
}


def path() -> Path:
    return Path(settings.VAR) / FILE


def what() -> str:
    """What was begun and did not end: RESTORE or UPGRADE; empty where nothing."""
    if not path().exists():
        return ""
    return UPGRADE if path().read_text(encoding="utf-8") == UPGRADE else RESTORE


def sentence() -> str:
    """What to do about it, in Chinese; empty where all ended."""
    return SAID.get(what(), "")


@contextmanager
def marked(doing: str) -> Iterator[None]:
    """Take the mark away only once the block has ended well. Raises Refused where another holds it."""
    with path().open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go of it where the process dies
        except BlockingIOError:
            raise Refused("另一个升级或恢复正在进行。请等它完成。") from None
        held.truncate(0)
        held.write(doing)
        held.flush()
        yield
        path().unlink(missing_ok=True)
