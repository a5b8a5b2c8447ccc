"""Settings come from the environment: each is described, and a wrong one stops the start with a sentence."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from zaidao.config import database, env

ROOT = Path(__file__).parents[2]
READERS = {"text", "flag", "number", "choice", "names", "folder"}


def read_names() -> Iterator[str]:
    """Every variable that the settings ask for; an f-string's end is filled from the words beside it."""
    for file in (ROOT / "src/zaidao/config").glob("*.py"):
        for call in (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in READERS and ast.unparse(call.func.value) == "env":
                name = call.args[0]
                if isinstance(name, ast.Constant):
                    yield str(name.value)
                else:
                    assert ast.unparse(name) == "f'ZAIDAO_OIDC_{part}'", ast.unparse(name)
                    yield from ("ZAIDAO_OIDC_ID", "ZAIDAO_OIDC_SECRET", "ZAIDAO_OIDC_URL")


def described() -> list[str]:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(ZAIDAO_\w+)` \|", page, re.MULTILINE)


def test_every_setting_is_described_and_every_description_is_of_a_setting() -> None:
    assert sorted(described()) == sorted(set(read_names()))
    assert len(described()) > 20


def test_every_setting_that_other_pages_and_files_name_exists() -> None:
    files = [p for top in ("docs", "deploy") for p in (ROOT / top).rglob("*") if p.is_file()]
    files += [ROOT / name for name in ("compose.yaml", "Dockerfile", "README.md", "README.zh-CN.md", "CONTRIBUTING.md")]
    known = set(described()) | {f"{name}_FILE" for name in described()} | {"ZAIDAO_VERSION"}  # the tag of the image
    for file in files:
        assert set(re.findall(r"ZAIDAO_[A-Z_]+[A-Z]", file.read_text(encoding="utf-8"))) <= known, file


def start(place: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A command in an environment of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZAIDAO_", "DJANGO_"))} | {"ZAIDAO_VAR": str(place)}
    command = [sys.executable, "-m", "zaidao", *words]
    return subprocess.run(command, env=kept | variables, capture_output=True, text=True, check=False, cwd=place)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ZAIDAO_HOST": "zaidao.example.cn"}, "不认识的设置:ZAIDAO_HOST。"),
        ({"ZAIDAO_HTTPS": "maybe"}, "ZAIDAO_HTTPS 应为 1 或 0,现在是“maybe”。"),
        ({"ZAIDAO_DATABASE_URL": "mysql://a@b/c"}, "ZAIDAO_DATABASE_URL 只支持 PostgreSQL"),
    ],
)
def test_a_wrong_setting_stops_every_command_with_its_sentence(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    done = start(tmp_path, "upgrade", **variables)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "zaidao.sqlite3").exists()


def test_a_database_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Port 1 of this machine: nothing listens."""
    done = start(tmp_path, "backup", "a.zip", ZAIDAO_DATABASE_URL="postgresql://zaidao:verysecret@127.0.0.1:1/zaidao")
    assert done.returncode == 1
    assert "连接不上数据库" in done.stderr
    assert "verysecret" not in done.stderr
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.db", "postgres//a", "postgresql://a:b@c:port/d"])
def test_an_address_that_is_no_postgresql_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="ZAIDAO_DATABASE_URL"):
        database.settings(url, tmp_path)


def test_an_address_gives_postgresql_with_the_password_from_its_own_secret(tmp_path: Path) -> None:
    found = database.settings("postgresql://zaidao@db:5432/office", tmp_path, "p@ss/word")["default"]
    told = {"HOST": "db", "PORT": 5432, "NAME": "office", "USER": "zaidao", "PASSWORD": "p@ss/word"}
    assert {k: found[k] for k in told} == told
    assert (found["ENGINE"], found["CONN_HEALTH_CHECKS"]) == ("django.db.backends.postgresql", True)
    by_socket = database.settings("postgresql://zaidao@%2Fvar%2Frun%2Fpostgresql/zaidao", tmp_path)["default"]
    assert by_socket["HOST"] == "/var/run/postgresql"
    assert by_socket["OPTIONS"] == {"options": "-c random_page_cost=1.1 -c work_mem=16MB"}
    own = database.settings("postgresql://zaidao@db/office?options=-c%20work_mem%3D8MB&sslmode=require", tmp_path)["default"]
    assert own["OPTIONS"] == {"options": "-c work_mem=8MB", "sslmode": "require"}


def test_a_password_without_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="ZAIDAO_DATABASE_PASSWORD"):
        database.settings("", tmp_path, "secret")


def test_without_an_address_it_is_one_file_under_the_data(tmp_path: Path) -> None:
    assert database.settings("", tmp_path)["default"]["NAME"] == tmp_path / "zaidao.sqlite3"


def test_a_missing_driver_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ImproperlyConfigured, match=r"zaidao\[postgres\]"):
        database.settings("postgresql://zaidao@db/zaidao", tmp_path)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("ten", lambda: env.number("ZAIDAO_TEST_X", 5)),
        ("-1", lambda: env.number("ZAIDAO_TEST_X", 5)),
        ("0", lambda: env.number("ZAIDAO_TEST_X", 5, least=1)),
        ("ja", lambda: env.flag("ZAIDAO_TEST_X")),
        ("later", lambda: env.choice("ZAIDAO_TEST_X", ["worker", "inline"], "worker")),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(value: str, read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAIDAO_TEST_X", value)
    assert callable(read)
    with pytest.raises(ImproperlyConfigured, match=f"ZAIDAO_TEST_X .*{value}"):
        read()


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("kept apart\n", encoding="utf-8")
    monkeypatch.setenv("ZAIDAO_TEST_X_FILE", str(tmp_path / "secret"))
    assert env.text("ZAIDAO_TEST_X") == "kept apart"
    monkeypatch.setenv("ZAIDAO_TEST_X_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match="ZAIDAO_TEST_X_FILE"):
        env.text("ZAIDAO_TEST_X")


def test_behind_a_proxy_its_word_counts_and_otherwise_not() -> None:
    code = (
        "from zaidao.config import settings as s\n"
        "print(s.SECURE_PROXY_SSL_HEADER, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.ALLOWED_HOSTS[-1])"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZAIDAO_", "DJANGO_"))} | {"ZAIDAO_SECRET_KEY": "tests"}
    for given, said in (
        ({"ZAIDAO_HOSTS": "zaidao.example.cn", "ZAIDAO_PROXIES": "1"}, "('HTTP_X_FORWARDED_PROTO', 'https') True True zaidao.example.cn"),
        ({}, "None False False [::1]"),
    ):
        done = subprocess.run([sys.executable, "-c", code], env=kept | given, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said
