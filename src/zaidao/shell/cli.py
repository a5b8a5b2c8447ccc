"""The command line (docs/reference/cli.md).

Exit codes: 0 done, 1 failed, 2 input refused, 64 usage. Messages are Chinese; progress goes to standard error at once,
so heavy imports wait until the first line is out.
"""

import argparse
import errno
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaidao.engine.words import NOTICE
from zaidao.shell.usage import USAGE, parser

if TYPE_CHECKING:
    from zaidao.diagnosis.intake import Intake

DONE, FAILED, REFUSED = 0, 1, 2
CAUSES = {
    errno.ENOENT: "上级文件夹不存在", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "只读",
    errno.EISDIR: "这是一个文件夹", errno.ENOTDIR: "上级不是文件夹", errno.EEXIST: "已有同名文件", errno.ENOSPC: "磁盘空间不足",
}
NOT_STARTED = {
    "django.core.exceptions.ImproperlyConfigured", "zaidao.core.crypto.KeyMissing", "zaidao.core.errors.Refused",
    "zaidao.shell.web.NotReady",
}
UNREACHABLE = "没有完成:连接不上数据库,或数据库正忙。请检查 ZAIDAO_DATABASE_URL(没有设置的,看 ZAIDAO_VAR 能否写入)、数据库服务和磁盘空间。"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Bad input never ends in a traceback."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return COMMANDS[args.command](args)
    except KeyboardInterrupt:
        _say("已中断,未写出结果。")
    except OSError as error:
        if args.debug:
            traceback.print_exc()
        place = f"({error.filename})" if error.filename else ""
        _say(f"读写文件失败:{CAUSES.get(error.errno or 0, error.strerror or error)}{place}。请检查路径、权限和磁盘空间。")
    except Exception as error:
        if args.debug:
            traceback.print_exc()
        inside = f"程序内部出错({type(error).__name__}),未写出结果。在命令前加 --debug 再运行一次,可得到供开发者查看的详情。"
        _say(_of_the_place(error) or inside)
    return FAILED


def _of_the_place(error: Exception) -> str:
    """What a wrong setting, a lost key, a place that is not ready or an unreachable database means, in Chinese; "" for others."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}  # by name: whoever raises these has loaded them
    if names & NOT_STARTED:
        return f"没有启动:{error}"
    return UNREACHABLE if "django.db.utils.OperationalError" in names else ""


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _progress(share: float, message: str) -> None:
    _say(f"  {share:4.0%} {message}")


def _read(args: argparse.Namespace) -> "Intake | None":
    """What was read, with counts said; None where a path leads nowhere."""
    _say("正在读取台账……")
    missing = [p for p in args.paths if not p.exists()]
    for path in missing:
        _say(f"找不到:{path}。请检查路径是否写对。")
    if missing:
        return None
    from zaidao.diagnosis import intake

    read = intake.read(args.paths, progress=_progress)
    for count in read.counts:
        _say(f"  {count.file} {count.sheet}:读取 {count.read} 行,采用 {count.used},退回 {count.refused},无数据 {count.no_data}")
    found = intake.summary(read)
    _say(f"  问题:错误 {found['error']},提醒 {found['warning']},说明 {found['note']}")
    return read


def _turned_down(args: argparse.Namespace, read: "Intake") -> bool:
    """Whether the command stops here; says why."""
    if read.refused:
        _say(read.refused)
    elif args.strict and read.errors:
        _say("按 --strict 的要求,有错误时不继续。请更正后再试。")
    return bool(read.refused or (args.strict and read.errors))


def _list(problems: Sequence[Any], most: int = 20) -> None:
    for p in problems[:most]:
        place = " ".join(part for part in (p.file, p.sheet, p.cell, p.value) if part)
        _say(f"  {place}:{p.reason} {p.remedy}")
    if len(problems) > most:
        _say(f"  ……另有 {len(problems) - most} 处。全部清单:zaidao check … --out 问题清单.csv")


def _check(args: argparse.Namespace) -> int:
    if args.out and args.out.resolve() in {p.resolve() for p in args.paths}:
        _say(f"用法有误:{args.out} 是要读取的台账,问题清单请写到别的文件。")
        return USAGE
    read = _read(args)
    if read is None:
        return REFUSED
    _list(read.errors)
    if args.out:
        from dataclasses import asdict

        from zaidao.engine import outputs

        outputs.write_problems([asdict(p) for p in read.problems], args.out)
        _say(f"问题清单已写到 {args.out}")
    return REFUSED if _turned_down(args, read) else DONE


def _diagnose(args: argparse.Namespace) -> int:
    wrong = _misuse(args)
    if wrong:
        _say(f"用法有误:{wrong}")
        return USAGE
    _try_writing(args.out)
    read = _read(args)
    if read is None:
        return REFUSED
    if read.refused or args.strict:
        _list(read.errors)
    return REFUSED if _turned_down(args, read) else _judge(args, read)


def _misuse(args: argparse.Namespace) -> str:
    """What cannot be meant, in Chinese, or nothing."""
    if args.frm and args.to and args.frm >= args.to:
        return "--from 必须早于 --to。"
    if args.out.exists() and not _replaceable(args.out):
        return f"{args.out} 已存在且不是诊断结果,为免覆盖,请换一个文件夹。"
    if args.engine != "duckdb" and find_spec("pyspark") is None:
        return "使用 Spark 需先安装附加组件:pip install 'zaidao[cluster]'。"
    return ""


def _replaceable(out: Path) -> bool:
    """An empty folder, or an earlier run's."""
    return out.is_dir() and (not any(out.iterdir()) or (out / "manifest.json").exists())


def _try_writing(out: Path) -> None:
    """Raises OSError where the folder could not be made: better before minutes of work than after."""
    with tempfile.TemporaryDirectory(prefix=".zaidao-", dir=next(p for p in out.absolute().parents if p.exists())):
        pass


def _judge(args: argparse.Namespace, read: "Intake") -> int:
    _say("正在诊断……")
    from zaidao.engine import outputs, run
    from zaidao.engine.window import Refused

    try:
        result = run.diagnose(
            read.facts, as_of=args.as_of, frm=args.frm, to=args.to, engine=args.engine, threads=args.threads,
            progress=lambda step, done: _progress(done, step),
        )
    except Refused as refusal:
        _say(str(refusal))
        return REFUSED
    outputs.write(result, args.out, read.problems, read.counts)
    m = result.manifest
    _say(f"截止日 {m['as_of']},统计期 {m['window']['from']} 至 {m['window']['to']}(不含);提示 {m['findings']} 条。{NOTICE}。")
    for warning in m["warnings"]:
        _say(f"注意:{warning}")
    _say(f"结果在 {args.out},请先看 report.html。")
    return DONE


def _template(args: argparse.Namespace) -> int:
    if args.file.exists():
        _say(f"用法有误:{args.file} 已存在,为免覆盖,请换一个文件名。")
        return USAGE
    from zaidao.diagnosis.columns import SHEETS
    from zaidao.sheets import template

    args.file.write_bytes(template.workbook(SHEETS))
    _say(f"空白模板已写到 {args.file}")
    return DONE


def _run(args: argparse.Namespace) -> int:
    _say("正在启动网页……")
    from zaidao.shell import web

    web.serve(port=args.port)
    return DONE


def _worker(args: argparse.Namespace) -> int:
    if not args.parent:
        _say("后台工作已启动;按 Ctrl+C 停止。")
    from zaidao.shell import web

    web.work(args.parent)
    return DONE


def _keys(args: argparse.Namespace) -> int:
    from zaidao.shell import keys

    return keys.run(args, _say)


def _admin(args: argparse.Namespace) -> int:
    from zaidao.shell import admin

    return admin.run(args, _say)


def _serve(args: argparse.Namespace) -> int:
    from zaidao.shell import web

    web.serve_in_earnest(args.address, args.port, worker=not args.no_worker)
    return DONE


def _keep(args: argparse.Namespace) -> int:
    from zaidao.shell import commands

    return int({"backup": commands.backup, "restore": commands.restore, "upgrade": commands.upgrade}[args.command](args, _say))


COMMANDS = {
    "check": _check, "diagnose": _diagnose, "template": _template, "run": _run, "serve": _serve, "worker": _worker, "keys": _keys,
    "admin": _admin, "backup": _keep, "restore": _keep, "upgrade": _keep,
}
