"""What may stand on the command line, and what is said in Chinese where it does not."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

from zaidao.engine.words import NOTICE

USAGE = 64  # sysexits.h: EX_USAGE
EARLIEST = 1921  # no Party organisation has records before
WORDS = {
    "usage:": "用法:", "positional arguments:": "参数:", "options:": "选项:", "show this help message and exit": "显示说明并退出",
    "the following arguments are required: ": "缺少 ", "unrecognized arguments: ": "不认识的参数 ", "expected one argument": "缺少值",
    "expected at least one argument": "缺少值", "argument ": "", "invalid choice: ": "没有 ", " (choose from ": "(可选 ",
}


class Parser(argparse.ArgumentParser):
    """Speaks Chinese; usage errors leave with 64."""

    def format_help(self) -> str:
        return _chinese(super().format_help())

    def format_usage(self) -> str:
        return _chinese(super().format_usage())

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"用法有误:{_chinese(message)}。查看说明:{self.prog} --help", file=sys.stderr)
        raise SystemExit(USAGE)


def _chinese(text: str) -> str:
    for english, chinese in WORDS.items():
        text = text.replace(english, chinese)
    return text


def parser() -> argparse.ArgumentParser:
    """`command` of what it parses is a key of `cli.COMMANDS`."""
    top = Parser(prog="zaidao", description=f"载道:从台账到诊断。结果{NOTICE}。", allow_abbrev=False)
    top.add_argument("--debug", action="store_true", help="出错时打印详情")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=Parser)
    check = commands.add_parser("check", help="读取台账,列出数据问题", allow_abbrev=False)
    _paths(check)
    check.add_argument("--out", type=_csv, metavar="文件", help="把问题清单写到这个 .csv 文件")
    diagnose = commands.add_parser("diagnose", help="读取台账并诊断,写出报告和数据", allow_abbrev=False)
    _paths(diagnose)
    _diagnosis(diagnose)
    template = commands.add_parser("template", help="写出空白台账模板", allow_abbrev=False)
    template.add_argument("file", type=_workbook, metavar="文件", help="要写出的 .xlsx 文件")
    serve = commands.add_parser("run", help="启动网页(仅本机可访问),附示例集团", allow_abbrev=False)
    serve.add_argument("--port", type=_port, default=8000, metavar="端口", help="默认 8000")
    server = commands.add_parser("serve", help="正式运行网页(先 upgrade;不带示例)", allow_abbrev=False)
    server.add_argument("--address", default="127.0.0.1", metavar="地址", help="默认 127.0.0.1;由反向代理提供 HTTPS")
    server.add_argument("--port", type=_port, default=8000, metavar="端口", help="默认 8000")
    server.add_argument("--no-worker", action="store_true", help="不带后台工作:另行运行 zaidao worker 时使用")
    backup = commands.add_parser("backup", help="把数据、上传的文件和结果备份到一个文件(不含密钥)", allow_abbrev=False)
    backup.add_argument("file", type=_archive, metavar="文件", help="要写出的 .zip 文件")
    restore = commands.add_parser("restore", help="把备份恢复到空的地方,并核对", allow_abbrev=False)
    restore.add_argument("file", type=_archive, metavar="文件", help="备份的 .zip 文件")
    commands.add_parser("upgrade", help="先备份,再把数据库升级到程序的版本", allow_abbrev=False)
    worker = commands.add_parser("worker", help="只做后台工作(run 已自带;网页另行部署时使用)", allow_abbrev=False)
    worker.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    admin = commands.add_parser("admin", help="设立首位管理员,给出启用码", allow_abbrev=False)
    admin.add_argument("work_no", metavar="工号")
    admin.add_argument("name", metavar="姓名")
    admin.add_argument("--more", metavar="理由", help="已有管理员时,另设一位或恢复一位的理由")
    admin.add_argument("--duty", choices=["system", "security", "audit"], metavar="职责", help="只担任一项:system、security 或 audit")
    _keys(commands.add_parser("keys", help="密钥:核对、更换、重新加密、另存", allow_abbrev=False))
    return top


def _keys(command: argparse.ArgumentParser) -> None:
    what = command.add_subparsers(dest="what", required=True, metavar="做什么", parser_class=Parser)
    what.add_parser("check", help="核对密钥文件与数据库是否相符", allow_abbrev=False)
    what.add_parser("rotate", help="启用新密钥,旧密钥仍用于读取", allow_abbrev=False)
    what.add_parser("rewrite", help="把旧密钥写的内容用现用密钥重新加密,可中断、可重来", allow_abbrev=False)
    what.add_parser("export", help="另存密钥文件", allow_abbrev=False).add_argument("file", type=Path, metavar="文件", help="要写出的文件")
    rescue = what.add_parser("rescue", help="密钥全部丢失时,把读得出的组织、人员、任职写成工作簿", allow_abbrev=False)
    rescue.add_argument("file", type=_workbook, metavar="文件", help="要写出的 .xlsx 文件")


def _paths(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", type=Path, metavar="文件或文件夹", help="台账:.xlsx .xls .ods .csv,或 Parquet 文件夹")
    command.add_argument("--strict", action="store_true", help="有任何错误即拒绝")


def _diagnosis(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="文件夹", help="结果文件夹")
    command.add_argument("--as-of", type=_day, metavar="日期", help="截止日,如 2026-10-31;默认为最后一次活动的次日")
    command.add_argument("--from", type=_day, dest="frm", metavar="日期", help="统计期从该日所在月起")
    command.add_argument("--to", type=_day, metavar="日期", help="统计期到该日所在月之前止")
    command.add_argument("--engine", type=_engine, default="duckdb", metavar="引擎", help="duckdb(默认)或 spark://主机:端口")
    command.add_argument("--threads", type=_count, metavar="个数", help="最多使用的线程数")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期,请写成 2026-10-31") from None
    if day.year < EARLIEST:
        raise argparse.ArgumentTypeError(f"“{text}”早于 {EARLIEST} 年,请核对年份")
    return day


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1024):
        raise argparse.ArgumentTypeError(f"“{text}”不是 1 至 1024 的整数")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"“{text}”不是 1 至 65535 的端口号")
    return int(text)


def _engine(text: str) -> str:
    if text == "duckdb" or text.startswith(("spark://", "local")):
        return text
    raise argparse.ArgumentTypeError(f"“{text}”不是可用的计算引擎,请用 duckdb 或 spark://主机:端口")


def _csv(text: str) -> Path:
    return _ending(text, ".csv")


def _workbook(text: str) -> Path:
    return _ending(text, ".xlsx")


def _archive(text: str) -> Path:
    return _ending(text, ".zip")


def _ending(text: str, suffix: str) -> Path:
    if Path(text).suffix.lower() != suffix:
        raise argparse.ArgumentTypeError(f"“{text}”应以 {suffix} 结尾")
    return Path(text)
