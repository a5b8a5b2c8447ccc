"""A mark under ZAIDAO_VAR while a restore or an upgrade is under way. It stays where one is cut off or fails, and what is half done is
not served."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

FILE = "unfinished"
RESTORE, UPGRADE = "restore", "upgrade"
SAID = {
    RESTORE: "上次恢复没有完成,或没有通过核对。请换一个空库、一个空的数据文件夹,再运行 zaidao restore。",
    UPGRADE: "上次升级没有完成。请再运行一次 zaidao upgrade。",
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
    """Take the mark away only once the block has ended well."""
    path().write_text(doing, encoding="utf-8")
    yield
    path().unlink()
