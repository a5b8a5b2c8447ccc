"""Bring the database up to the program's version, after a backup."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from zaidao.core import calendar, keys, search
from zaidao.shell.keeping import backup, tables

FOLDER = "backups"
Tell = Callable[[str], None]


def waiting() -> list[str]:
    """Migrations that are not applied yet."""
    executor = MigrationExecutor(connection)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def fresh() -> bool:
    """Nothing was ever written to this database."""
    return "django_migrations" not in connection.introspection.table_names()


def run(tell: Tell = lambda _said: None) -> Path | None:
    """Back up where there is anything to lose, migrate, lay out what belongs to every office; the backup's file, or None.

    Raises what a migration raises: the backup is complete by then. Running it again changes nothing.
    """
    made = None
    pending = waiting()
    if pending and not fresh():
        made = _backup(tell)
    if pending:
        tell(f"正在升级数据库({len(pending)} 步)")
        call_command("migrate", verbosity=0, interactive=False)
        tables.analyse()
    keys.ensure()
    calendar.lay_out_holidays()
    if pending:
        tell("正在整理检索")
        search.rebuild()
    return made


def _backup(tell: Tell) -> Path:
    folder = Path(settings.VAR) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"before-upgrade-{timezone.localtime():%Y%m%d-%H%M%S}.zip"
    tell(f"升级前先备份到 {target}")
    backup.write(target, tell)
    return target
