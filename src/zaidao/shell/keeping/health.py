"""Whether everything that has to run runs, in sentences: for the health page and for whoever is called at night."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from zaidao import __version__
from zaidao.core import calendar, keys, outbox, seal, tasks, written
from zaidao.core.worker import worker_alive
from zaidao.shell.keeping import backup, upgrade

GOOD, LOOK, WRONG = "good", "look", "wrong"
FREE = 2 * 1024**3  # bytes below which a nightly diagnosis of a large group may not fit
BACKUP_DAYS = 7  # a week without a backup is worth a look
SEAL_MINUTES = 10
FAILED_DAYS = 7

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. `advice` says what to do where it is not good."""

    name: str
    state: str
    said: str
    advice: str = ""


def look() -> list[Line]:
    """Everything, in a fixed order. A check that fails itself is a line too: the page always comes."""
    return [line for name, check in CHECKS for line in _safely(name, check)]


def _safely(name: str, check: Callable[[], Iterator[Line]]) -> list[Line]:
    try:
        return list(check())
    except Exception as error:
        log.exception("a check of the health page failed")
        return [Line(name, WRONG, f"检查时出错({type(error).__name__})", "请查看服务日志。")]


def _program() -> Iterator[Line]:
    yield Line("程序", GOOD, f"版本 {__version__};数据库 {connection.vendor}")
    pending = upgrade.behind()
    late = Line("数据库结构", WRONG, f"有 {len(pending)} 步没有升级", "请停止服务,运行 zaidao upgrade。")
    yield late if pending else Line("数据库结构", GOOD, "与程序一致")


def _worker() -> Iterator[Line]:
    alive = worker_alive()
    idle = Line("后台工作", WRONG, "没有运行,导入、诊断和提醒都会停住", "请启动 zaidao worker。")
    yield Line("后台工作", GOOD, "正在运行") if alive else idle
    recent = timezone.now() - timedelta(days=FAILED_DAYS)
    waiting, failed = tasks.counts(recent)
    said = f"排队 {waiting} 项,近 {FAILED_DAYS} 天未完成 {failed} 项"
    yield Line("任务", LOOK if failed else GOOD, said, "请在服务日志中查看原因。" if failed else "")
    stuck = len(outbox.stuck())
    said = f"多次未送达 {stuck} 条" if stuck else "都已送达"
    yield Line("内部通知", LOOK if stuck else GOOD, said, "请把服务日志交给维护人员。" if stuck else "")


def _audit() -> Iterator[Line]:
    """The chain, what its last verification found, and whether it still holds what the last backup saw."""
    told = _last_backup()
    head, left = seal.head(told.get("audit", "")), seal.unsealed()
    if head is None:
        yield Line("审计链", GOOD if not left else LOOK, f"尚未封存;等待封存 {left} 条")
    else:
        late = left and timezone.now() - head.at > timedelta(minutes=SEAL_MINUTES)
        said = f"已封存 {head.entries} 条,末尾 {head.digest[:12]};等待封存 {left} 条"
        yield Line("审计链", LOOK if late else GOOD, said, "后台工作没有按时封存,请检查它是否在运行。" if late else "")
    if head and head.found:
        yield Line("审计核对", WRONG, f"最近一次核对发现 {head.found} 处不一致", "请保留现场,通知审计管理员。")
    if told.get("audit") and not (head and head.holds):
        yield Line("审计链与备份", WRONG, "审计链里找不到上次备份时的末尾", "审计记录可能被截断,请通知审计管理员。")


def _keys() -> Iterator[Line]:
    wrong = keys.check()
    yield Line("密钥", WRONG, "".join(wrong), "请见《管理密钥》。") if wrong else Line("密钥", GOOD, "齐全;请确认另有一份单独保管")


def _sign_in() -> Iterator[Line]:
    """A demonstration goes without a second factor, and says itself what it is."""
    if not settings.DEMO:
        asked = Line("第二重验证", GOOD, "能看他人敏感信息的、管理系统的,都须设置")
        left_off = Line("第二重验证", LOOK, "没有要求:密码泄露就能看到他人的身份号码、电话", "请去掉设置 ZAIDAO_SECOND_FACTOR=0。")
        yield asked if settings.SECOND_FACTOR_REQUIRED else left_off


def _disk() -> Iterator[Line]:
    free = shutil.disk_usage(settings.VAR).free
    yield Line("磁盘", LOOK if free < FREE else GOOD, f"剩余 {free / 1024**3:.1f} GB", "请清理或扩容。" if free < FREE else "")


def _last_backup() -> dict[str, str]:
    """What the last backup noted; empty where there was none."""
    note = Path(settings.VAR) / backup.NOTE
    return dict(json.loads(note.read_text(encoding="utf-8"))) if note.exists() else {}


def _backup() -> Iterator[Line]:
    told = _last_backup()
    if not told:
        yield Line("备份", LOOK, "还没有做过备份", "请运行 zaidao backup 文件.zip,并把文件放到别的机器上。")
        return
    at = datetime.fromisoformat(told["at"])
    old = timezone.now() - at > timedelta(days=BACKUP_DAYS)
    yield Line("备份", LOOK if old else GOOD, f"上次 {written.stamp(at)},文件 {told['file']}", "已超过一周,请再备份一次。" if old else "")


def _calendar() -> Iterator[Line]:
    year = timezone.localdate().year
    known = calendar.known(year)
    missing = Line("节假日表", LOOK, f"{year} 年还没有,工作日只按周末推算", "请导入当年的节假日表。")
    yield Line("节假日表", GOOD, f"{year} 年已有") if known else missing


CHECKS: tuple[tuple[str, Callable[[], Iterator[Line]]], ...] = (
    ("程序", _program), ("后台工作", _worker), ("审计链", _audit), ("密钥", _keys), ("第二重验证", _sign_in), ("磁盘", _disk),
    ("备份", _backup), ("节假日表", _calendar),
)
