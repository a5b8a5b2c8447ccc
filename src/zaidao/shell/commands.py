"""Commands that keep the system: serve, backup, restore, upgrade. Each says in Chinese what it did, or why not."""

import argparse
import os
from collections.abc import Callable

from zaidao.core import logs

DONE, FAILED, REFUSED = 0, 1, 2

Say = Callable[[str], None]


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    import django

    django.setup()


def backup(args: argparse.Namespace, say: Say) -> int:
    _django()
    from zaidao.core.errors import Refused
    from zaidao.shell.keeping import backup as keeping

    if args.file.exists():
        say(f"用法有误:{args.file} 已存在,为免覆盖,请换一个文件名。")
        return REFUSED
    try:
        told = keeping.write(args.file, say)
    except Refused as refusal:
        say(str(refusal))
        return REFUSED
    say(f"备份在 {args.file}({sum(told['rows'].values())} 行)。密钥不在其中,请单独保管:zaidao keys export。")
    return DONE


def restore(args: argparse.Namespace, say: Say) -> int:
    _django()
    from zaidao.core.errors import Refused
    from zaidao.shell.keeping import archive
    from zaidao.shell.keeping import restore as keeping

    try:
        told = keeping.read(args.file, say)
    except (Refused, archive.Damaged) as refusal:
        say(str(refusal))
        return REFUSED
    say(f"已恢复 {told['at']} 的备份,审计链与备份时一致。")
    return DONE


def upgrade(_args: argparse.Namespace, say: Say) -> int:
    _django()
    from zaidao.core.crypto import KeyMissing
    from zaidao.core.errors import Refused
    from zaidao.shell.keeping import upgrade as keeping

    try:
        made = keeping.run(say)
    except (Refused, KeyMissing) as refusal:
        say(f"升级没有完成:{refusal}")
        return FAILED
    except Exception as error:
        say(f"升级没有完成({type(error).__name__}: {_first_line(error)})。")
        say("请检查磁盘空间和数据库,再运行一次 zaidao upgrade,会接着做;仍不行的,按《升级》一文,用升级前的备份恢复。")
        return FAILED
    say(f"数据库已是最新{',升级前的备份在 ' + str(made) if made else ''}。")
    return DONE


def _first_line(error: Exception) -> str:
    """A database's further lines tell the whole row."""
    return logs.clean(str(error).partition("\n")[0])
