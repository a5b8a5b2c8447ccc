"""`zaidao admin`: the first administrator, or one more with a reason; the code goes to standard output and nowhere else."""

import argparse
import os
from collections.abc import Callable

DONE, FAILED, REFUSED = 0, 1, 2
Say = Callable[[str], None]


def run(args: argparse.Namespace, say: Say) -> int:
    """Make or restore the administrator that `args` names; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    import django

    django.setup()
    from zaidao.core import keys
    from zaidao.core.errors import Refused
    from zaidao.shell.keeping import upgrade

    wrong = ["数据库还没有建好,或还没有升级到这个版本。请先运行 zaidao upgrade。"] if upgrade.waiting() else keys.check()
    for sentence in wrong:
        say(sentence)
    if wrong:
        return FAILED
    try:
        _make(args, say)
    except Refused as refusal:
        say(f"没有办理:{refusal}。")
        return REFUSED
    return DONE


def _make(args: argparse.Namespace, say: Say) -> None:
    from zaidao.accounts.actions import first
    from zaidao.accounts.logins import plain

    told = {"work_no": plain(args.work_no), "name": args.name.strip(), "reason": args.more or "", "duty": args.duty or ""}
    code = first.administrator(**told)
    say(f"{args.name}({plain(args.work_no)})可以担任管理员。请打开网页的“第一次登录,或有重设码”,输入工号和下面的码,自己设置密码。")
    say("这个码只显示这一次。忘记了,重新运行本命令即可换发。")
    print(code)
