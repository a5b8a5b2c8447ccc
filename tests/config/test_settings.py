"""Settings come from the environment: each is described, and a wrong one stops the start with a sentence."""

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from zaidao.config import database, env

ROOT = Path(__file__).parents[2]
READERS = {"text", "flag", "number", "choice", "names", "hosts", "origin", "secret", "folder"}


def read_names() -> Iterator[str]:
    """Every variable that the settings ask for; an f-string's end is filled from the words beside it."""
    for file in (ROOT / "src/zaidao/config").glob("*.py"):
        for call in (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in READERS and ast.unparse(call.func.value) == "env":
                yield str(ast.literal_eval(call.args[0]))


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
        ({"ZAIDAO_HTTPS": "maybe", "ZAIDAO_SECRET_KEY": "tests" * 8}, "ZAIDAO_HTTPS 应为 1 或 0,现在是“maybe”。"),
        ({"ZAIDAO_DATABASE_URL": "mysql://a@b/c"}, "ZAIDAO_DATABASE_URL 只支持 PostgreSQL"),
    ],
)
def test_a_wrong_setting_stops_every_command_with_its_sentence(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    done = start(tmp_path, "upgrade", **variables)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "zaidao.sqlite3").exists()


@pytest.mark.parametrize("words", [["worker"], ["serve", "--port", "8141"]])
def test_nothing_works_on_a_database_that_was_not_brought_up(tmp_path: Path, words: list[str]) -> None:
    done = start(tmp_path, *words)
    assert (done.returncode, "请先运行 zaidao upgrade" in done.stderr) == (1, True)


def test_a_database_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Port 1 of this machine: nothing listens."""
    done = start(tmp_path, "backup", "a.zip", ZAIDAO_DATABASE_URL="postgresql://zaidao:verysecret@127.0.0.1:1/zaidao")
    assert done.returncode == 1
    assert "连接不上数据库" in done.stderr
    assert "verysecret" not in done.stderr
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.db", "postgres//a", "postgresql://a:b@c:port/d", "postgresql:///", "postgresql://a@b/c?d=e"])
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
        ("ten", lambda: env.number("ZAIDAO_TEST_X", 5, most=9)),
        ("-1", lambda: env.number("ZAIDAO_TEST_X", 5, most=9)),
        ("0", lambda: env.number("ZAIDAO_TEST_X", 5, least=1, most=9)),
        ("10", lambda: env.number("ZAIDAO_TEST_X", 5, most=9)),
        ("9" * 5000, lambda: env.number("ZAIDAO_TEST_X", 5, most=9)),
        ("https://zaidao.example.cn", lambda: env.hosts("ZAIDAO_TEST_X")),
        ("zaidao.example.cn:443", lambda: env.hosts("ZAIDAO_TEST_X")),
        ("zaidao.example.cn/home", lambda: env.hosts("ZAIDAO_TEST_X")),
        (r"\*", lambda: env.hosts("ZAIDAO_TEST_X")),
        ("sso.example.cn", lambda: env.origin("ZAIDAO_TEST_X")),
        ("ja", lambda: env.flag("ZAIDAO_TEST_X")),
        ("later", lambda: env.choice("ZAIDAO_TEST_X", ["worker", "inline"], "worker")),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(value: str, read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAIDAO_TEST_X", value.replace("\\", ""))
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


@pytest.mark.parametrize(("held", "said"), [(b"\xff\xfe\xfa", "不是文本"), (b" \n", "是空的")])
def test_a_file_that_holds_no_secret_is_refused(held: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(held)
    monkeypatch.setenv("ZAIDAO_TEST_X_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match=f"ZAIDAO_TEST_X_FILE .*{said}"):
        env.text("ZAIDAO_TEST_X")


def test_of_a_value_and_its_file_only_one_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAIDAO_TEST_X", "one")
    monkeypatch.setenv("ZAIDAO_TEST_X_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="只能设置一个"):
        env.text("ZAIDAO_TEST_X")


def test_hosts_are_read_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAIDAO_TEST_X", "zaidao.example.cn, 10.1.2.3,.office.cn,[fd00::1]")
    assert env.hosts("ZAIDAO_TEST_X") == ["zaidao.example.cn", "10.1.2.3", ".office.cn", "[fd00::1]"]


def test_the_secret_is_made_once_for_all_who_start_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds no file and is overtaken before writing his uses the one that is there, and leaves nothing."""
    file, link = tmp_path / "secret_key", os.link

    def overtaken(source: Path, target: Path) -> None:
        target.write_text("the quicker one's", encoding="utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert env.secret("ZAIDAO_TEST_X", file) == "the quicker one's"
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["secret_key"]
    made = env.secret("ZAIDAO_TEST_X", tmp_path / "other")
    assert made == env.secret("ZAIDAO_TEST_X", tmp_path / "other")
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("ZAIDAO_TEST_X", "geheim")
    with pytest.raises(ImproperlyConfigured, match="太短"):
        env.secret("ZAIDAO_TEST_X", file)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ZAIDAO_MAIL_USER": "a@office.cn"}, "却没有设置 ZAIDAO_MAIL_HOST"),
        ({"ZAIDAO_MAIL_HOST": "mail.office.cn"}, "ZAIDAO_MAIL_FROM"),
        ({"ZAIDAO_MAIL_HOST": "mail.office.cn", "ZAIDAO_MAIL_FROM": "a@office.cn"}, ""),
    ],
)
def test_half_a_mail_server_is_none(variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said) if said else nullcontext():
        runpy.run_path(str(ROOT / "src/zaidao/config/mail.py"))


def test_behind_a_proxy_its_word_counts_and_otherwise_not() -> None:
    code = (
        "from zaidao.config import settings as s\n"
        "print(s.SECURE_PROXY_SSL_HEADER, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.ALLOWED_HOSTS[-1])"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZAIDAO_", "DJANGO_"))} | {"ZAIDAO_SECRET_KEY": "tests" * 8}
    for given, said in (
        ({"ZAIDAO_HOSTS": "zaidao.example.cn", "ZAIDAO_PROXIES": "1"}, "('HTTP_X_FORWARDED_PROTO', 'https') True True zaidao.example.cn"),
        ({}, "None False False [::1]"),
    ):
        done = subprocess.run([sys.executable, "-c", code], env=kept | given, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said
