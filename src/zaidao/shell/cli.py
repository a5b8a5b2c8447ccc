"""The command line: check, diagnose, template, run.

Exit codes: 0 done, 1 failed, 2 input refused, 64 usage. Messages are Chinese; progress goes to standard error at once,
so heavy imports wait until the first line is out.
"""

import argparse
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from zaidao.diagnosis.intake import Intake

DONE, FAILED, REFUSED, USAGE = 0, 1, 2, 64
NOTICE = "供核实与帮扶使用,不作为考核、问责依据"


class _Parser(argparse.ArgumentParser):
    """Usage errors leave with 64, as sysexits.h has it, and say in Chinese what was wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"用法有误:{message}。查看说明:{self.prog} --help", file=sys.stderr)
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Bad input never ends in a traceback."""
    try:
        args = _parser().parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    try:
        return int(args.command(args))
    except KeyboardInterrupt:
        print("已中断,未写出结果。", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"读写文件失败:{error.strerror or error}({error.filename or ''})。请检查路径、权限和磁盘空间。", file=sys.stderr)
        return FAILED
    except Exception as error:
        if args.debug:
            traceback.print_exc()
        print(f"程序内部出错({type(error).__name__}),未写出结果。加 --debug 再运行一次,可得到供开发者查看的详情。", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="zaidao", description=f"载道:从台账到诊断。结果{NOTICE}。")
    parser.add_argument("--debug", action="store_true", help="出错时打印详情")
    commands = parser.add_subparsers(required=True, metavar="命令", parser_class=_Parser)
    check = commands.add_parser("check", help="读取台账,列出数据问题")
    _paths(check)
    check.add_argument("--out", type=Path, help="把问题清单写到这个 CSV 文件")
    check.set_defaults(command=_check)
    diagnose = commands.add_parser("diagnose", help="读取台账并诊断,写出报告和数据")
    _paths(diagnose)
    diagnose.add_argument("--out", type=Path, required=True, help="结果文件夹")
    diagnose.add_argument("--as-of", type=_day, help="截止日,如 2026-10-31;默认为最后一次活动的次日")
    diagnose.add_argument("--from", type=_day, dest="frm", help="起始日(所在月的一日)")
    diagnose.add_argument("--to", type=_day, help="终止日(不含,所在月的一日)")
    diagnose.add_argument("--engine", type=_engine, default="duckdb", help="duckdb(默认)或 spark://主机:端口")
    diagnose.add_argument("--threads", type=int, help="最多使用的线程数")
    diagnose.set_defaults(command=_diagnose)
    template = commands.add_parser("template", help="写出空白台账模板")
    template.add_argument("file", type=Path, help="要写出的 .xlsx 文件")
    template.set_defaults(command=_template)
    serve = commands.add_parser("run", help="启动网页(仅本机可访问),附示例集团")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(command=_run)
    return parser


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="文件或文件夹", help="台账:.xlsx .xls .ods .csv,或 Parquet 文件夹")
    parser.add_argument("--strict", action="store_true", help="有任何错误即拒绝")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期,请写成 2026-10-31") from None


def _engine(text: str) -> str:
    if text == "duckdb" or text.startswith(("spark://", "local")):
        return text
    raise argparse.ArgumentTypeError(f"“{text}”不是可用的计算引擎,请用 duckdb 或 spark://主机:端口")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _read(args: argparse.Namespace) -> "Intake | None":
    """The input, with counts said; None (and why) where it is refused."""
    _say("正在读取台账……")
    missing = [p for p in args.paths if not p.exists()]
    for path in missing:
        _say(f"找不到:{path}。请检查路径是否写对。")
    if missing:
        return None
    from zaidao.diagnosis import intake

    read = intake.read(args.paths, progress=lambda share, message: _say(f"  {share:4.0%} {message}"))
    for count in read.counts:
        _say(f"  {count.file} {count.sheet}:读取 {count.read} 行,采用 {count.used},退回 {count.refused},无数据 {count.no_data}")
    found = intake.summary(read)
    _say(f"  问题:错误 {found['error']},警告 {found['warning']},提示 {found['note']}")
    if read.refused:
        _list(read.errors)
        _say(read.refused)
    elif args.strict and read.errors:
        _list(read.errors)
        _say("按 --strict 的要求,有错误时不继续。请更正后再试。")
    return None if read.refused or (args.strict and read.errors) else read


def _list(problems: Sequence[Any], most: int = 20) -> None:
    for p in problems[:most]:
        _say(f"  {p.file} {p.sheet} {p.cell} {p.value}:{p.reason} {p.remedy}")
    if len(problems) > most:
        _say(f"  ……另有 {len(problems) - most} 处,见问题清单。")


def _check(args: argparse.Namespace) -> int:
    read = _read(args)
    if read is None:
        return REFUSED
    _list(read.errors)
    if args.out:
        from dataclasses import asdict

        from zaidao.engine import outputs

        outputs.write_problems([asdict(p) for p in read.problems], args.out)
        _say(f"问题清单已写到 {args.out}")
    return DONE


def _diagnose(args: argparse.Namespace) -> int:
    if args.frm and args.to and args.frm >= args.to:
        _say("用法有误:--from 必须早于 --to。")
        return USAGE
    if args.out.exists() and not _replaceable(args.out):
        _say(f"{args.out} 已存在且不是诊断结果,为免覆盖,请换一个文件夹。")
        return USAGE
    read = _read(args)
    if read is None:
        return REFUSED
    _say("正在诊断……")
    from zaidao.engine import outputs, run

    try:
        result = run.diagnose(
            read.facts, as_of=args.as_of, frm=args.frm, to=args.to, engine=args.engine, threads=args.threads,
            progress=lambda step, done: _say(f"  {done:4.0%} {step}"),
        )
    except ValueError as refusal:
        if args.debug:
            raise
        _say(str(refusal))
        return REFUSED
    outputs.write(result, args.out, read.problems, read.counts)
    m = result.manifest
    _say(f"截止日 {m['as_of']},统计期 {m['window']['from']} 至 {m['window']['to']}(不含);提示 {m['findings']} 条。{NOTICE}。")
    for warning in m["warnings"]:
        _say(f"注意:{warning}")
    _say(f"结果在 {args.out},请先看 report.html。")
    return DONE


def _replaceable(out: Path) -> bool:
    """An empty folder, or an earlier run's."""
    return out.is_dir() and (not any(out.iterdir()) or (out / "manifest.json").exists())


def _template(args: argparse.Namespace) -> int:
    from zaidao.diagnosis.columns import SHEETS
    from zaidao.sheets import template

    args.file.write_bytes(template.workbook(SHEETS))
    _say(f"空白模板已写到 {args.file}")
    return DONE


def _run(args: argparse.Namespace) -> int:
    _say("正在启动网页……")
    from zaidao.shell import web

    try:
        web.serve(port=args.port)
    except web.PortTaken:
        _say(f"端口 {args.port} 已被别的程序使用。请关闭它,或换一个端口:zaidao run --port {args.port + 1}")
        return FAILED
    return DONE
