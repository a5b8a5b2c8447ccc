"""Bring the database up to the program's version, after a backup."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from zaidao.core import calendar, keys, search, witness
from zaidao.core.errors import Refused
from zaidao.shell.keeping import backup, tables, unfinished

FOLDER = "backups"
Tell = Callable[[str], None]


def waiting() -> list[str]:
    """Migrations that are not applied yet."""
    executor = MigrationExecutor(connection)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def behind() -> list[str]:
    """The same of a database that is in use, in one statement."""
    applied = set(MigrationRecorder(connection).migration_qs.values_list("app", "name"))
    return [f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes if (app, name) not in applied]


def fresh() -> bool:
    """Nothing was ever written to this database."""
    return "django_migrations" not in connection.introspection.table_names()


def run(tell: Tell = lambda _said: None) -> Path | None:
    """Back up where there is anything to lose, migrate, lay out what belongs to every office; the backup's file, or None.

    Raises what a migration raises: the backup is complete by then. Running it again goes on where it was cut off, or changes nothing.
    Raises Refused upon what is left of a restore.
    """
    if unfinished.what() == unfinished.RESTORE:
        raise Refused(unfinished.sentence())
    pending, new = waiting(), fresh()
    if not pending and not unfinished.what():
        _lay_out()
        return None
    made = _backup(tell) if pending and not new else None
    if new:
        witness.set_aside()
    with unfinished.marked(unfinished.UPGRADE):
        tell(f"正在{'建立' if new else '升级'}数据库({len(pending)} 步)")
        call_command("migrate", verbosity=0, interactive=False)
        tables.analyse()
        _lay_out()
        tell("正在整理检索")
        search.rebuild()
    return made


def _lay_out() -> None:
    keys.ensure()
    calendar.lay_out_holidays()


def _backup(tell: Tell) -> Path:
    folder = Path(settings.VAR) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"before-upgrade-{timezone.localtime():%Y%m%d-%H%M%S}.zip"
    tell(f"升级前先备份到 {target}")
    backup.write(target, tell)
    return target
