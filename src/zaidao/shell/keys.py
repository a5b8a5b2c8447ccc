"""`zaidao keys`: check the keys, put in a new one, write everything anew with it, keep a copy apart, save what is left."""

import argparse
import os
from collections.abc import Callable

DONE, FAILED, USAGE = 0, 1, 64
Say = Callable[[str], None]


def run(args: argparse.Namespace, say: Say) -> int:
    """Do what `args.what` names; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    import django

    django.setup()
    from django.db.utils import OperationalError, ProgrammingError

    from zaidao.core.crypto import KeyMissing

    try:
        return WHAT[args.what](args, say)
    except KeyMissing as missing:
        say(str(missing))
    except (OperationalError, ProgrammingError):
        say("数据库还没有建好,或连接不上。请先运行 zaidao upgrade,或检查 ZAIDAO_DATABASE_URL、ZAIDAO_VAR。")
    return FAILED


def _check(_: argparse.Namespace, say: Say) -> int:
    from zaidao.core import crypto, keys

    wrong = keys.check()
    for sentence in wrong:
        say(sentence)
    if wrong:
        return FAILED
    say(f"密钥文件 {crypto.path()} 与数据库相符;现用密钥 {crypto.ring().active},待重新加密 {keys.waiting()} 处。")
    return DONE


def _rotate(_: argparse.Namespace, say: Say) -> int:
    from zaidao.core import crypto, keys

    name = keys.rotate()
    say(f"已启用新密钥 {name};旧密钥仍用于读取。请马上另存密钥文件 {crypto.path()}(zaidao keys export),再运行 zaidao keys rewrite。")
    return DONE


def _rewrite(_: argparse.Namespace, say: Say) -> int:
    from zaidao.core import keys

    keys.ensure()
    total = keys.waiting()
    done, lost = keys.rewrite(tell=lambda count: say(f"  {count}/{total}"))
    say(f"已用现用密钥重新加密 {done} 处。")
    if lost:
        say(f"另有 {lost} 处现有密钥读不出,未改动。请从密钥备份中恢复后再运行一次。")
    return FAILED if lost else DONE


def _export(args: argparse.Namespace, say: Say) -> int:
    from zaidao.core import keys

    if args.file.exists():
        say(f"用法有误:{args.file} 已存在,为免覆盖,请换一个文件名。")
        return USAGE
    keys.export(args.file)
    say(f"密钥已另存到 {args.file}。请与数据库备份分开保管;有了它和数据库,就能读出全部敏感信息。")
    return DONE


def _rescue(args: argparse.Namespace, say: Say) -> int:
    from django.utils import timezone

    from zaidao.core import keys
    from zaidao.core.scope import system_scope
    from zaidao.organisations import export

    if not keys.check():
        say("密钥齐全,不需要抢救。请在“台账导出”页导出,导出会记入审计。")
        return FAILED
    with system_scope("keys are lost"):
        held = export.rescued(timezone.localdate()).data
    with os.fdopen(os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(held)
    say(f"组织、人员、任职已写到 {args.file},不含身份号码和电话。可导入新的空数据库;原来的数据库请留着,密钥找到后仍能读。")
    return DONE


WHAT = {"check": _check, "rotate": _rotate, "rewrite": _rewrite, "export": _export, "rescue": _rescue}
