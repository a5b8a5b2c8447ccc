"""A backup into an empty place: the schema it was made with, its rows and files, then up to this version; compared at the end.

What does not come to that end is marked (`unfinished`) and not served.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from zaidao.core import keys, seal, search, witness
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope
from zaidao.shell.keeping import archive, tables, unfinished

MARKS = "core.keymark"
HELD = ("accounts_user", "core_entry")  # an audit row is never removed, so a place with one is not empty
Tell = Callable[[str], None]


def read(source: Path, tell: Tell = lambda _said: None) -> dict[str, Any]:
    """Restore; returns the manifest. Raises Refused where the place is not empty or the keys are missing, archive.Damaged for the file.

    Rows come in one transaction: they are all there or none is. Files that were there before are never touched. The keys are looked at
    first, for with others everything would have to be done again in another empty place.
    """
    with archive.opened(source) as kept:
        told = archive.manifest(kept)
        archive.check(kept, told)
        tell("备份文件完整")
        _require_empty()
        _require_keys(kept, told)
        witness.set_aside()
        with unfinished.marked(unfinished.RESTORE):
            _bring_in(kept, told, tell)
            call_command("migrate", verbosity=0, interactive=False)
            keys.ensure()
            _compare(told)
            search.rebuild()  # not in backups: made from what is
            tables.analyse()
    return told


def _bring_in(kept: zipfile.ZipFile, told: dict[str, Any], tell: Tell) -> None:
    """Rows and files. Where no row was written nothing is unfinished: the place is as empty as before."""
    try:
        models = _schema(told)
        with system_scope("restore"), transaction.atomic():
            _load(kept, told, models)
    except BaseException:
        unfinished.path().unlink(missing_ok=True)
        raise
    tables.continue_numbers(models)
    tell(f"已恢复 {sum(told['rows'].values())} 行")
    _files(kept, told)


def _require_keys(kept: zipfile.ZipFile, told: dict[str, Any]) -> None:
    """The keys at hand are those that the backup was written with. Raises Refused. A backup of the first version needs none."""
    if told["rows"].get(MARKS):
        with kept.open(f"rows/{MARKS}.jsonl") as rows:
            found = [json.loads(line) for line in rows]
        wrong = keys.against_told(found)
        if wrong:
            raise Refused(*wrong)


def _require_empty() -> None:
    held = [n for n in connection.introspection.table_names() if n in HELD and _rows(n)]
    here = [top for top in archive.KEPT if any((Path(settings.VAR) / top).glob("*"))]
    if held or here:
        raise Refused("这里已有数据,不能恢复到上面。请把 ZAIDAO_VAR 指向一个空文件夹、数据库换成空库后再恢复。")


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
        return int(cursor.fetchone()[0])


def _schema(told: dict[str, Any]) -> list[type[Any]]:
    """Bring the schema to the state of the backup; its models. Rows that migrations write themselves are removed first."""
    executor = MigrationExecutor(connection)
    known = set(executor.loader.graph.nodes)
    wanted = [tuple(node) for node in told["migrations"]]
    missing = [node for node in wanted if node not in known and node not in executor.loader.replacements]
    if missing:
        raise Refused(f"备份来自更新的版本({told['version']}),这个版本没有 {missing[0][0]} 的 {missing[0][1]}。请先升级程序再恢复。")
    leaves = tables.leaves(executor.loader, set(wanted))
    executor.migrate(leaves)
    apps = executor.loader.project_state(leaves).apps
    found = tables.models_of(apps)
    unlike = set(told["rows"]) ^ {m._meta.label_lower for m in found}
    if unlike:
        raise Refused(f"备份的表与这个版本不一致:{'、'.join(sorted(unlike))}。请用做备份的版本恢复。")
    return found


def _load(kept: zipfile.ZipFile, told: dict[str, Any], models: list[type[Any]]) -> None:
    for model in models:
        label = model._meta.label_lower
        if model._base_manager.exists():
            model._base_manager.all().delete()  # what migrations laid out (content types)
        with kept.open(f"rows/{label}.jsonl") as rows:
            try:
                stored = tables.store(model, _text(rows))
            except (ValueError, TypeError, IntegrityError, DataError, ValidationError) as error:  # not what we wrote: it quotes the row
                raise archive.Damaged(f"{label} 的内容与表不符。请换一份备份。") from error
        if stored != told["rows"][label]:
            raise archive.Damaged(f"{label} 应有 {told['rows'][label]} 行,读到 {stored} 行。")


def _text(rows: IO[bytes]) -> Iterator[str]:
    return (line.decode() for line in rows)


def _files(kept: zipfile.ZipFile, told: dict[str, Any]) -> None:
    for name in (n for n in told["members"] if n.startswith("files/")):
        target = Path(settings.VAR) / name.removeprefix("files/")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with kept.open(name) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
        target.chmod(0o600)


def _compare(told: dict[str, Any]) -> None:
    """The audit chain ends where it ended, and nothing in it was changed; the keys fit. Raises Refused."""
    head = seal.head()
    if (head.digest if head else "") != told["audit"]:
        raise Refused("恢复后审计链的末尾与备份时不同,请不要使用这份数据,并联系维护人员。")
    wrong = keys.check() or [fault.text for fault in seal.verify()]
    if wrong:
        raise Refused(*wrong[:5])
