"""The database: SQLite under ZAIDAO_VAR unless ZAIDAO_DATABASE_URL names a PostgreSQL."""

from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

CONNECTIONS_LAST = 600  # seconds
WRONG = "ZAIDAO_DATABASE_URL 写法不对,应为 postgresql://用户:密码@主机:端口/库名。"
# What PostgreSQL is told of the machine; an address with `options` of its own keeps them. random_page_cost: it supposes 4, the arm of a
# disk that moves. The whole database lies in memory or on a disk without one: with 4 it reads tables from end to end that an index would
# open, two to four times as long (bench/README.md). work_mem: it supposes 4MB, and puts what is joined for the numbers of a large tree
# on disk in parts; a few such joins run at once, not hundreds.
TOLD = {"random_page_cost": "1.1", "work_mem": "16MB"}


def settings(url: str, place: Path, password: str = "") -> dict[str, Any]:
    """Django's DATABASES; `password` stands apart from the address where it comes as a secret of its own.

    Raises ImproperlyConfigured for an address that is no PostgreSQL's, or where its driver is missing.
    """
    if not url and password:
        raise ImproperlyConfigured("设置了 ZAIDAO_DATABASE_PASSWORD,却没有设置 ZAIDAO_DATABASE_URL。")
    if not url:
        return {"default": sqlite(place / "zaidao.sqlite3")}
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=CONNECTIONS_LAST, conn_health_checks=True))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
        raise ImproperlyConfigured(WRONG) from error
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("ZAIDAO_DATABASE_URL 只支持 PostgreSQL;用 SQLite 请不要设置它。")
    if not found["NAME"]:
        raise ImproperlyConfigured(WRONG)
    _try_options(found.get("OPTIONS", {}))
    found["OPTIONS"] = {"options": " ".join(f"-c {name}={value}" for name, value in TOLD.items())} | found.get("OPTIONS", {})
    return {"default": found | {"PASSWORD": password} if password else found}


def _try_options(options: dict[str, Any]) -> None:
    """Raises ImproperlyConfigured for words after `?` in the address that PostgreSQL does not know, and where its driver is missing."""
    try:
        import psycopg
        from psycopg import conninfo
    except ImportError as error:
        raise ImproperlyConfigured("使用 PostgreSQL 需先安装附加组件:pip install 'zaidao[postgres]'。") from error
    try:
        conninfo.make_conninfo("", **options)
    except psycopg.ProgrammingError as error:
        raise ImproperlyConfigured(f"ZAIDAO_DATABASE_URL 中“?”后面有 PostgreSQL 不认识的选项:{'、'.join(options)}。") from error


def sqlite(file: Path) -> dict[str, Any]:
    """One file; writers take turns from the start of their transaction, so none fails half-way."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
